//! Names of the contract as names in Rust, the way progenitor makes them.

use cometapi_contract::Node;
use heck::{ToPascalCase, ToSnakeCase};
use proc_macro2::{Ident, Span};

/// A field's or parameter's name: `X-Trace` is `x_trace`, `type` is `type_`.
pub fn field(name: &str) -> String {
    guarded(name.to_snake_case(), "x")
}

/// A type's or variant's name: `image_url` is `ImageUrl`.
pub fn variant(name: &str) -> String {
    guarded(name.to_pascal_case(), "X")
}

/// A static's name: `create_speech` is `CREATE_SPEECH`.
pub fn constant(name: &str) -> String {
    name.to_snake_case().to_ascii_uppercase()
}

fn guarded(name: String, prefix: &str) -> String {
    let name = match name.chars().next() {
        Some(first) if first.is_alphabetic() => name,
        _ => format!("{prefix}{name}"),
    };
    // A keyword is no identifier as it is.
    match syn::parse_str::<syn::Ident>(&name) {
        Ok(_) => name,
        Err(_) => format!("{name}_"),
    }
}

/// An identifier from a name that this module made.
pub fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// A type of the contract, by its component's name.
pub fn named(name: &str) -> syn::Type {
    let name = ident(name);
    syn::parse_quote!(#name)
}

/// The component that a `$ref` in the contract names, as a type.
pub fn referenced(schema: &Node<'_>) -> syn::Type {
    named(schema.reference_name().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_and_digits_become_identifiers() {
        assert_eq!(field("type"), "type_");
        assert_eq!(
            field("timestamp_granularities[]"),
            "timestamp_granularities"
        );
        assert_eq!(field("X-Trace"), "x_trace");
        assert_eq!(field("5_m_tokens"), "x5_m_tokens");
        assert_eq!(variant("image_url"), "ImageUrl");
        assert_eq!(variant("1h"), "X1h");
        assert_eq!(constant("create_speech"), "CREATE_SPEECH");
    }
}

//! The type of a response that may come in several forms, of which the request chooses one.

use cometapi_contract::Node;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::emit::docs::comment as docs;
use crate::ir::input::GeneratorInput;
use crate::ir::input::OperationInput;
use crate::ir::names;
use crate::ir::names::ident;
use crate::ir::names::referenced;
use crate::ir::payload::ResponsePayload;

/// The response's name: that of its component.
pub fn name(chosen: &Node<'_>) -> Ident {
    ident(&names::variant(&chosen.key()))
}

/// All responses of that sort, each once.
pub fn all<'c>(source: &GeneratorInput<'c>) -> Vec<Node<'c>> {
    let mut found: Vec<Node<'c>> = Vec::new();
    for operation in &source.operations {
        if let Some(ResponsePayload::Selected(chosen)) = &operation.payloads.response
            && !found
                .iter()
                .any(|known| known.pointer() == chosen.pointer())
        {
            found.push(chosen.clone());
        }
    }
    found
}

/// Finds out what the request requests, as `asked`.
pub fn asked(operation: &OperationInput<'_>, chosen: &Node<'_>) -> Result<TokenStream, String> {
    let field = chosen.str("field").unwrap_or_default();
    let default = chosen.str("default").unwrap_or_default();
    if operation.body.is_none() {
        return Err(format!("nothing can choose `{field}` without a body"));
    }
    let field = ident(&names::field(field));
    Ok(quote! {
        let requested = self.body.#field.as_ref().map_or(#default, |value| value.as_str()).to_owned();
    })
}

/// The enum, and how each of its forms is read.
pub fn definition(source: &GeneratorInput<'_>, chosen: &Node<'_>) -> Result<TokenStream, String> {
    let name = name(chosen);
    if source.model.types.contains_key(&name.to_string()) {
        return Err(format!("{name} names both a response and a schema"));
    }
    let about = docs::comment(chosen.str("description").unwrap_or_default());
    let field = chosen.str("field").unwrap_or_default();
    let default = chosen.str("default").unwrap_or_default();
    let default_variant = ident(&names::variant(default));
    let default_json = chosen.get_path(&["values", default, "schema"]).is_some();
    let mut variants = Vec::new();
    let mut forms = Vec::new();
    for (value, node) in chosen.get("values").iter().flat_map(Node::entries) {
        let variant = ident(&names::variant(value));
        let own = node.str("description").map(str::to_owned);
        let about = docs::comment(&own.unwrap_or_else(|| format!("For `{value}`.")));
        let media_type = node.str("media-type").unwrap_or_default();
        match node.get("schema") {
            Some(schema) => {
                let ty = referenced(&schema);
                variants.push(quote!(#about #variant(#ty)));
                forms.push(quote!(#value => ResponseVariant::json(#media_type, Self::#variant)));
            }
            None => {
                variants.push(quote!(#about #variant(String)));
                let json = default_json.then(|| quote!(.or_json(Self::#default_variant)));
                forms.push(
                    quote!(#value => ResponseVariant::text(#media_type, Self::#variant) #json),
                );
            }
        }
    }
    Ok(quote! {
        #about
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants,)*
            /// The body of a form that the contract doesn't list, as text.
            Other(String),
        }

        impl crate::runtime::codegen::SelectedResponse for #name {
            const FIELD: &'static str = #field;
            const DEFAULT: &'static str = #default;

            fn variant(requested: &str) -> crate::runtime::codegen::ResponseVariant<Self> {
                use crate::runtime::codegen::ResponseVariant;
                match requested {
                    #(#forms,)*
                    _ => ResponseVariant::undocumented(Self::Other),
                }
            }
        }
    })
}

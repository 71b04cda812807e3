//! Structs: their fields as they look in JSON, and how those that are sent are built.

use cometapi_contract::Node;
use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::docs::comment as docs;
use crate::emit::setters::setter;
use crate::emit::types::usage::Usage;
use crate::ir::model::{Field, RustShape, optional, required, shape};
use crate::ir::names::ident;

/// The field that keeps the properties that the contract doesn't list.
const UNKNOWN: &str = "unknown";

pub fn structure(
    usage: &Usage,
    name: &str,
    schema: &Node<'_>,
    fields: &[Field],
) -> Result<TokenStream, String> {
    let docs = docs::comment(&docs::schema_text_or_key(schema));
    let is_body = usage.bodies.contains(name);
    let is_received = usage.received.contains(name);
    let keeps_unknown = schema.bool("x-keep-unknown");
    let mut ordered = Vec::new();
    for (key, property) in schema.get("properties").iter().flat_map(Node::entries) {
        // The tag of a union's variant is the union's.
        if let Some(field) = fields.iter().find(|field| field.name == key) {
            ordered.push((field, property));
        }
    }
    if ordered.len() != fields.len() {
        return Err(format!(
            "type {name}: progenitor made a field that the contract lacks"
        ));
    }
    let definitions = ordered.iter().map(|(field, property)| {
        let docs = docs::comment(&docs::schema_text_or_key(property));
        let serde = serde_attribute(field, is_body, is_received, keeps_unknown);
        let (ident, ty) = (&field.ident, field_type(field, property, is_body));
        quote!(#docs #serde pub #ident: #ty,)
    });
    if keeps_unknown && fields.iter().any(|field| field.ident == UNKNOWN) {
        return Err(format!(
            "type {name}: `{UNKNOWN}` is the field for properties that aren't listed"
        ));
    }
    let unknown = keeps_unknown.then(|| {
        quote! {
            /// Properties that the contract doesn't list, as they came. They are sent with the others.
            #[serde(flatten)]
            pub unknown: Map<String, Value>,
        }
    });
    let deserialize = (!keeps_unknown).then(|| quote!(, Deserialize));
    let is_default = is_body || !fields.iter().any(is_required);
    let default = is_default.then(|| quote!(Default,));
    let is_built = usage.sent.contains(name) && !is_body;
    let ident = ident(name);
    let constructor = is_built.then(|| constructor(&ident, &ordered, keeps_unknown));
    let decoder = keeps_unknown.then(|| keeping_decoder(&ident, &ordered, is_body, is_received));
    Ok(quote! {
        #docs
        #[derive(Clone, Debug, #default PartialEq, Serialize #deserialize)]
        #[non_exhaustive]
        pub struct #ident {
            #(#definitions)*
            #unknown
        }
        #decoder
        #constructor
    })
}

/// The decoder of a struct that keeps what the contract doesn't list. A flattened map would make serde's own decoder
/// collect such properties at a cost to each value.
fn keeping_decoder(
    name: &syn::Ident,
    fields: &[(&Field, Node<'_>)],
    is_body: bool,
    is_received: bool,
) -> TokenStream {
    let rows = fields.iter().map(|(field, property)| {
        let (ident, key) = (&field.ident, &field.name);
        let ty = field_type(field, property, is_body);
        let presence = match is_required(field) && !is_body {
            true => quote!(required),
            false => quote!(optional),
        };
        let with = decoder(field, is_body, is_received).map(|path| {
            let path: syn::Path = syn::parse_str(path).expect("a path");
            quote!(with #path)
        });
        quote!(#key => #ident: #ty, #presence #with;)
    });
    quote!(crate::runtime::keeping_struct!(#name { #(#rows)* });)
}

/// Whether a value can't be made without the field.
pub fn is_required(field: &Field) -> bool {
    !field.defaulted && optional(&field.ty).is_none()
}

/// All of a body is optional, so that its builder can fill it field by field.
fn field_type(field: &Field, property: &Node<'_>, is_body: bool) -> TokenStream {
    let ty = &field.ty;
    match optional(ty) {
        // What is seldom there takes the room of a pointer: values are moved more often than made.
        Some(inner) if is_rare(property) => quote!(Option<Box<#inner>>),
        None if is_body => quote!(Option<#ty>),
        _ => quote!(#ty),
    }
}

fn is_rare(property: &Node<'_>) -> bool {
    property.bool("x-boxed")
}

/// The function that decodes the field, if it isn't the type's own.
fn decoder(field: &Field, is_body: bool, is_received: bool) -> Option<&'static str> {
    if is_body || optional(&field.ty).is_some() {
        return match shape(required(&field.ty)) {
            RustShape::Integer if is_received => Some("crate::runtime::lenient::integer"),
            RustShape::Float if is_received => Some("crate::runtime::lenient::number"),
            _ => None,
        };
    }
    field
        .defaulted
        .then_some("crate::runtime::lenient::null_as_default")
}

/// How the field looks in JSON, and what it takes besides.
fn serde_attribute(
    field: &Field,
    is_body: bool,
    is_received: bool,
    keeps_unknown: bool,
) -> TokenStream {
    let ident = field.ident.to_string();
    let rename = (ident != field.name).then(|| {
        let name = &field.name;
        quote!(rename = #name,)
    });
    let is_optional = is_body || optional(&field.ty).is_some();
    let lenient = decoder(field, is_body, is_received);
    let lenient = (!keeps_unknown)
        .then_some(lenient)
        .flatten()
        .map(|path| quote!(default, deserialize_with = #path,));
    if is_optional {
        return quote!(#[serde(#rename #lenient skip_serializing_if = "Option::is_none")]);
    }
    if field.defaulted {
        let is_empty = match shape(&field.ty) {
            RustShape::Vec(_) => "Vec::is_empty",
            // A map of any JSON is serde_json's own.
            RustShape::Map(entry) if matches!(shape(entry), RustShape::Value) => "Map::is_empty",
            _ => "BTreeMap::is_empty",
        };
        return quote! {
            #[serde(#rename #lenient skip_serializing_if = #is_empty)]
        };
    }
    match rename {
        Some(rename) => quote!(#[serde(#rename)]),
        None => TokenStream::new(),
    }
}

/// `new` with what is required, and a setter for each other field.
fn constructor(
    name: &syn::Ident,
    fields: &[(&Field, Node<'_>)],
    keeps_unknown: bool,
) -> TokenStream {
    let arguments = fields
        .iter()
        .filter(|(field, _)| is_required(field))
        .map(|(field, _)| {
            let (ident, argument) = (&field.ident, setter(&field.ty, &field.ident).argument);
            quote!(#ident: #argument)
        });
    let values = fields.iter().map(|(field, _)| {
        let ident = &field.ident;
        if !is_required(field) {
            return quote!(#ident: Default::default());
        }
        match shape(&field.ty) {
            RustShape::Integer | RustShape::Float | RustShape::Bool => quote!(#ident),
            _ => {
                let value = setter(&field.ty, ident).value;
                quote!(#ident: #value)
            }
        }
    });
    let others = fields.iter().filter(|(field, _)| !is_required(field));
    let setters = others.map(|(field, property)| {
        let docs = docs::comment(&format!("Sets [`Self::{0}`].", field.ident));
        let (ident, setter) = (&field.ident, setter(required(&field.ty), &ident("value")));
        let (argument, value) = (setter.argument, setter.value);
        let value = match optional(&field.ty) {
            Some(_) if is_rare(property) => quote!(Some(Box::new(#value))),
            Some(_) => quote!(Some(#value)),
            None => value,
        };
        quote! {
            #docs
            pub fn #ident(mut self, value: #argument) -> Self {
                self.#ident = #value;
                self
            }
        }
    });
    let unknown = keeps_unknown.then(|| quote!(unknown: Default::default(),));
    let about = match fields.iter().any(|(field, _)| is_required(field)) {
        true => " With what the API requires.",
        false => " With nothing set.",
    };
    quote! {
        impl #name {
            #[doc = #about]
            pub fn new(#(#arguments),*) -> Self {
                Self {
                    #(#values,)*
                    #unknown
                }
            }
            #(#setters)*
        }
    }
}

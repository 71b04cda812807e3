//! Structs: their fields as they look in JSON, and how those that are sent are built.

use cometapi_contract::Node;
use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::docs::comment as docs;
use crate::emit::setters::setter;
use crate::emit::types::usage::Usage;
use crate::ir::model::{Field, RustShape, optional, required, shape};
use crate::ir::names::ident;

pub fn structure(
    usage: &Usage,
    name: &str,
    schema: &Node<'_>,
    fields: &[Field],
) -> Result<TokenStream, String> {
    let docs = docs::comment(&docs::schema_text_or_key(schema));
    let is_body = usage.bodies.contains(name);
    let is_received = usage.received.contains(name);
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
        let serde = serde_attribute(field, is_body, is_received);
        let (ident, ty) = (&field.ident, field_type(field, property, is_body));
        quote!(#docs #serde pub #ident: #ty,)
    });
    let is_default = is_body || !fields.iter().any(is_required);
    let default = is_default.then(|| quote!(Default,));
    let is_built = usage.sent.contains(name) && !is_body;
    let ident = ident(name);
    let constructor = is_built.then(|| constructor(&ident, &ordered));
    Ok(quote! {
        #docs
        #[derive(Clone, Debug, #default PartialEq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub struct #ident {
            #(#definitions)*
        }
        #constructor
    })
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

/// How the field looks in JSON, and what it takes besides.
fn serde_attribute(field: &Field, is_body: bool, is_received: bool) -> TokenStream {
    let ident = field.ident.to_string();
    let rename = (ident != field.name).then(|| {
        let name = &field.name;
        quote!(rename = #name,)
    });
    let is_optional = is_body || optional(&field.ty).is_some();
    if is_optional {
        let lenient = match shape(required(&field.ty)) {
            RustShape::Integer if is_received => Some("crate::runtime::lenient::integer"),
            RustShape::Float if is_received => Some("crate::runtime::lenient::number"),
            _ => None,
        };
        let lenient = lenient.map(|path| quote!(default, deserialize_with = #path,));
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
            #[serde(
                #rename
                default,
                deserialize_with = "crate::runtime::lenient::null_as_default",
                skip_serializing_if = #is_empty
            )]
        };
    }
    match rename {
        Some(rename) => quote!(#[serde(#rename)]),
        None => TokenStream::new(),
    }
}

/// `new` with what is required, and a setter for each other field.
fn constructor(name: &syn::Ident, fields: &[(&Field, Node<'_>)]) -> TokenStream {
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
                }
            }
            #(#setters)*
        }
    }
}

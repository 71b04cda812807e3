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
        let serde = serde_attribute(field, is_body);
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
            /// Properties that the API schema doesn't list, as received. They are sent with the others.
            #[serde(flatten)]
            pub unknown: Map<String, Value>,
        }
    });
    let is_default = is_body || !fields.iter().any(Field::is_required);
    let default = is_default.then(|| quote!(Default,));
    let is_built = usage.sent.contains(name) && !is_body;
    let ident = ident(name);
    let constructor = is_built.then(|| constructor(&ident, &ordered, keeps_unknown));
    let decoder = decoder_rows(&ordered, is_body, is_received);
    let kept = keeps_unknown.then(|| quote!(unknown));
    Ok(quote! {
        #docs
        #[derive(Clone, Debug, #default PartialEq, Serialize)]
        #[non_exhaustive]
        pub struct #ident {
            #(#definitions)*
            #unknown
        }
        crate::runtime::object!(#ident { #(#decoder)* } #kept);
        #constructor
    })
}

/// The rows of the decoder, which the runtime's macro makes.
fn decoder_rows(
    fields: &[(&Field, Node<'_>)],
    is_body: bool,
    is_received: bool,
) -> Vec<TokenStream> {
    let rows = fields.iter().map(|(field, property)| {
        let (ident, key) = (&field.ident, &field.name);
        let ty = field_type(field, property, is_body);
        let presence = match field.is_required() && !is_body {
            true => quote!(required),
            false => quote!(optional),
        };
        let with = field_decoder(field, is_body, is_received).map(|path| {
            let path: syn::Path = syn::parse_str(path).expect("a path");
            quote!(with #path)
        });
        quote!(#key => #ident: #ty, #presence #with;)
    });
    rows.collect()
}

/// All of a body is optional, so that its builder can fill it field by field.
fn field_type(field: &Field, property: &Node<'_>, is_body: bool) -> TokenStream {
    let ty = &field.ty;
    match optional(ty) {
        // What is seldom there takes the room of a pointer: values are moved more often than made.
        Some(inner) if is_boxed(property) => quote!(Option<Box<#inner>>),
        None if is_body => quote!(Option<#ty>),
        _ => quote!(#ty),
    }
}

fn is_boxed(property: &Node<'_>) -> bool {
    property.bool("x-boxed")
}

/// The function that decodes the field, if it isn't the type's own.
fn field_decoder(field: &Field, is_body: bool, is_received: bool) -> Option<&'static str> {
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

/// How the field is written in JSON.
fn serde_attribute(field: &Field, is_body: bool) -> TokenStream {
    let ident = field.ident.to_string();
    let rename = (ident != field.name).then(|| {
        let name = &field.name;
        quote!(rename = #name,)
    });
    let is_empty = match shape(&field.ty) {
        _ if is_body || optional(&field.ty).is_some() => Some("Option::is_none"),
        _ if !field.defaulted => None,
        RustShape::Vec(_) => Some("Vec::is_empty"),
        // A map of any JSON is serde_json's own.
        RustShape::Map(entry) if matches!(shape(entry), RustShape::Value) => Some("Map::is_empty"),
        _ => Some("BTreeMap::is_empty"),
    };
    match (is_empty, rename) {
        (Some(is_empty), rename) => quote!(#[serde(#rename skip_serializing_if = #is_empty)]),
        (None, Some(rename)) => quote!(#[serde(#rename)]),
        (None, None) => TokenStream::new(),
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
        .filter(|(field, _)| field.is_required())
        .map(|(field, _)| {
            let (ident, argument) = (&field.ident, setter(&field.ty, &field.ident).argument);
            quote!(#ident: #argument)
        });
    let values = fields.iter().map(|(field, _)| {
        let ident = &field.ident;
        if !field.is_required() {
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
    let others = fields.iter().filter(|(field, _)| !field.is_required());
    let setters = others.map(|(field, property)| {
        let docs = docs::comment(&format!("Sets [`Self::{0}`].", field.ident));
        let (ident, setter) = (&field.ident, setter(required(&field.ty), &ident("value")));
        let (argument, value) = (setter.argument, setter.value);
        let value = match optional(&field.ty) {
            Some(_) if is_boxed(property) => quote!(Some(Box::new(#value))),
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
    let about = match fields.iter().any(|(field, _)| field.is_required()) {
        true => " Creates one with its required fields.",
        false => " Creates one without any field set.",
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

//! The contract's types: open sets of strings, unions that keep what they don't know, structs
//! that take what the API is seen to send.

use std::collections::{BTreeMap, BTreeSet};

use cometapi_contract::Node;
use proc_macro2::TokenStream;
use quote::quote;

use super::setters::setter;
use super::{OperationSource, Source, docs, ident};
use crate::model::{Field, Shape, StringVariant, TypeDef, UnionVariant, optional, required, shape};
use crate::names;

/// Types that operations of several tags lead to.
const SHARED: &str = "shared";

/// A module for each tag, one for what they share, and the root that joins them.
pub fn files(source: &Source<'_>) -> Result<BTreeMap<String, TokenStream>, String> {
    let usage = Usage::new(source);
    let mut modules: BTreeMap<String, Vec<TokenStream>> = BTreeMap::new();
    for (name, def) in &source.model.types {
        let tokens = type_def(source, &usage, name, def)?;
        modules.entry(usage.module(name)).or_default().push(tokens);
    }
    let names = modules.keys().map(|name| ident(name)).collect::<Vec<_>>();
    let root = quote! {
        //! The types of the contract.
        //!
        //! Sets of strings are open: a value that the contract doesn't list is `Other`. Optional
        //! fields of answers take an absent value and null alike.

        #(mod #names;)*

        #(pub use #names::*;)*
    };
    let mut files: BTreeMap<String, TokenStream> = modules
        .into_iter()
        .map(|(name, types)| (name, module(&types)))
        .collect();
    files.insert("mod".to_owned(), root);
    Ok(files)
}

fn module(types: &[TokenStream]) -> TokenStream {
    let text: String = types.iter().map(ToString::to_string).collect();
    let mentions = |word: &str| {
        text.split(|c: char| !c.is_alphanumeric())
            .any(|part| part == word)
    };
    let map = mentions("BTreeMap").then(|| {
        quote!(
            use std::collections::BTreeMap;
        )
    });
    let value = mentions("Value").then(|| {
        quote!(
            use serde_json::Value;
        )
    });
    let object = mentions("Map").then(|| {
        quote!(
            use serde_json::Map;
        )
    });
    let serde = mentions("Serialize").then(|| {
        quote!(
            use serde::{Deserialize, Serialize};
        )
    });
    quote! {
        #map

        #serde
        #object
        #value

        #[allow(unused_imports, clippy::wildcard_imports, reason = "the types of one contract")]
        use super::*;

        #(#types)*
    }
}

/// Where a type is met: it decides its file, and what it has to be able to do.
struct Usage {
    sent: BTreeSet<String>,
    received: BTreeSet<String>,
    bodies: BTreeSet<String>,
    modules: BTreeMap<String, String>,
}

impl Usage {
    fn new(source: &Source<'_>) -> Self {
        let operations = source.operations.iter();
        let results: Vec<_> = operations
            .clone()
            .filter_map(|one| one.result.clone())
            .collect();
        let sent: Vec<_> = operations.clone().flat_map(sent_types).collect();
        let mut modules = BTreeMap::new();
        for tag in source.tags() {
            for name in source.types_of_tag(tag) {
                let module = names::field(tag);
                modules
                    .entry(name)
                    .and_modify(|other: &mut String| SHARED.clone_into(other))
                    .or_insert(module);
            }
        }
        Self {
            sent: source.model.reachable(&sent),
            received: source.model.reachable(&results),
            bodies: operations.filter_map(|one| one.body.clone()).collect(),
            modules,
        }
    }

    fn module(&self, name: &str) -> String {
        self.modules
            .get(name)
            .map_or(SHARED, String::as_str)
            .to_owned()
    }
}

fn sent_types(source: &OperationSource<'_>) -> Vec<syn::Type> {
    let body = source.body.as_deref().map(|body| {
        let body = ident(body);
        syn::parse_quote!(#body)
    });
    body.into_iter()
        .chain(source.parameters.values().cloned())
        .collect()
}

fn type_def(
    source: &Source<'_>,
    usage: &Usage,
    name: &str,
    def: &TypeDef,
) -> Result<TokenStream, String> {
    let schema = source
        .contract
        .at(&format!("/components/schemas/{name}"))
        .ok_or_else(|| format!("type {name}: the contract has no component of that name"))?;
    match def {
        TypeDef::Strings(variants) => Ok(strings(name, &schema, variants)),
        TypeDef::Union(variants) => union(name, &schema, variants),
        TypeDef::Struct(fields) => structure(usage, name, &schema, fields),
    }
}

fn strings(name: &str, schema: &Node<'_>, variants: &[StringVariant]) -> TokenStream {
    let docs = docs::comment(&docs::schema_text_or_key(schema));
    let name = ident(name);
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let values: Vec<_> = variants.iter().map(|variant| &variant.value).collect();
    let comments = values.iter().map(|value| format!(" `{value}`"));
    if schema.flag("x-closed") {
        return quote! {
            #docs
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub enum #name {
                #(#[doc = #comments] #idents,)*
            }
            crate::runtime::closed_enum!(#name { #(#idents = #values),* });
        };
    }
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum #name {
            #(#[doc = #comments] #idents,)*
            /// A value that the contract doesn't list.
            Other(String),
        }
        crate::runtime::open_enum!(#name { #(#idents = #values),* });
    }
}

fn union(name: &str, schema: &Node<'_>, variants: &[UnionVariant]) -> Result<TokenStream, String> {
    let docs = docs::comment(&docs::schema_text_or_key(schema));
    let ident = ident(name);
    let alternatives = schema
        .get("oneOf")
        .map(|list| list.items())
        .unwrap_or_default();
    if alternatives.len() != variants.len() {
        return Err(format!(
            "type {name}: {} alternatives in the contract, {} from progenitor",
            alternatives.len(),
            variants.len()
        ));
    }
    match schema.get("discriminator") {
        Some(discriminator) => tagged(&ident, docs, &discriminator, &alternatives, variants),
        None => Ok(untagged(&ident, docs, &alternatives, variants)),
    }
}

fn tagged(
    name: &syn::Ident,
    docs: TokenStream,
    discriminator: &Node<'_>,
    alternatives: &[Node<'_>],
    variants: &[UnionVariant],
) -> Result<TokenStream, String> {
    let tag = discriminator.text("propertyName").unwrap_or_default();
    let mapping = discriminator.get("mapping");
    let mapping = mapping.as_ref().map(Node::entries).unwrap_or_default();
    let mut arms = Vec::new();
    for (alternative, variant) in alternatives.iter().zip(variants) {
        let target = alternative.text("$ref").unwrap_or_default();
        let value = mapping
            .iter()
            .find(|(_, node)| node.value().as_str() == Some(target))
            .map(|(value, _)| *value)
            .ok_or_else(|| format!("type {name}: no tag for {target}"))?;
        let ident = ident(&names::variant(value));
        let docs = docs::comment(
            alternative
                .resolved()
                .text("description")
                .unwrap_or_default(),
        );
        arms.push((value, ident, docs, &variant.ty));
    }
    let values: Vec<_> = arms.iter().map(|(value, ..)| value).collect();
    let idents: Vec<_> = arms.iter().map(|(_, ident, ..)| ident).collect();
    let comments = arms.iter().map(|(_, _, docs, _)| docs);
    let types: Vec<_> = arms.iter().map(|(.., ty)| ty).collect();
    Ok(quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(tag = #tag)]
        #[non_exhaustive]
        pub enum #name {
            #(#comments #[serde(rename = #values)] #idents(#types),)*
            /// A kind that the contract doesn't list, as it came.
            #[serde(untagged)]
            Unknown(Value),
        }
        crate::runtime::tagged_union!(#name by #tag { #(#idents(#types) = #values),* });
    })
}

fn untagged(
    name: &syn::Ident,
    docs: TokenStream,
    alternatives: &[Node<'_>],
    variants: &[UnionVariant],
) -> TokenStream {
    let arms: Vec<_> = alternatives
        .iter()
        .zip(variants)
        .map(|(alternative, variant)| {
            let name = alternative
                .text("title")
                .or_else(|| alternative.reference_name());
            let ident = ident(&names::variant(name.unwrap_or("X")));
            let comment = match docs::schema_text(alternative) {
                text if text.is_empty() => as_what(alternative).to_owned(),
                text => text,
            };
            (ident, docs::comment(&comment), &variant.ty)
        })
        .collect();
    let idents: Vec<_> = arms.iter().map(|(ident, ..)| ident).collect();
    let comments = arms.iter().map(|(_, comment, _)| comment);
    let types: Vec<_> = arms.iter().map(|(.., ty)| ty).collect();
    let conversions = arms
        .iter()
        .map(|(ident, _, ty)| conversions(name, ident, ty));
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum #name {
            #(#comments #idents(#types),)*
            /// Anything that the contract doesn't list, as it came.
            Other(Value),
        }
        #(#conversions)*
    }
}

fn as_what(alternative: &Node<'_>) -> &'static str {
    match alternative.resolved().text("type") {
        Some("string") => "As a text.",
        Some("integer" | "number") => "As a number.",
        Some("boolean") => "As a flag.",
        Some("array") => "As a list.",
        _ => "As an object.",
    }
}

/// What turns into an alternative, so that a setter takes it as it is.
fn conversions(union: &syn::Ident, variant: &syn::Ident, ty: &syn::Type) -> TokenStream {
    let own = quote! {
        impl From<#ty> for #union {
            fn from(value: #ty) -> Self {
                Self::#variant(value)
            }
        }
    };
    let more = match shape(ty) {
        Shape::Text => quote! {
            impl From<&str> for #union {
                fn from(value: &str) -> Self {
                    Self::#variant(value.to_owned())
                }
            }
        },
        Shape::List(item) => quote! {
            impl<const N: usize> From<[#item; N]> for #union {
                fn from(value: [#item; N]) -> Self {
                    Self::#variant(value.into())
                }
            }
        },
        _ => TokenStream::new(),
    };
    quote!(#own #more)
}

fn structure(
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
        let (ident, ty) = (&field.ident, field_type(field, is_body));
        quote!(#docs #serde pub #ident: #ty,)
    });
    let is_default = is_body || fields.iter().all(has_default);
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

/// All of a body is optional, so that its builder can fill it field by field.
fn field_type(field: &Field, is_body: bool) -> TokenStream {
    let ty = &field.ty;
    if is_body && optional(ty).is_none() {
        quote!(Option<#ty>)
    } else {
        quote!(#ty)
    }
}

fn has_default(field: &Field) -> bool {
    field.defaulted || optional(&field.ty).is_some()
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
            Shape::Integer if is_received => Some("crate::runtime::lenient::integer"),
            Shape::Float if is_received => Some("crate::runtime::lenient::number"),
            _ => None,
        };
        let lenient = lenient.map(|path| quote!(default, deserialize_with = #path,));
        return quote!(#[serde(#rename #lenient skip_serializing_if = "Option::is_none")]);
    }
    if field.defaulted {
        let is_empty = match shape(&field.ty) {
            Shape::List(_) => "Vec::is_empty",
            // A map of any JSON is serde_json's own.
            Shape::Map(entry) if matches!(shape(entry), Shape::Json) => "Map::is_empty",
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
    let is_required = |field: &Field| !has_default(field);
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
            Shape::Integer | Shape::Float | Shape::Bool => quote!(#ident),
            _ => {
                let value = setter(&field.ty, ident).value;
                quote!(#ident: #value)
            }
        }
    });
    let setters = fields
        .iter()
        .filter(|(field, _)| !is_required(field))
        .map(|(field, _)| {
            let docs = docs::comment(&format!("Sets [`Self::{0}`].", field.ident));
            let (ident, setter) = (&field.ident, setter(required(&field.ty), &ident("value")));
            let (argument, value) = (setter.argument, setter.value);
            let value = match optional(&field.ty) {
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
    quote! {
        impl #name {
            /// With what the API requires.
            pub fn new(#(#arguments),*) -> Self {
                Self {
                    #(#values,)*
                }
            }
            #(#setters)*
        }
    }
}

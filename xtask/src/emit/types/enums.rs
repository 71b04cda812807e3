//! Sets of strings and unions, open to what the contract doesn't list.

use cometapi_contract::Node;
use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::docs::comment as docs;
use crate::ir::model::{RustShape, StringVariant, UnionVariant, shape};
use crate::ir::names;
use crate::ir::names::ident;

pub fn strings(name: &str, schema: &Node<'_>, variants: &[StringVariant]) -> TokenStream {
    let docs = docs::comment(&docs::schema_text_or_key(schema));
    let name = ident(name);
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let values: Vec<_> = variants.iter().map(|variant| &variant.value).collect();
    let comments = values.iter().map(|value| format!(" `{value}`"));
    if schema.bool("x-closed-enum") {
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
            /// A value that the API schema doesn't list.
            Other(String),
        }
        crate::runtime::open_enum!(#name { #(#idents = #values),* });
    }
}

pub fn union(
    name: &str,
    schema: &Node<'_>,
    variants: &[UnionVariant],
) -> Result<TokenStream, String> {
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
    let tag = discriminator.str("propertyName").unwrap_or_default();
    let mapping = discriminator.get("mapping");
    let mapping = mapping.as_ref().map(Node::entries).unwrap_or_default();
    let mut arms = Vec::new();
    for (alternative, variant) in alternatives.iter().zip(variants) {
        let target = alternative.str("$ref").unwrap_or_default();
        let value = mapping
            .iter()
            .find(|(_, node)| node.value().as_str() == Some(target))
            .map(|(value, _)| *value)
            .ok_or_else(|| format!("type {name}: no tag for {target}"))?;
        let ident = ident(&names::variant(value));
        let docs = docs::comment(
            alternative
                .resolved()
                .str("description")
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
            /// A kind that the API schema doesn't list, as received.
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
                .str("title")
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
    let is_list = |(_, _, ty): &&(_, _, &syn::Type)| matches!(shape(ty), RustShape::Vec(_));
    let (lists, others): (Vec<_>, Vec<_>) = arms.iter().partition(is_list);
    let decoded = |(ident, _, ty): &&(syn::Ident, _, &syn::Type)| quote!(#ident(#ty));
    let (lists, others) = (lists.iter().map(decoded), others.iter().map(decoded));
    let conversions = arms
        .iter()
        .map(|(ident, _, ty)| conversions(name, ident, ty));
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum #name {
            #(#comments #idents(#types),)*
            /// A value that the API schema doesn't list, as received.
            Other(Value),
        }
        crate::runtime::untagged_union!(#name { #(#others),* } lists { #(#lists),* });
        #(#conversions)*
    }
}

fn as_what(alternative: &Node<'_>) -> &'static str {
    match alternative.resolved().str("type") {
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
        RustShape::String => quote! {
            impl From<&str> for #union {
                fn from(value: &str) -> Self {
                    Self::#variant(value.to_owned())
                }
            }
        },
        RustShape::Vec(item) if matches!(shape(item), RustShape::String) => quote! {
            impl From<Vec<&str>> for #union {
                fn from(value: Vec<&str>) -> Self {
                    Self::#variant(value.into_iter().map(str::to_owned).collect())
                }
            }

            impl<const N: usize> From<[&str; N]> for #union {
                fn from(value: [&str; N]) -> Self {
                    Self::#variant(value.into_iter().map(str::to_owned).collect())
                }
            }
        },
        RustShape::Vec(item) => quote! {
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

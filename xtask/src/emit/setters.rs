//! How a builder takes a value: whatever turns into the field's type.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::ir::model::{RustShape, shape};

/// The type of a setter's argument, and the argument as a value of the field's type.
#[derive(Debug)]
pub struct Setter {
    pub argument: TokenStream,
    pub value: TokenStream,
}

/// The setter of a field of that type, whose argument has that name.
pub fn setter(ty: &syn::Type, name: &Ident) -> Setter {
    match shape(ty) {
        // A plain number lets literals be of the right type.
        RustShape::Integer | RustShape::Float | RustShape::Bool => Setter {
            argument: quote!(#ty),
            value: quote!(#name),
        },
        RustShape::String | RustShape::Value | RustShape::Named => Setter {
            argument: quote!(impl Into<#ty>),
            value: quote!(#name.into()),
        },
        RustShape::Vec(item) => list(item, name),
        RustShape::Map(entry) => map(entry, name),
    }
}

fn list(item: &syn::Type, name: &Ident) -> Setter {
    match shape(item) {
        RustShape::Integer
        | RustShape::Float
        | RustShape::Bool
        | RustShape::Vec(_)
        | RustShape::Map(_) => Setter {
            argument: quote!(impl IntoIterator<Item = #item>),
            value: quote!(#name.into_iter().collect()),
        },
        RustShape::String | RustShape::Value | RustShape::Named => Setter {
            argument: quote!(impl IntoIterator<Item = impl Into<#item>>),
            value: quote!(#name.into_iter().map(Into::into).collect()),
        },
    }
}

fn map(entry: &syn::Type, name: &Ident) -> Setter {
    match shape(entry) {
        RustShape::Integer
        | RustShape::Float
        | RustShape::Bool
        | RustShape::Vec(_)
        | RustShape::Map(_) => Setter {
            argument: quote!(impl IntoIterator<Item = (impl Into<String>, #entry)>),
            value: quote!(
                #name
                    .into_iter()
                    .map(|(key, value)| (key.into(), value))
                    .collect()
            ),
        },
        RustShape::String | RustShape::Value | RustShape::Named => Setter {
            argument: quote!(impl IntoIterator<Item = (impl Into<String>, impl Into<#entry>)>),
            value: quote!(
                #name
                    .into_iter()
                    .map(|(key, value)| (key.into(), value.into()))
                    .collect()
            ),
        },
    }
}

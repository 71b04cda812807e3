//! How a builder takes a value: whatever turns into the field's type.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::model::{Shape, shape};

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
        Shape::Integer | Shape::Float | Shape::Bool => Setter {
            argument: quote!(#ty),
            value: quote!(#name),
        },
        Shape::Text | Shape::Json | Shape::Named => Setter {
            argument: quote!(impl Into<#ty>),
            value: quote!(#name.into()),
        },
        Shape::List(item) => list(item, name),
        Shape::Map(entry) => map(entry, name),
    }
}

fn list(item: &syn::Type, name: &Ident) -> Setter {
    match shape(item) {
        Shape::Integer | Shape::Float | Shape::Bool | Shape::List(_) | Shape::Map(_) => Setter {
            argument: quote!(impl IntoIterator<Item = #item>),
            value: quote!(#name.into_iter().collect()),
        },
        Shape::Text | Shape::Json | Shape::Named => Setter {
            argument: quote!(impl IntoIterator<Item = impl Into<#item>>),
            value: quote!(#name.into_iter().map(Into::into).collect()),
        },
    }
}

fn map(entry: &syn::Type, name: &Ident) -> Setter {
    match shape(entry) {
        Shape::Integer | Shape::Float | Shape::Bool | Shape::List(_) | Shape::Map(_) => Setter {
            argument: quote!(impl IntoIterator<Item = (impl Into<String>, #entry)>),
            value: quote!(
                #name
                    .into_iter()
                    .map(|(key, value)| (key.into(), value))
                    .collect()
            ),
        },
        Shape::Text | Shape::Json | Shape::Named => Setter {
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

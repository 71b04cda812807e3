//! Operations and decoders by name, for the contract suite.

use proc_macro2::TokenStream;
use quote::quote;

use super::{OperationSource, Source, ident};
use crate::model::TypeDef;
use crate::names;

pub fn file(source: &Source<'_>) -> Result<TokenStream, String> {
    let arms = source.operations.iter().map(|operation| {
        let id = operation.operation.id();
        let function = ident(&names::field(id));
        quote!(#id => #function(client, arguments).await)
    });
    let functions = source
        .operations
        .iter()
        .map(function)
        .collect::<Result<Vec<_>, _>>()?;
    let results: Vec<syn::Type> = source
        .operations
        .iter()
        .filter_map(|operation| operation.result.clone())
        .collect();
    let decoders = source
        .model
        .reachable(&results)
        .into_iter()
        .filter_map(|name| {
            let TypeDef::Struct(_) = source.model.types.get(&name)? else {
                return None;
            };
            let ty = ident(&name);
            Some(quote!((#name, decode_to_value::<#ty>)))
        });
    Ok(quote! {
        //! Operations and decoders by name: for tests and tools, not for users.

        use serde_json::Value;

        pub use super::tables::OPERATIONS;
        #[allow(clippy::wildcard_imports, reason = "the types of one contract")]
        use super::types::*;
        use crate::Client;
        use crate::runtime::{Arguments, Error, Response, decode_to_value};

        /// Calls the operation of that id; none if there is no such operation.
        pub async fn call(
            client: &Client,
            operation: &str,
            arguments: &Arguments,
        ) -> Option<Result<Response<Value>, Error>> {
            Some(match operation {
                #(#arms,)*
                _ => return None,
            })
        }

        /// Decodes bytes as one type of the contract, and encodes the value again.
        pub type Decoder = fn(&[u8]) -> Result<Value, Error>;

        /// The decoders of all objects in answers, by name.
        pub const DECODERS: &[(&str, Decoder)] = &[#(#decoders),*];

        #(#functions)*
    })
}

fn function(operation: &OperationSource<'_>) -> Result<TokenStream, String> {
    let id = operation.operation.id();
    let function = ident(&names::field(id));
    let parameters = operation
        .operation
        .parameters()
        .iter()
        .map(|parameter| {
            let name = parameter.text("name").unwrap_or_default();
            let field = names::field(name);
            let ty = operation.parameter(&field)?;
            let field = ident(&field);
            Ok(quote! {
                if let Some(value) = arguments.parameter::<#ty>(#name)? {
                    request = request.#field(value);
                }
            })
        })
        .collect::<Result<Vec<_>, String>>()?;
    let body = operation
        .body
        .as_ref()
        .map(|_| quote!(request.body = arguments.body()?;));
    let start = if parameters.is_empty() && body.is_none() {
        quote!(let request = client.#function();)
    } else {
        quote!(let mut request = client.#function();)
    };
    let arguments = if parameters.is_empty() && body.is_none() {
        quote!(_arguments)
    } else {
        quote!(arguments)
    };
    Ok(quote! {
        async fn #function(client: &Client, #arguments: &Arguments) -> Result<Response<Value>, Error> {
            #start
            #(#parameters)*
            #body
            request.send().await?.into_value()
        }
    })
}

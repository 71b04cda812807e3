//! Operations and decoders by name, for the contract suite.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{OperationSource, Source, ident};
use crate::exchange::Answer;
use crate::model::TypeDef;
use crate::names;

pub fn file(source: &Source<'_>) -> Result<TokenStream, String> {
    let calls = source.operations.iter().filter_map(|operation| {
        let answer = operation.exchange.answer.as_ref()?;
        let (id, start) = (operation.operation.id(), function(operation));
        let receive = match answer {
            Answer::Bytes => quote!(drain::download(request.send().await).await),
            _ => quote!(request.send().await.and_then(Response::into_json_value)),
        };
        Some(quote!(#id => match #start(client, arguments) {
            Ok(request) => #receive,
            Err(error) => Err(error),
        }))
    });
    let streams: Vec<_> = source
        .operations
        .iter()
        .filter(|operation| operation.exchange.events.is_some())
        .map(|operation| {
            let (id, start) = (operation.operation.id(), function(operation));
            quote!(#id => match #start(client, arguments) {
                Ok(request) => drain::events(request.stream().await, each).await,
                Err(error) => Err(error),
            })
        })
        .collect();
    let functions = source
        .operations
        .iter()
        .map(start)
        .collect::<Result<Vec<_>, _>>()?;
    let received: Vec<syn::Type> = source
        .operations
        .iter()
        .flat_map(OperationSource::received)
        .collect();
    let decoders = source
        .model
        .reachable(&received)
        .into_iter()
        .filter_map(|name| {
            let TypeDef::Struct(_) = source.model.types.get(&name)? else {
                return None;
            };
            let ty = ident(&name);
            Some(quote!((#name, decode_to_value::<#ty>)))
        });
    let stream = (!streams.is_empty()).then(|| {
        quote! {
            /// Streams the events of the operation of that id, each handed to `each` as JSON; none
            /// if no operation of that id streams.
            pub async fn stream(
                client: &Client,
                operation: &str,
                arguments: &Arguments,
                each: &mut (dyn FnMut(Value) + Send),
            ) -> Option<Result<drain::Drained, Error>> {
                Some(match operation {
                    #(#streams,)*
                    _ => return None,
                })
            }
        }
    });
    let drains = source.operations.iter().any(|operation| {
        operation.exchange.events.is_some()
            || matches!(operation.exchange.answer, Some(Answer::Bytes))
    });
    let drain = drains.then(|| {
        quote!(
            use crate::runtime::drain;
        )
    });
    Ok(quote! {
        //! Operations and decoders by name: for tests and tools, not for users.

        use serde_json::Value;

        pub use super::tables::OPERATIONS;
        #[allow(clippy::wildcard_imports, reason = "all that one contract makes")]
        use super::{operations::*, types::*};
        use crate::Client;
        use crate::runtime::{Arguments, Error, Response, decode_to_value};
        #drain

        /// Calls the operation of that id; none if there is no such operation, or if it has nothing
        /// but streams.
        pub async fn call(
            client: &Client,
            operation: &str,
            arguments: &Arguments,
        ) -> Option<Result<Response<Value>, Error>> {
            Some(match operation {
                #(#calls,)*
                _ => return None,
            })
        }

        #stream

        /// Decodes bytes as one type of the contract, and encodes the value again.
        pub type Decoder = fn(&[u8]) -> Result<Value, Error>;

        /// The decoders of all objects in answers, by name.
        pub const DECODERS: &[(&str, Decoder)] = &[#(#decoders),*];

        #(#functions)*
    })
}

fn function(operation: &OperationSource<'_>) -> Ident {
    ident(&names::field(operation.operation.id()))
}

/// The operation's builder, filled from the arguments.
fn start(operation: &OperationSource<'_>) -> Result<TokenStream, String> {
    let (function, builder) = (function(operation), &operation.builder);
    let mut fills = Vec::new();
    for parameter in operation.operation.parameters() {
        let name = parameter.str("name").unwrap_or_default();
        let field = names::field(name);
        let ty = operation.parameter(&field)?;
        let field = ident(&field);
        fills.push(quote! {
            if let Some(value) = arguments.parameter::<#ty>(#name)? {
                request = request.#field(value);
            }
        });
    }
    for file in operation.files() {
        let (name, field) = (file.name, ident(&names::field(file.name)));
        fills.push(quote! {
            if let Some(value) = arguments.upload(#name)? {
                request = request.#field(value);
            }
        });
    }
    if operation.body.is_some() {
        fills.push(quote!(request.body = arguments.body()?;));
    }
    let (mutable, arguments) = match fills.is_empty() {
        true => (None, quote!(_arguments)),
        false => (Some(quote!(mut)), quote!(arguments)),
    };
    Ok(quote! {
        fn #function(
            client: &Client,
            #arguments: &Arguments,
        ) -> Result<#builder, Error> {
            let #mutable request = client.#function();
            #(#fills)*
            Ok(request)
        }
    })
}

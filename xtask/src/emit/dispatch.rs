//! Operations and decoders by name, for the contract suite.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::ir::input::GeneratorInput;
use crate::ir::input::OperationInput;
use crate::ir::model::TypeDef;
use crate::ir::names;
use crate::ir::names::ident;
use crate::ir::payload::ResponsePayload;

pub fn file(source: &GeneratorInput<'_>) -> Result<TokenStream, String> {
    let client = source.crate_name.unwrap_or("crate");
    let client = ident(client);
    let calls = source.operations.iter().filter_map(|operation| {
        let response = operation.payloads.response.as_ref()?;
        let (id, start) = (operation.operation.id(), function(operation));
        let collect = match response {
            ResponsePayload::Binary => quote!(collect::download(call.send().await).await),
            _ => quote!(collect::response(call.send().await)),
        };
        Some(quote!(#id => match #start(client, input) {
            Ok(call) => #collect,
            Err(error) => Err(error),
        }))
    });
    let streams: Vec<_> = source
        .operations
        .iter()
        .filter(|operation| operation.payloads.events.is_some())
        .map(|operation| {
            let (id, start) = (operation.operation.id(), function(operation));
            quote!(#id => match #start(client, input) {
                Ok(call) => collect::events(call.stream().await, on_event).await,
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
        .flat_map(OperationInput::received)
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
            Some(quote!((#name, decode_roundtrip::<#ty>)))
        });
    let stream = (!streams.is_empty()).then(|| {
        quote! {
            /// Streams the operation of that id and passes each event to `on_event` as JSON. `None` if no operation
            /// of that id streams.
            pub async fn stream(
                client: &Client,
                operation: &str,
                input: &OperationInput,
                on_event: &mut (dyn FnMut(Value) + Send),
            ) -> Option<Result<StreamSummary, Error>> {
                Some(match operation {
                    #(#streams,)*
                    _ => return None,
                })
            }
        }
    });
    let summary = stream.as_ref().map(|_| quote!(, StreamSummary));
    Ok(quote! {
        //! Operations and decoders by name.

        use serde_json::Value;

        use #client::runtime::decode_roundtrip;
        #[allow(clippy::wildcard_imports, reason = "the types of one contract")]
        use #client::{operations::*, types::*};
        use #client::{Client, Error};
        use crate::collect::{self, CallResponse #summary};
        use crate::operation_input::OperationInput;

        /// Calls the operation of that id. `None` if there is no such operation, or if it only streams.
        pub async fn call(
            client: &Client,
            operation: &str,
            input: &OperationInput,
        ) -> Option<Result<CallResponse, Error>> {
            Some(match operation {
                #(#calls,)*
                _ => return None,
            })
        }

        #stream

        /// Decodes bytes as one type of the contract, and encodes the value again.
        pub type Decoder = fn(&[u8]) -> Result<Value, Error>;

        /// The decoders of all objects in responses, by name.
        pub const DECODERS: &[(&str, Decoder)] = &[#(#decoders),*];

        #(#functions)*
    })
}

fn function(operation: &OperationInput<'_>) -> Ident {
    ident(&names::field(operation.operation.id()))
}

/// The function that builds the operation's call from an input.
fn start(operation: &OperationInput<'_>) -> Result<TokenStream, String> {
    let (function, builder) = (function(operation), &operation.builder);
    let mut fills = Vec::new();
    for parameter in operation.operation.parameters() {
        let name = parameter.str("name").unwrap_or_default();
        let field = names::field(name);
        let ty = operation.parameter(&field)?;
        let field = ident(&field);
        fills.push(quote! {
            if let Some(value) = input.parameter::<#ty>(#name)? {
                call = call.#field(value);
            }
        });
    }
    for file in operation.files() {
        let (name, field) = (file.name, ident(&names::field(file.name)));
        fills.push(quote! {
            if let Some(value) = input.upload(#name)? {
                call = call.#field(value);
            }
        });
    }
    if operation.body.is_some() {
        fills.insert(0, quote!(call = call.body(input.body()?);));
    }
    let (mutable, input) = match fills.is_empty() {
        true => (None, quote!(_input)),
        false => (Some(quote!(mut)), quote!(input)),
    };
    Ok(quote! {
        fn #function(
            client: &Client,
            #input: &OperationInput,
        ) -> Result<#builder, Error> {
            let #mutable call = client.#function();
            #(#fills)*
            Ok(call)
        }
    })
}

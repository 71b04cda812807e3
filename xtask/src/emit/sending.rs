//! The methods that end a builder: `send`, `stream`, and what is checked before them.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::{OperationSource, answers, ident};
use crate::exchange::{Answer, BodySort};
use crate::names;

/// What the builders of a file need of the runtime.
pub fn imports(operations: &[&OperationSource<'_>]) -> TokenStream {
    let mut names = BTreeSet::from(["Call", "Error", "Retries"]);
    for operation in operations {
        match &operation.exchange.answer {
            Some(Answer::Bytes) => names.insert("Download"),
            Some(_) => names.insert("Response"),
            None => false,
        };
        if operation.exchange.events.is_some() {
            names.insert("EventStream");
        }
        if !operation.files().is_empty() {
            names.insert("Upload");
        }
    }
    let names = names.into_iter().map(ident);
    quote!(use crate::runtime::{#(#names),*};)
}

pub fn methods(operation: &OperationSource<'_>) -> Result<TokenStream, String> {
    let checks = checks(operation);
    let call = match checks {
        Some(_) => quote!(self.call()?),
        None => quote!(self.call),
    };
    let send = operation
        .exchange
        .answer
        .as_ref()
        .map(|answer| send(operation, answer, &call))
        .transpose()?;
    let stream = stream(operation, &call)?;
    Ok(quote!(#send #stream #checks))
}

fn send(
    operation: &OperationSource<'_>,
    answer: &Answer<'_>,
    call: &TokenStream,
) -> Result<TokenStream, String> {
    let (about, result, receive) = match answer {
        Answer::Nothing => (WHOLE, quote!(Response<()>), quote!(#call.empty().await)),
        Answer::Json => {
            let json = operation
                .json
                .as_ref()
                .ok_or("an answer in JSON without a type")?;
            (WHOLE, quote!(Response<#json>), quote!(#call.json().await))
        }
        Answer::Bytes => (BYTES, quote!(Download), quote!(#call.download().await)),
        Answer::Chosen(chosen) => {
            let name = answers::name(chosen);
            let asked = answers::asked(operation, chosen)?;
            let receive = quote! {
                #asked
                #call.chosen(&asked).await
            };
            (WHOLE, quote!(Response<#name>), receive)
        }
    };
    let errors = errors();
    Ok(quote! {
        #[doc = #about]
        ///
        #errors
        pub async fn send(self) -> Result<#result, Error> {
            #receive
        }
    })
}

const WHOLE: &str = " Sends the request and waits for the whole answer.";
const BYTES: &str = " Sends the request and waits for the first bytes of the answer.";

fn errors() -> TokenStream {
    quote! {
        /// # Errors
        ///
        /// What is missing or can't be sent is said before anything goes over the wire. Every
        /// answer that isn't a documented success is an [`Error`] with its status, headers and
        /// body.
    }
}

fn stream(
    operation: &OperationSource<'_>,
    call: &TokenStream,
) -> Result<Option<TokenStream>, String> {
    let Some(events) = &operation.exchange.events else {
        return Ok(None);
    };
    let event = ident(&events.schema.key());
    let (mutable, flag) = match events.flag {
        Some(flag) => {
            let flag = ident(&names::field(flag));
            (
                quote!(mut self),
                Some(quote!(self.body.#flag = Some(true);)),
            )
        }
        None => (quote!(self), None),
    };
    let errors = errors();
    Ok(Some(quote! {
        /// Sends the request and waits for the stream to open; its events come one by one.
        ///
        #errors
        pub async fn stream(#mutable) -> Result<EventStream<#event>, Error> {
            #flag
            #call.events().await
        }
    }))
}

/// What is checked and packed before the call is sent, if there is anything.
fn checks(operation: &OperationSource<'_>) -> Option<TokenStream> {
    let parameters = operation.operation.parameters();
    let required_parameters: Vec<_> = parameters
        .iter()
        .filter(|parameter| parameter.flag("required") && parameter.text("in") != Some("path"))
        .filter_map(|parameter| parameter.text("name"))
        .map(|name| quote!(self.call.require_parameter(#name)?;))
        .collect();
    let body = operation.exchange.body.as_ref();
    if body.is_none() && required_parameters.is_empty() {
        return None;
    }
    let required_fields: Vec<_> = body
        .and_then(|body| body.schema.get("required"))
        .map(|required| required.items())
        .unwrap_or_default()
        .iter()
        .filter_map(|name| name.value().as_str())
        .map(|name| {
            let is_file = operation.files().iter().any(|file| file.name == name);
            let field = ident(&names::field(name));
            let supplied = match is_file {
                // A file counts by itself.
                true => quote!(false),
                false => quote!(self.body.#field.is_some()),
            };
            quote!(self.call.require(#name, #supplied)?;)
        })
        .collect();
    let pack = match body.map(|body| body.sort) {
        Some(BodySort::Json) => quote!(self.call.json_body(&self.body)),
        Some(BodySort::Form) => quote!(self.call.multipart_body(&self.body)),
        None => quote!(Ok(self.call)),
    };
    Some(quote! {
        fn call(self) -> Result<Call<'a>, Error> {
            #(#required_parameters)*
            #(#required_fields)*
            #pack
        }
    })
}

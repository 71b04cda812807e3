//! The methods that end a builder: `send`, `stream`, and what is checked before them.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::types::selected_responses;
use crate::ir::input::OperationInput;
use crate::ir::names;
use crate::ir::names::ident;
use crate::ir::payload::{BodyEncoding, ResponsePayload};

/// What the builders of a file need of the runtime.
pub fn imports(operations: &[&OperationInput<'_>]) -> TokenStream {
    let mut names = BTreeSet::from(["Call", "Client", "Error"]);
    for operation in operations {
        match &operation.payloads.response {
            Some(ResponsePayload::Binary) => names.insert("Download"),
            Some(_) => names.insert("Response"),
            None => false,
        };
        if operation.payloads.events.is_some() {
            names.insert("EventStream");
        }
        if !operation.files().is_empty() {
            names.insert("Upload");
        }
    }
    let names = names.into_iter().map(ident);
    quote! {
        use crate::runtime::codegen::{#(#names),*};
        #[cfg(feature = "blocking")]
        use crate::runtime::blocking;
    }
}

/// The methods that end a builder, by the client that started it.
pub struct SendMethods {
    pub waiting: TokenStream,
    pub blocking: TokenStream,
    /// What both need.
    pub shared: Option<TokenStream>,
}

impl SendMethods {
    pub fn of(operation: &OperationInput<'_>) -> Result<Self, String> {
        let shared = checks(operation);
        let call = match shared {
            Some(_) => quote!(self.call()?),
            None => quote!(self.call),
        };
        let mut endings = Vec::new();
        if let Some(response) = &operation.payloads.response {
            endings.push(send(operation, response, &call)?);
        }
        endings.extend(stream(operation, &call));
        Ok(Self {
            waiting: endings.iter().map(SendMethod::waiting).collect(),
            blocking: endings.iter().map(SendMethod::blocking).collect(),
            shared,
        })
    }
}

/// A method that performs the call.
struct SendMethod {
    about: &'static str,
    name: &'static str,
    receiver: TokenStream,
    prepare: TokenStream,
    perform: TokenStream,
    result: ReturnType,
}

enum ReturnType {
    /// A type that has nothing left to wait for.
    Buffered(TokenStream),
    /// A type that arrives chunk by chunk, and its arguments.
    Streaming(&'static str, TokenStream),
}

impl SendMethod {
    fn waiting(&self) -> TokenStream {
        let result = match &self.result {
            ReturnType::Buffered(ty) => ty.clone(),
            ReturnType::Streaming(name, arguments) => {
                let name = ident(name);
                quote!(#name #arguments)
            }
        };
        let perform = &self.perform;
        self.method(&quote!(pub async), &result, &quote!(#perform.await))
    }

    fn blocking(&self) -> TokenStream {
        let perform = &self.perform;
        let wait = quote!(blocking::block_on(#perform));
        let (result, perform) = match &self.result {
            ReturnType::Buffered(ty) => (ty.clone(), wait),
            ReturnType::Streaming(name, arguments) => {
                let name = ident(name);
                (
                    quote!(blocking::#name #arguments),
                    quote!(#wait.map(blocking::#name::new)),
                )
            }
        };
        self.method(&quote!(pub), &result, &perform)
    }

    fn method(
        &self,
        qualifiers: &TokenStream,
        result: &TokenStream,
        perform: &TokenStream,
    ) -> TokenStream {
        let Self {
            about,
            receiver,
            prepare,
            ..
        } = self;
        let name = ident(self.name);
        quote! {
            #[doc = #about]
            ///
            /// # Errors
            ///
            /// Missing and invalid fields are reported before anything is sent. Every
            /// response that isn't a documented success is an [`Error`] with its status, headers and
            /// body.
            #qualifiers fn #name(#receiver) -> Result<#result, Error> {
                #prepare
                #perform
            }
        }
    }
}

fn send(
    operation: &OperationInput<'_>,
    response: &ResponsePayload<'_>,
    call: &TokenStream,
) -> Result<SendMethod, String> {
    let mut prepare = TokenStream::new();
    let (about, result, perform) = match response {
        ResponsePayload::Empty => (
            WHOLE,
            ReturnType::Buffered(quote!(Response<()>)),
            quote!(#call.send_empty()),
        ),
        ResponsePayload::Json => {
            let json = operation
                .json
                .as_ref()
                .ok_or("a response in JSON without a type")?;
            (
                WHOLE,
                ReturnType::Buffered(quote!(Response<#json>)),
                quote!(#call.send_json()),
            )
        }
        ResponsePayload::Binary => (
            BYTES,
            ReturnType::Streaming("Download", TokenStream::new()),
            quote!(#call.send_download()),
        ),
        ResponsePayload::Selected(chosen) => {
            let name = selected_responses::name(chosen);
            prepare = selected_responses::asked(operation, chosen)?;
            (
                WHOLE,
                ReturnType::Buffered(quote!(Response<#name>)),
                quote!(#call.send_selected(&requested)),
            )
        }
    };
    let parameter = operation
        .payloads
        .events
        .as_ref()
        .and_then(|events| events.flag);
    let receiver = match parameter.map(|parameter| ident(&names::field(parameter))) {
        Some(parameter) => {
            prepare = quote!(self.body.#parameter = self.body.#parameter.filter(|stream| !stream); #prepare);
            quote!(mut self)
        }
        None => quote!(self),
    };
    Ok(SendMethod {
        about,
        name: "send",
        receiver,
        prepare,
        perform,
        result,
    })
}

const WHOLE: &str = " Sends the request and waits for the complete response.";
const BYTES: &str = " Sends the request and waits for the first bytes of the response.";
const EVENTS: &str =
    " Sends the request and waits for the stream to open; its events come one by one.";

fn stream(operation: &OperationInput<'_>, call: &TokenStream) -> Option<SendMethod> {
    let events = operation.payloads.events.as_ref()?;
    let event = ident(&events.schema.key());
    let flag = events.flag.map(|flag| ident(&names::field(flag)));
    let (receiver, prepare) = match flag {
        Some(flag) => (quote!(mut self), quote!(self.body.#flag = Some(true);)),
        None => (quote!(self), TokenStream::new()),
    };
    Some(SendMethod {
        about: EVENTS,
        name: "stream",
        receiver,
        prepare,
        perform: quote!(#call.send_streaming()),
        result: ReturnType::Streaming("EventStream", quote!(<#event>)),
    })
}

/// What is checked and packed before the call is sent, if there is anything.
fn checks(operation: &OperationInput<'_>) -> Option<TokenStream> {
    let parameters = operation.operation.parameters();
    let required_parameters: Vec<_> = parameters
        .iter()
        .filter(|parameter| parameter.bool("required") && parameter.str("in") != Some("path"))
        .filter_map(|parameter| parameter.str("name"))
        .map(|name| quote!(self.call.require_parameter(#name)?;))
        .collect();
    let body = operation.payloads.body.as_ref();
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
            quote!(self.call.require_field(#name, #supplied)?;)
        })
        .collect();
    let pack = match body.map(|body| body.encoding) {
        Some(BodyEncoding::Json) => quote!(self.call.json_body(&self.body)),
        Some(BodyEncoding::Form) => quote!(self.call.multipart_body(&self.body)),
        None => quote!(Ok(self.call)),
    };
    Some(quote! {
        fn call(self) -> Result<Call, Error> {
            #(#required_parameters)*
            #(#required_fields)*
            #pack
        }
    })
}

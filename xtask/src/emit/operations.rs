//! A builder for each operation. It describes the call; the runtime performs it.

use cometapi_contract::Node;
use proc_macro2::TokenStream;
use quote::quote;

use super::setters::setter;
use super::{OperationSource, Source, docs, ident};
use crate::model::{Field, Shape, TypeDef, required, shape};
use crate::names;

/// The file of a tag's operations.
pub fn file(source: &Source<'_>, tag: &str) -> Result<TokenStream, String> {
    let about = source.contract.root().get("tags").and_then(|tags| {
        let mut tags = tags.items().into_iter();
        tags.find(|item| item.text("name") == Some(tag))
    });
    let about = about.as_ref().and_then(|tag| tag.text("description"));
    let about = module_comment(about.unwrap_or(tag));
    let operations: Vec<_> = source
        .operations
        .iter()
        .filter(|operation| operation.tag == tag)
        .collect();
    let starts = operations.iter().map(|operation| start(operation));
    let builders = operations
        .iter()
        .map(|operation| builder(source, operation))
        .collect::<Result<Vec<_>, _>>()?;
    let takes_json = operations.iter().any(|operation| operation.body.is_some());
    let value = takes_json.then(|| {
        quote!(
            use serde_json::Value;
        )
    });
    let types = source.types_of_tag(tag);
    let types = (!types.is_empty()).then(|| {
        quote! {
            #[allow(clippy::wildcard_imports, reason = "the types of one contract")]
            use super::types::*;
        }
    });
    Ok(quote! {
        #about

        use std::time::Duration;

        #value

        use super::tables;
        #types
        use crate::Client;
        use crate::runtime::{Call, Error, Response};

        impl Client {
            #(#starts)*
        }

        #(#builders)*
    })
}

fn module_comment(text: &str) -> TokenStream {
    let lines = text.trim_end().lines().map(|line| format!(" {line}"));
    quote!(#(#![doc = #lines])*)
}

/// The client's method that starts the builder.
fn start(source: &OperationSource<'_>) -> TokenStream {
    let docs = docs::comment(&operation_text(source));
    let (method, builder) = (ident(&names::field(source.operation.id())), &source.builder);
    let row = ident(&names::constant(source.operation.id()));
    let body = source.body.as_ref().map(|body| {
        let body = ident(body);
        quote!(body: #body::default(),)
    });
    quote! {
        #docs
        pub fn #method(&self) -> #builder<'_> {
            #builder {
                call: Call::new(self, &tables::#row),
                #body
            }
        }
    }
}

fn operation_text(source: &OperationSource<'_>) -> String {
    let operation = &source.operation;
    let node = operation.node();
    let mut text = node
        .text("summary")
        .unwrap_or_default()
        .trim_end()
        .to_owned();
    if !text.ends_with('.') {
        text.push('.');
    }
    if let Some(description) = node.text("description") {
        text.push_str("\n\n");
        text.push_str(description.trim_end());
    }
    let line = format!("\n\n`{} {}`", operation.method(), operation.path());
    text.push_str(&line);
    match page(node) {
        Some(page) => text.push_str(&format!(", documented at <{page}>.")),
        None => text.push('.'),
    }
    if !operation.authenticated() {
        text.push_str(" Needs no key and sends none.");
    }
    text
}

/// The page of the API that an operation comes from.
pub fn page<'c>(operation: &Node<'c>) -> Option<&'c str> {
    operation.get("externalDocs")?.text("url")
}

fn builder(source: &Source<'_>, operation: &OperationSource<'_>) -> Result<TokenStream, String> {
    let builder = &operation.builder;
    let start = names::field(operation.operation.id());
    let about = docs::comment(&format!("A call of [`Client::{start}`], not yet sent."));
    let body = operation.body.as_ref().map(|body| {
        let body = ident(body);
        quote!(pub(super) body: #body,)
    });
    let body_setters = body_setters(source, operation)?;
    let parameter_setters = operation
        .operation
        .parameters()
        .iter()
        .map(|parameter| parameter_setter(operation, parameter))
        .collect::<Result<Vec<_>, _>>()?;
    let extra = operation.body.as_ref().map(|_| extra());
    let call = call(operation);
    let send = send(operation, call.is_some());
    Ok(quote! {
        #about
        #[derive(Clone, Debug)]
        #[must_use = "a call does nothing until it is sent"]
        pub struct #builder<'a> {
            call: Call<'a>,
            #body
        }

        impl<'a> #builder<'a> {
            #(#parameter_setters)*
            #(#body_setters)*
            #extra

            /// Sends a header with this call alone.
            pub fn with_header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
                self.call.with_header(name.as_ref(), value.as_ref());
                self
            }

            /// Bounds the whole of this call, instead of the client's total timeout.
            pub fn with_timeout(mut self, total: Duration) -> Self {
                self.call.with_timeout(total);
                self
            }

            #send
            #call
        }
    })
}

fn extra() -> TokenStream {
    quote! {
        /// Sets a field of the request that this crate doesn't know, or overrides one that it
        /// does, also with null.
        pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
            self.call.extra(name.into(), value.into());
            self
        }
    }
}

fn body_setters(
    source: &Source<'_>,
    operation: &OperationSource<'_>,
) -> Result<Vec<TokenStream>, String> {
    let Some(name) = &operation.body else {
        return Ok(Vec::new());
    };
    let schema = source
        .contract
        .at(&format!("/components/schemas/{name}"))
        .ok_or_else(|| format!("no component {name} for the body"))?;
    let Some(TypeDef::Struct(fields)) = source.model.types.get(name) else {
        return Err(format!("the body {name} is no struct"));
    };
    // The field that switches streaming on is set by the method that streams.
    let stream_flag = operation.operation.node().text("x-stream-flag");
    let properties = schema.get("properties");
    let properties = properties.iter().flat_map(Node::entries);
    let setters = properties
        .filter(|(name, _)| Some(*name) != stream_flag)
        .map(|(name, property)| {
            let field = fields
                .iter()
                .find(|field| field.name == name)
                .ok_or_else(|| format!("the body has no field for {name}"))?;
            Ok(body_setter(field, &property))
        });
    setters.collect()
}

fn body_setter(field: &Field, property: &Node<'_>) -> TokenStream {
    let docs = docs::comment(&docs::schema_text_or_key(property));
    let setter = setter(required(&field.ty), &ident("value"));
    let (ident, argument, value) = (&field.ident, setter.argument, setter.value);
    quote! {
        #docs
        pub fn #ident(mut self, value: #argument) -> Self {
            self.body.#ident = Some(#value);
            self
        }
    }
}

fn parameter_setter(
    operation: &OperationSource<'_>,
    parameter: &Node<'_>,
) -> Result<TokenStream, String> {
    let name = parameter.text("name").unwrap_or_default();
    let field = names::field(name);
    let ty = operation.parameter(&field)?;
    let setter = setter(ty, &ident("value"));
    let (argument, value, field) = (setter.argument, setter.value, ident(&field));
    let own = parameter.text("description").map(str::to_owned);
    let docs = docs::comment(&own.unwrap_or_else(|| format!("The parameter `{name}`.")));
    let (conversion, value) = match shape(ty) {
        Shape::Integer | Shape::Float | Shape::Bool => (None, value),
        _ => (Some(quote!(let value: #ty = #value;)), quote!(value)),
    };
    let is_list = matches!(shape(ty), Shape::List(_));
    let set = match (parameter.text("in"), is_list) {
        (Some("path"), _) => quote!(self.call.path(#name, #value)),
        (Some("header"), _) => quote!(self.call.header(#name, #value)),
        (_, true) => quote!(self.call.query_list(#name, #value)),
        (_, false) => quote!(self.call.query(#name, #value)),
    };
    Ok(quote! {
        #docs
        pub fn #field(mut self, value: #argument) -> Self {
            #conversion
            #set;
            self
        }
    })
}

fn send(operation: &OperationSource<'_>, has_call: bool) -> TokenStream {
    let call = if has_call {
        quote!(self.call()?)
    } else {
        quote!(self.call)
    };
    let (result, receive) = match &operation.result {
        Some(result) => (quote!(#result), quote!(json)),
        None => (quote!(()), quote!(empty)),
    };
    quote! {
        /// Sends the request and waits for the whole answer.
        ///
        /// # Errors
        ///
        /// What is missing or can't be sent is said before anything goes over the wire. Every
        /// answer that isn't a documented success is an [`Error`] with its status, headers and
        /// body.
        pub async fn send(self) -> Result<Response<#result>, Error> {
            #call.#receive().await
        }
    }
}

/// What is checked and packed before the call is sent, if there is anything.
fn call(operation: &OperationSource<'_>) -> Option<TokenStream> {
    let parameters = operation.operation.parameters();
    let required_parameters: Vec<_> = parameters
        .iter()
        .filter(|parameter| parameter.flag("required") && parameter.text("in") != Some("path"))
        .filter_map(|parameter| parameter.text("name"))
        .map(|name| quote!(self.call.require_parameter(#name)?;))
        .collect();
    let body = operation.operation.request_bodies().into_iter().next();
    let schema = body
        .and_then(|body| body.schema())
        .map(|schema| schema.resolved());
    let required_fields: Vec<_> = schema
        .and_then(|schema| schema.get("required"))
        .map(|required| required.items())
        .unwrap_or_default()
        .iter()
        .filter_map(|name| name.value().as_str())
        .map(|name| {
            let field = ident(&names::field(name));
            quote!(self.call.require(#name, self.body.#field.is_some())?;)
        })
        .collect();
    let payload = match operation.body {
        Some(_) => quote!(self.call.json_body(&self.body)),
        None => quote!(Ok(self.call)),
    };
    if operation.body.is_none() && required_parameters.is_empty() {
        return None;
    }
    Some(quote! {
        fn call(self) -> Result<Call<'a>, Error> {
            #(#required_parameters)*
            #(#required_fields)*
            #payload
        }
    })
}

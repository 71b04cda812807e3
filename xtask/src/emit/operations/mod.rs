//! A builder for each operation. It describes the call; the runtime performs it.

pub mod send;

use cometapi_contract::Node;
use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::docs::comment as docs;
use crate::emit::docs::example;
use crate::emit::operations::send::SendMethods;
use crate::emit::setters::setter;
use crate::ir::input::GeneratorInput;
use crate::ir::input::OperationInput;
use crate::ir::model::{Field, RustShape, TypeDef, required, shape};
use crate::ir::names;
use crate::ir::names::ident;
use crate::ir::payload::File;

/// The file of a tag's operations.
pub fn file(source: &GeneratorInput<'_>, tag: &str) -> Result<TokenStream, String> {
    let about = source.contract.root().get("tags").and_then(|tags| {
        let mut tags = tags.items().into_iter();
        tags.find(|item| item.str("name") == Some(tag))
    });
    let about = about.as_ref().and_then(|tag| tag.str("description"));
    let about = module_comment(about.unwrap_or(tag));
    let operations: Vec<_> = source
        .operations
        .iter()
        .filter(|operation| operation.tag == tag)
        .collect();
    let starts = operations
        .iter()
        .map(|operation| start(source, operation))
        .collect::<Result<Vec<_>, _>>()?;
    let builders = operations
        .iter()
        .map(|operation| builder(source, operation))
        .collect::<Result<Vec<_>, _>>()?;
    let blocking_starts = operations.iter().map(|operation| blocking_start(operation));
    let has_body = operations.iter().any(|operation| operation.body.is_some());
    let value = has_body.then(|| {
        quote!(
            use serde_json::Value;
        )
    });
    let results = operations
        .iter()
        .filter_map(|operation| operation.json.as_ref());
    let has_map = results
        .into_iter()
        .any(|ty| quote!(#ty).to_string().contains("BTreeMap"));
    let map = has_map.then(|| {
        quote!(
            use std::collections::BTreeMap;
        )
    });
    let runtime = send::imports(&operations);
    let types = source.types_of_tag(tag);
    let types = (!types.is_empty()).then(|| {
        quote! {
            #[allow(clippy::wildcard_imports, reason = "the types of one contract")]
            use super::types::*;
        }
    });
    Ok(quote! {
        #about

        #map
        use std::marker::PhantomData;

        #value

        use super::tables;
        #types
        #runtime

        impl Client {
            #(#starts)*
        }

        #[cfg(feature = "blocking")]
        #[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
        impl blocking::Client {
            #(#blocking_starts)*
        }

        #(#builders)*
    })
}

fn module_comment(text: &str) -> TokenStream {
    let lines = text.trim_end().lines().map(|line| format!(" {line}"));
    quote!(#(#![doc = #lines])*)
}

/// The client's method that starts the builder.
fn start(
    source: &GeneratorInput<'_>,
    operation: &OperationInput<'_>,
) -> Result<TokenStream, String> {
    let mut text = linked(source, &operation_text(operation));
    if let Some(crate_name) = source.crate_name {
        text.push_str("\n\n");
        text.push_str(&example::doc_example(source, operation, crate_name)?);
    }
    let docs = docs::comment(&text);
    let method = ident(&names::field(operation.operation.id()));
    let (builder, fields) = (&operation.builder, fields(operation, &quote!(self)));
    Ok(quote! {
        #docs
        pub fn #method(&self) -> #builder {
            #builder { #fields }
        }
    })
}

/// The same method of the blocking client.
fn blocking_start(operation: &OperationInput<'_>) -> TokenStream {
    let name = names::field(operation.operation.id());
    let summary = summary(operation.operation.node());
    let docs = docs::comment(&format!("{summary} See [`Client::{name}`]."));
    let (method, builder) = (ident(&name), &operation.builder);
    let fields = fields(operation, &quote!(self.inner()));
    quote! {
        #docs
        pub fn #method(&self) -> #builder<blocking::Client> {
            #builder { #fields }
        }
    }
}

/// The fields of a builder that has just been started, with the expression of the async client.
fn fields(operation: &OperationInput<'_>, client: &TokenStream) -> TokenStream {
    let row = ident(&names::constant(operation.operation.id()));
    let body = operation.body.as_ref().map(|body| {
        let body = ident(body);
        quote!(body: #body::default(),)
    });
    quote! {
        call: Call::new(#client, &tables::#row),
        #body
        client: PhantomData,
    }
}

fn summary(operation: &Node<'_>) -> String {
    let mut text = operation
        .str("summary")
        .unwrap_or_default()
        .trim_end()
        .to_owned();
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

fn operation_text(source: &OperationInput<'_>) -> String {
    let operation = &source.operation;
    let node = operation.node();
    let mut text = summary(node);
    if let Some(description) = node.str("description") {
        text.push_str("\n\n");
        text.push_str(&docs::escaped(description.trim_end()));
    }
    let line = format!("\n\n`{} {}`", operation.method(), operation.path());
    text.push_str(&line);
    match docs::docs_url(node) {
        Some(page) => text.push_str(&format!(", documented at <{page}>.")),
        None => text.push('.'),
    }
    if !operation.requires_auth() {
        text.push_str(" Needs no key and sends none.");
    }
    text
}

/// The text, in which the names of operations lead to their methods.
fn linked(source: &GeneratorInput<'_>, text: &str) -> String {
    let operations = source.operations.iter().map(|source| source.operation.id());
    operations.fold(text.to_owned(), |text, id| {
        let link = format!("[`{0}`](Self::{0})", names::field(id));
        text.replace(&format!("`{id}`"), &link)
    })
}

fn builder(
    source: &GeneratorInput<'_>,
    operation: &OperationInput<'_>,
) -> Result<TokenStream, String> {
    let builder = &operation.builder;
    let start = names::field(operation.operation.id());
    let about = docs::comment(&format!("A call of [`Client::{start}`], not yet sent."));
    let body = operation.body.as_ref().map(|body| {
        let body = ident(body);
        quote!(body: #body,)
    });
    let body_setters = body_setters(source, operation)?;
    let parameter_setters = operation
        .operation
        .parameters()
        .iter()
        .map(|parameter| parameter_setter(operation, parameter))
        .collect::<Result<Vec<_>, _>>()?;
    let whole_body = operation
        .body
        .as_ref()
        .map(|body| whole_body(operation, body));
    let extra = operation.body.as_ref().map(|_| extra());
    let file_setters = operation.files().iter().map(file_setter);
    let warnings = (!operation.files().is_empty()).then(warnings);
    let SendMethods {
        waiting,
        blocking,
        shared,
    } = SendMethods::of(operation)?;
    Ok(quote! {
        #about
        #[derive(Clone, Debug)]
        #[must_use = "a call does nothing until it is sent"]
        pub struct #builder<C = Client> {
            call: Call,
            #body
            client: PhantomData<fn() -> C>,
        }

        impl<C> #builder<C> {
            #whole_body
            #(#parameter_setters)*
            #(#file_setters)*
            #(#body_setters)*
            #extra
            #warnings

            #shared
        }

        crate::runtime::call_options!(#builder);

        impl #builder {
            #waiting
        }

        #[cfg(feature = "blocking")]
        #[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
        impl #builder<blocking::Client> {
            #blocking
        }
    })
}

fn file_setter(file: &File<'_>) -> TokenStream {
    let docs = docs::comment(&docs::schema_text_or_key(&file.property));
    let (name, ident) = (file.name, ident(&names::field(file.name)));
    quote! {
        #docs
        pub fn #ident(mut self, value: impl Into<Upload>) -> Self {
            self.call.upload(#name, value.into());
            self
        }
    }
}

/// The setter of the complete request.
fn whole_body(operation: &OperationInput<'_>, body: &str) -> TokenStream {
    let parameter = operation.operation.node().str("x-stream-parameter");
    let streaming = parameter.map(|parameter| {
        let text = format!(" `send` and `stream` set `{parameter}`, whatever its value is here.");
        quote!(#[doc = ""] #[doc = #text])
    });
    let body = ident(body);
    quote! {
        /// Sets the complete request, in place of all fields that were set before. Setters after it change single
        /// fields.
        #streaming
        pub fn body(mut self, body: #body) -> Self {
            self.body = body;
            self
        }
    }
}

fn warnings() -> TokenStream {
    quote! {
        /// What the API may not take, though it is sent: a file of a type that isn't documented.
        pub fn warnings(&self) -> Vec<String> {
            self.call.warnings()
        }
    }
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
    source: &GeneratorInput<'_>,
    operation: &OperationInput<'_>,
) -> Result<Vec<TokenStream>, String> {
    let Some(name) = &operation.body else {
        return Ok(Vec::new());
    };
    let schema = source
        .contract
        .pointer(&format!("/components/schemas/{name}"))
        .ok_or_else(|| format!("no component {name} for the body"))?;
    let Some(TypeDef::Struct(fields)) = source.model.types.get(name) else {
        return Err(format!("the body {name} is no struct"));
    };
    // The field that switches streaming on is set by the method that streams.
    let stream_flag = operation.operation.node().str("x-stream-parameter");
    let is_file = |name: &str| operation.files().iter().any(|file| file.name == name);
    let properties = schema.get("properties");
    let properties = properties.iter().flat_map(Node::entries);
    let setters = properties
        .filter(|(name, _)| Some(*name) != stream_flag && !is_file(name))
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
    operation: &OperationInput<'_>,
    parameter: &Node<'_>,
) -> Result<TokenStream, String> {
    let name = parameter.str("name").unwrap_or_default();
    let field = names::field(name);
    let ty = operation.parameter(&field)?;
    let setter = setter(ty, &ident("value"));
    let (argument, value, field) = (setter.argument, setter.value, ident(&field));
    let own = parameter.str("description").map(str::to_owned);
    let docs = docs::comment(&own.unwrap_or_else(|| format!("The parameter `{name}`.")));
    let (conversion, value) = match shape(ty) {
        RustShape::Integer | RustShape::Float | RustShape::Bool => (None, value),
        _ => (Some(quote!(let value: #ty = #value;)), quote!(value)),
    };
    let is_list = matches!(shape(ty), RustShape::Vec(_));
    let set = match (parameter.str("in"), is_list) {
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

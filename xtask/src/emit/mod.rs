//! Rust from the contract and progenitor's names and types.

mod answers;
mod client;
mod dispatch;
mod docs;
mod enums;
mod events;
mod operations;
mod samples;
mod sending;
mod setters;
mod structs;
mod tables;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cometapi_contract::{Contract, Node, Operation};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::exchange::{Answer, Exchange, File};
use crate::model::{Model, Signature, required};
use crate::names;

/// The files of a generated client: their paths below its folder, and their text.
pub type Files = BTreeMap<PathBuf, String>;

/// What the emitters read.
pub struct Source<'c> {
    pub contract: &'c Contract,
    /// The name of the crate that the code becomes part of, if its documentation has samples.
    pub crate_name: Option<&'c str>,
    pub model: Model,
    pub operations: Vec<OperationSource<'c>>,
}

/// An operation of the contract that is generated, with progenitor's view of it.
pub struct OperationSource<'c> {
    pub operation: Operation<'c>,
    pub tag: &'c str,
    /// The builder's name.
    pub builder: Ident,
    pub exchange: Exchange<'c>,
    /// The type of the body, by its component's name.
    pub body: Option<String>,
    /// The type of an answer in JSON.
    pub json: Option<syn::Type>,
    /// The types of its parameters, by their Rust names.
    pub parameters: BTreeMap<String, syn::Type>,
}

impl<'c> Source<'c> {
    /// Joins contract and model; an operation that only one of them has is an error.
    pub fn new(
        contract: &'c Contract,
        crate_name: Option<&'c str>,
        operations: Vec<Operation<'c>>,
        mut model: Model,
    ) -> Result<Self, String> {
        let mut sources = Vec::new();
        for operation in operations {
            let id = operation.id();
            let signature = model
                .signatures
                .remove(&names::field(id))
                .ok_or_else(|| format!("progenitor made no operation {id}"))?;
            sources.push(OperationSource::new(operation, signature)?);
        }
        if let Some(id) = model.signatures.keys().next() {
            return Err(format!(
                "progenitor made an operation {id} that nobody asked for"
            ));
        }
        Ok(Self {
            contract,
            crate_name,
            model,
            operations: sources,
        })
    }

    /// The tags that have operations, in the contract's order of operations.
    fn tags(&self) -> Vec<&'c str> {
        let mut tags = Vec::new();
        for source in &self.operations {
            if !tags.contains(&source.tag) {
                tags.push(source.tag);
            }
        }
        tags
    }

    /// The types that a tag's operations lead to.
    fn types_of_tag(&self, tag: &str) -> BTreeSet<String> {
        let operations = self.operations.iter().filter(|source| source.tag == tag);
        let roots: Vec<syn::Type> = operations.flat_map(OperationSource::types).collect();
        self.model.reachable(&roots)
    }
}

impl<'c> OperationSource<'c> {
    fn new(operation: Operation<'c>, mut signature: Signature) -> Result<Self, String> {
        let id = operation.id();
        let tag = operation
            .tag()
            .ok_or_else(|| format!("operation {id} has no tag"))?;
        let exchange = Exchange::read(&operation).map_err(|objection| objection.message)?;
        let body = match signature.parameters.remove("body") {
            Some(syn::Type::Path(path)) => path.path.get_ident().map(Ident::to_string),
            _ => None,
        };
        if body.is_none() && exchange.body.is_some() {
            return Err(format!("operation {id}: its body is no named type"));
        }
        let is_json = matches!(exchange.answer, Some(Answer::Json));
        Ok(Self {
            builder: ident(&names::variant(id)),
            parameters: signature.parameters,
            operation,
            tag,
            exchange,
            body,
            json: is_json.then_some(signature.result),
        })
    }

    /// The files that the body holds beside its type.
    fn files(&self) -> &[File<'c>] {
        self.exchange
            .body
            .as_ref()
            .map_or(&[], |body| body.files.as_slice())
    }

    /// The type of a parameter, whether or not it has to be given.
    fn parameter(&self, field: &str) -> Result<&syn::Type, String> {
        let ty = self.parameters.get(field);
        ty.map(required)
            .ok_or_else(|| format!("operation {} has no parameter {field}", self.operation.id()))
    }

    /// The types of what is sent.
    fn sent(&self) -> Vec<syn::Type> {
        let body = self.body.as_deref().map(named);
        body.into_iter()
            .chain(self.parameters.values().cloned())
            .collect()
    }

    /// The types of what may come back.
    pub fn received(&self) -> Vec<syn::Type> {
        let events = self
            .exchange
            .events
            .as_ref()
            .map(|events| named(&events.schema.key()));
        let chosen = match &self.exchange.answer {
            Some(Answer::Chosen(chosen)) => answers::types(chosen),
            _ => Vec::new(),
        };
        self.json
            .iter()
            .cloned()
            .chain(events)
            .chain(chosen)
            .collect()
    }

    fn types(&self) -> Vec<syn::Type> {
        let mut types = self.sent();
        types.extend(self.received());
        types
    }
}

/// A type of the contract, by its component's name.
fn named(name: &str) -> syn::Type {
    let name = ident(name);
    syn::parse_quote!(#name)
}

/// The component that a `$ref` in the contract names, as a type.
fn referenced(schema: &Node<'_>) -> syn::Type {
    named(schema.reference_name().unwrap_or_default())
}

/// The files of the client, each with `header` as its first line. The hash of the contract is in one of them,
/// so that a change of one description changes the file that it is in, and that one.
pub fn files(source: &Source<'_>, header: &str, hash: u64) -> Result<Files, String> {
    let mut files = Files::new();
    let mut add = |path: &str, tokens: TokenStream| {
        files.insert(path.into(), formatted(path, header, tokens)?);
        Ok::<_, String>(())
    };
    for tag in source.tags() {
        add(
            &format!("{}.rs", names::field(tag)),
            operations::file(source, tag)?,
        )?;
    }
    for (module, tokens) in types::files(source)? {
        add(&format!("types/{module}.rs"), tokens)?;
    }
    add("tables.rs", tables::file(source)?)?;
    add("client.rs", client::file(source))?;
    add("mod.rs", root(source, hash))?;
    Ok(files)
}

/// The module that calls operations by id, for a crate that depends on the client.
pub fn dispatch_files(source: &Source<'_>, header: &str) -> Result<Files, String> {
    let text = formatted("mod.rs", header, dispatch::file(source)?)?;
    Ok(Files::from([("mod.rs".into(), text)]))
}

fn formatted(path: &str, header: &str, tokens: TokenStream) -> Result<String, String> {
    let file = syn::parse2(tokens)
        .map_err(|error| format!("{path}: the generator made no Rust: {error}"))?;
    Ok(format!(
        "{header}\n\n{}",
        spaced(&prettyplease::unparse(&file))
    ))
}

fn root(source: &Source<'_>, hash: u64) -> TokenStream {
    let modules = source
        .tags()
        .into_iter()
        .map(|tag| ident(&names::field(tag)));
    let builders = source.operations.iter().map(|source| {
        let (module, builder) = (ident(&names::field(source.tag)), &source.builder);
        quote!(pub use super::#module::#builder;)
    });
    let title = source.contract.root().get_path(&["info", "title"]);
    let title = title
        .and_then(|title| title.value().as_str())
        .unwrap_or("the API");
    let about = format!(" The code generated from the contract of {title} (hash `{hash:016x}`).");
    quote! {
        #![doc = #about]

        #(mod #modules;)*
        mod client;
        mod tables;
        pub mod types;

        pub use tables::{API, OPERATIONS};

        /// A builder for each operation; [`Client`](crate::Client) has a method that starts each.
        pub mod operations {
            #(#builders)*
        }
    }
}

/// Blank lines between items, which prettyplease leaves to its caller.
fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + text.len() / 16);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        spaced.push_str(line);
        spaced.push('\n');
        let Some(next) = lines.peek() else {
            break;
        };
        let is_use = |line: &str| line.starts_with("use ") || line.starts_with("pub use ");
        let is_module = |line: &str| line.starts_with("mod ") || line.starts_with("pub mod ");
        let ends_item = matches!(line, "}" | "    }" | ");" | "];" | "};")
            || (line.starts_with("pub struct") && line.ends_with("{}"))
            || (line.starts_with("crate::runtime::") && line.ends_with(");"));
        let ends_group = (is_use(line)
            && line.ends_with(';')
            && !is_use(next)
            && !next.starts_with("#[allow(unused"))
            || (is_module(line) && line.ends_with(';') && !is_module(next))
            || (line.starts_with("//!") && !next.starts_with("//!"));
        if (ends_item || ends_group) && !next.trim_start().starts_with('}') {
            spaced.push('\n');
        }
    }
    spaced
}

/// An identifier from a name that [`names`] made.
fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

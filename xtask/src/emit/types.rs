//! The contract's types, and which file each stands in.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;

use super::{OperationSource, Source, answers, enums, events, ident, structs};
use crate::model::TypeDef;
use crate::names;

/// Types that operations of several tags lead to.
const SHARED: &str = "shared";

/// A module for each tag, one for what they share, and the root that joins them.
pub fn files(source: &Source<'_>) -> Result<BTreeMap<String, TokenStream>, String> {
    let usage = Usage::new(source);
    let mut modules: BTreeMap<String, Vec<TokenStream>> = BTreeMap::new();
    for (name, def) in &source.model.types {
        let tokens = type_def(source, &usage, name, def)?;
        modules.entry(usage.module(name)).or_default().push(tokens);
    }
    for chosen in answers::all(source) {
        let tokens = answers::definition(source, &chosen)?;
        let module = answers::types(&chosen)
            .iter()
            .flat_map(|ty| source.model.named_in(ty))
            .next();
        let module = module.map_or(SHARED.to_owned(), |name| usage.module(&name));
        modules.entry(module).or_default().push(tokens);
    }
    for events in events::all(source) {
        let tokens = events::definition(source, events)?;
        modules
            .entry(usage.module(&events.schema.key()))
            .or_default()
            .push(tokens);
    }
    let names = modules.keys().map(|name| ident(name)).collect::<Vec<_>>();
    let root = quote! {
        //! The types of the contract.
        //!
        //! Sets of strings are open: a value that the contract doesn't list is `Other`. Optional
        //! fields of answers take an absent value and null alike.

        #(mod #names;)*

        #(pub use #names::*;)*
    };
    let mut files: BTreeMap<String, TokenStream> = modules
        .into_iter()
        .map(|(name, types)| (name, module(&types)))
        .collect();
    files.insert("mod".to_owned(), root);
    Ok(files)
}

fn module(types: &[TokenStream]) -> TokenStream {
    let text: String = types.iter().map(ToString::to_string).collect();
    let mentions = |word: &str| {
        text.split(|c: char| !c.is_alphanumeric())
            .any(|part| part == word)
    };
    let map = mentions("BTreeMap").then(|| {
        quote!(
            use std::collections::BTreeMap;
        )
    });
    let value = mentions("Value").then(|| {
        quote!(
            use serde_json::Value;
        )
    });
    let object = mentions("Map").then(|| {
        quote!(
            use serde_json::Map;
        )
    });
    let serde = mentions("Serialize").then(|| {
        quote!(
            use serde::{Deserialize, Serialize};
        )
    });
    quote! {
        #map

        #serde
        #object
        #value

        #[allow(unused_imports, clippy::wildcard_imports, reason = "the types of one contract")]
        use super::*;

        #(#types)*
    }
}

/// Where a type is met: it decides its file, and what it has to be able to do.
pub struct Usage {
    pub sent: BTreeSet<String>,
    pub received: BTreeSet<String>,
    pub bodies: BTreeSet<String>,
    modules: BTreeMap<String, String>,
}

impl Usage {
    fn new(source: &Source<'_>) -> Self {
        let operations = source.operations.iter();
        let received: Vec<_> = operations
            .clone()
            .flat_map(OperationSource::received)
            .collect();
        let sent: Vec<_> = operations.clone().flat_map(OperationSource::sent).collect();
        let mut modules = BTreeMap::new();
        for tag in source.tags() {
            for name in source.types_of_tag(tag) {
                let module = names::field(tag);
                modules
                    .entry(name)
                    .and_modify(|other: &mut String| SHARED.clone_into(other))
                    .or_insert(module);
            }
        }
        Self {
            sent: source.model.reachable(&sent),
            received: source.model.reachable(&received),
            bodies: operations.filter_map(|one| one.body.clone()).collect(),
            modules,
        }
    }

    fn module(&self, name: &str) -> String {
        self.modules
            .get(name)
            .map_or(SHARED, String::as_str)
            .to_owned()
    }
}

fn type_def(
    source: &Source<'_>,
    usage: &Usage,
    name: &str,
    def: &TypeDef,
) -> Result<TokenStream, String> {
    let schema = source
        .contract
        .pointer(&format!("/components/schemas/{name}"))
        .ok_or_else(|| format!("type {name}: the contract has no component of that name"))?;
    match def {
        TypeDef::Strings(variants) => Ok(enums::strings(name, &schema, variants)),
        TypeDef::Union(variants) => enums::union(name, &schema, variants),
        TypeDef::Struct(fields) => structs::structure(usage, name, &schema, fields),
    }
}

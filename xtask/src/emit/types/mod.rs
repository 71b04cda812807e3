//! The contract's types, and which file each stands in.

pub mod enums;
pub mod events;
pub mod selected_responses;
pub mod structs;
pub mod usage;

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::types::usage::{SHARED, Usage};
use crate::ir::input::GeneratorInput;
use crate::ir::input::selected_types;
use crate::ir::model::TypeDef;
use crate::ir::names::ident;

/// A module for each tag, one for what they share, and the root that joins them.
pub fn files(source: &GeneratorInput<'_>) -> Result<BTreeMap<String, TokenStream>, String> {
    let usage = Usage::new(source);
    let mut modules: BTreeMap<String, Vec<TokenStream>> = BTreeMap::new();
    for (name, def) in &source.model.types {
        let tokens = type_def(source, &usage, name, def)?;
        modules.entry(usage.module(name)).or_default().push(tokens);
    }
    for chosen in selected_responses::all(source) {
        let tokens = selected_responses::definition(source, &chosen)?;
        let module = selected_types(&chosen)
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
        //! fields of responses take an absent value and null alike.

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
            use serde::Serialize;
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

fn type_def(
    source: &GeneratorInput<'_>,
    usage: &Usage,
    name: &str,
    def: &TypeDef,
) -> Result<TokenStream, String> {
    let schema = source
        .contract
        .pointer(&format!("/components/schemas/{name}"))
        .ok_or_else(|| format!("type {name}: the contract has no component of that name"))?;
    match def {
        TypeDef::StringEnum(variants) => Ok(enums::strings(name, &schema, variants)),
        TypeDef::Union(variants) => enums::union(name, &schema, variants),
        TypeDef::Struct(fields) => structs::structure(usage, name, &schema, fields),
    }
}

//! Rust from the contract and progenitor's names and types.

mod client;
mod dispatch;
mod docs;
mod operations;
mod pretty_print;
mod schemas;
mod setters;
mod tables;
mod types;

use std::collections::BTreeMap;
use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::pretty_print::formatted;
use crate::ir::input::GeneratorInput;
use crate::ir::names::{self, ident};

/// The files of a generated client: their paths below its folder, and their text.
pub type Files = BTreeMap<PathBuf, String>;

/// The files of the client, each with `header` as its first line. The hash of the contract is in one of them,
/// so that a change of one description changes the file that it is in, and that one.
pub fn files(source: &GeneratorInput<'_>, header: &str, hash: u64) -> Result<Files, String> {
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
    add("schemas.rs", schemas::file(source)?)?;
    add("client.rs", client::file(source))?;
    add("mod.rs", root(source, hash))?;
    Ok(files)
}

/// The module that calls operations by id, for a crate that depends on the client.
pub fn dispatch_files(source: &GeneratorInput<'_>, header: &str) -> Result<Files, String> {
    let text = formatted("mod.rs", header, dispatch::file(source)?)?;
    Ok(Files::from([("mod.rs".into(), text)]))
}

fn root(source: &GeneratorInput<'_>, hash: u64) -> TokenStream {
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
        mod schemas;
        mod tables;
        pub mod types;

        pub use tables::{API, OPERATIONS};

        /// A builder for each operation; [`Client`](crate::Client) has a method that starts each.
        pub mod operations {
            #(#builders)*
        }
    }
}

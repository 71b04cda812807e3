//! The types of other crates in the client's public API are those that its documentation lists.
//!
//! Read from the source, so that it needs no compiler of a special kind: of what macros make only the decoders of structs are seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, UseTree, Visibility};

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../client");

/// Where the list stands.
const TITLE: &str = "//! # Types of other crates";

#[test]
fn types_of_other_crates_are_listed() {
    let files = sources(&Path::new(CLIENT).join("src"));
    let mut exported = BTreeSet::new();
    for (path, file) in &files {
        exported.extend(exports(path, file));
    }
    assert!(exported.contains("Client") && exported.contains("CatalogModel"));
    assert!(!exported.contains("Call"), "it is hidden");

    let manifest = fs::read_to_string(Path::new(CLIENT).join("Cargo.toml")).unwrap();
    let (_, dependencies) = manifest.split_once("\n[dependencies]\n").unwrap();
    let (dependencies, _) = dependencies.split_once("\n[").unwrap();
    let names = dependencies
        .lines()
        .filter_map(|line| line.split(['.', ' ']).next());
    let crates: BTreeSet<_> = names.map(|name| name.replace('-', "_")).collect();

    let mut found = BTreeSet::new();
    for file in files.values() {
        let mut imports = BTreeMap::new();
        for item in &file.items {
            if let Item::Use(item) = item {
                flatten(&item.tree, Vec::new(), &mut |name, path| {
                    imports.insert(name, path);
                });
            }
        }
        let mut foreign = Foreign {
            crates: &crates,
            imports: &imports,
            found: &mut found,
        };
        for item in &file.items {
            public(item, &exported, &mut foreign);
        }
    }

    let front_page = fs::read_to_string(Path::new(CLIENT).join("src/lib.rs")).unwrap();
    let (_, list) = front_page.split_once(TITLE).expect(TITLE);
    let list = list.lines().skip(1);
    let list = list.take_while(|line| line.starts_with("//!") && !line.starts_with("//! #"));
    let listed = list.flat_map(|line| line.split('`').skip(1).step_by(2));
    let listed = listed.filter(|name| name.contains("::")).map(str::to_owned);
    let listed: BTreeSet<_> = listed.collect();
    assert_eq!(found, listed);
}

/// The files that aren't only for tests, by their paths.
fn sources(folder: &Path) -> BTreeMap<PathBuf, syn::File> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            files.insert(path, syn::parse_file(&text).unwrap());
        }
    }
    files
}

/// The names that a file gives to the outside: the front page and the blocking client by their
/// `pub use`, the generated types and builders by themselves.
fn exports(path: &Path, file: &syn::File) -> Vec<String> {
    let mut names = Vec::new();
    let is_front = path.ends_with("client/src/lib.rs") || path.ends_with("blocking/mod.rs");
    let is_generated = path
        .components()
        .any(|part| part.as_os_str() == "generated");
    for item in &file.items {
        match item {
            Item::Use(item) if is_front && is_public(&item.vis) && !is_hidden(&item.attrs) => {
                flatten(&item.tree, Vec::new(), &mut |name, _| names.push(name));
            }
            Item::Struct(item) if is_generated && is_public(&item.vis) => {
                names.push(item.ident.to_string());
            }
            Item::Enum(item) if is_generated && is_public(&item.vis) => {
                names.push(item.ident.to_string());
            }
            _ => {}
        }
    }
    names
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let meta = attribute.meta.require_list();
        attribute.path().is_ident("doc")
            && meta.is_ok_and(|list| list.tokens.to_string() == "hidden")
    })
}

/// Hands over each name that a `use` brings, with its whole path.
fn flatten(tree: &UseTree, mut path: Vec<String>, each: &mut dyn FnMut(String, Vec<String>)) {
    match tree {
        UseTree::Path(one) => {
            path.push(one.ident.to_string());
            flatten(&one.tree, path, each);
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, path.clone(), each);
            }
        }
        UseTree::Name(name) if name.ident == "self" => {
            each(path.last().cloned().unwrap_or_default(), path);
        }
        UseTree::Name(name) => {
            path.push(name.ident.to_string());
            each(name.ident.to_string(), path);
        }
        UseTree::Rename(rename) => {
            path.push(rename.ident.to_string());
            each(rename.rename.to_string(), path);
        }
        UseTree::Glob(_) => {}
    }
}

/// Looks at what a caller sees of an item.
fn public(item: &Item, exported: &BTreeSet<String>, foreign: &mut Foreign<'_>) {
    let is_exported = |ident: &syn::Ident| exported.contains(&ident.to_string());
    match item {
        Item::Struct(item) if is_exported(&item.ident) => {
            foreign.derives(&item.attrs);
            foreign.visit_generics(&item.generics);
            for field in &item.fields {
                if is_public(&field.vis) {
                    foreign.visit_type(&field.ty);
                }
            }
        }
        Item::Enum(item) if is_exported(&item.ident) => {
            foreign.derives(&item.attrs);
            for field in item.variants.iter().flat_map(|variant| &variant.fields) {
                foreign.visit_type(&field.ty);
            }
        }
        Item::Type(item) if is_exported(&item.ident) => foreign.visit_type(&item.ty),
        Item::Macro(item)
            if item
                .mac
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "object") =>
        {
            foreign.found.insert("serde::Deserialize".to_owned());
        }
        Item::Impl(item) => {
            let syn::Type::Path(of) = &*item.self_ty else {
                return;
            };
            if !of
                .path
                .segments
                .last()
                .is_some_and(|last| is_exported(&last.ident))
            {
                return;
            }
            foreign.visit_generics(&item.generics);
            if let Some((of, _)) = &item.trait_ {
                foreign.visit_path(of);
            }
            for item in &item.items {
                match item {
                    ImplItem::Fn(method) if is_public(&method.vis) && !is_hidden(&method.attrs) => {
                        foreign.visit_signature(&method.sig);
                    }
                    ImplItem::Type(ty) => foreign.visit_type(&ty.ty),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Collects the paths that lead into other crates.
struct Foreign<'f> {
    crates: &'f BTreeSet<String>,
    imports: &'f BTreeMap<String, Vec<String>>,
    found: &'f mut BTreeSet<String>,
}

impl Foreign<'_> {
    fn derives(&mut self, attributes: &[Attribute]) {
        for attribute in attributes
            .iter()
            .filter(|one| one.path().is_ident("derive"))
        {
            let separated =
                syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
            for path in attribute.parse_args_with(separated).unwrap() {
                self.visit_path(&path);
            }
        }
    }
}

impl Visit<'_> for Foreign<'_> {
    fn visit_path(&mut self, path: &syn::Path) {
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|one| one.ident.to_string())
            .collect();
        let mut whole = self.imports.get(&segments[0]).cloned().unwrap_or_default();
        match whole.is_empty() {
            true => whole = segments,
            false => whole.extend_from_slice(&segments[1..]),
        }
        if self.crates.contains(&whole[0]) {
            self.found.insert(whole.join("::"));
        }
        visit::visit_path(self, path);
    }
}

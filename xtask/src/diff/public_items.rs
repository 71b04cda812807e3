//! The public items of generated code, and how those of two contracts differ.

use std::collections::{BTreeMap, BTreeSet};

use cometapi_contract::diff::Level;
use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::{Fields, ImplItem, Item, Visibility};

use crate::emit::Files;

/// Files whose items no caller can name.
const PRIVATE: [&str; 2] = ["tables.rs", "schemas.rs"];

/// Macros of the runtime that write a decoder.
const JSON_MACROS: [&str; 5] = [
    "object",
    "closed_enum",
    "open_enum",
    "tagged_union",
    "untagged_union",
];

/// The public items, each under the type that it belongs to and its own name.
#[derive(Debug, Default)]
pub struct Api {
    items: BTreeMap<ItemPath, Signature>,
    /// Structs and enums that callers can't list completely.
    open: BTreeSet<String>,
}

/// `Usage` for a type, `Usage::cached_tokens` for a field of it, `Usage::cached_tokens()` for a method.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemPath {
    pub owner: String,
    pub member: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    kind: Kind,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Type,
    Field,
    Variant,
    Method,
    Implementation,
}

/// What a program that is compiled again meets.
#[derive(Clone, Debug)]
pub struct ApiChange {
    pub path: ItemPath,
    /// How it was; nothing if it is new.
    pub before: Option<String>,
    /// How it is; nothing if it is gone.
    pub after: Option<String>,
    /// The version that it asks for.
    pub level: Level,
}

impl Api {
    pub fn of(files: &Files) -> Result<Self, String> {
        let mut api = Self::default();
        for (path, text) in files {
            let name = path.to_string_lossy();
            if PRIVATE.contains(&&*name) {
                continue;
            }
            let file = syn::parse_file(text).map_err(|error| format!("{name}: {error}"))?;
            for item in &file.items {
                api.add(item);
            }
        }
        Ok(api)
    }

    fn add(&mut self, item: &Item) {
        match item {
            Item::Struct(item) if is_public(&item.vis) => {
                let name = item.ident.to_string();
                self.add_type(&name, "struct", &item.generics, &item.attrs);
                for field in item.fields.iter().filter(|field| is_public(&field.vis)) {
                    let member = field.ident.as_ref().map(ToString::to_string);
                    self.insert(&name, member, Kind::Field, text(&field.ty));
                }
            }
            Item::Enum(item) if is_public(&item.vis) => {
                let name = item.ident.to_string();
                self.add_type(&name, "enum", &item.generics, &item.attrs);
                for variant in &item.variants {
                    let ident = &variant.ident;
                    let payload = match &variant.fields {
                        Fields::Unit => ident.to_string(),
                        fields => format!("{ident}{}", text(fields)),
                    };
                    self.insert(&name, Some(ident.to_string()), Kind::Variant, payload);
                }
            }
            Item::Impl(item) => {
                let owner = owner(&item.self_ty);
                if let Some((path, _)) = &item.trait_ {
                    // Traits of the seam to the runtime are no one else's.
                    if path
                        .segments
                        .first()
                        .is_some_and(|first| first.ident == "crate")
                    {
                        return;
                    }
                    let member = format!("impl {}", text(path));
                    let generics = text(&item.generics);
                    let bound = format!("impl{generics} {} for {owner}", text(path));
                    self.insert(&owner, Some(member), Kind::Implementation, bound);
                    return;
                }
                for method in &item.items {
                    if let ImplItem::Fn(method) = method
                        && is_public(&method.vis)
                    {
                        // A field may have the name of its setter.
                        let name = format!("{}()", method.sig.ident);
                        self.insert(&owner, Some(name), Kind::Method, signature(&method.sig));
                    }
                }
            }
            Item::Macro(item) => {
                // The runtime's macros implement traits of the type that they name first: those of JSON its decoder.
                let name = item
                    .mac
                    .path
                    .segments
                    .last()
                    .map(|segment| segment.ident.to_string());
                let tokens = item.mac.tokens.clone();
                if let (Some(name), Some(TokenTree::Ident(owner))) =
                    (name, tokens.into_iter().next())
                {
                    let owner = owner.to_string();
                    let name = match JSON_MACROS.contains(&name.as_str()) {
                        true => "Deserialize",
                        false => &name,
                    };
                    let text = format!("{name} for {owner}");
                    self.insert(
                        &owner,
                        Some(format!("impl {name}")),
                        Kind::Implementation,
                        text,
                    );
                }
            }
            Item::Mod(item) => {
                let content = item.content.iter().flat_map(|(_, items)| items);
                content.for_each(|item| self.add(item));
            }
            _ => {}
        }
    }

    fn add_type(
        &mut self,
        name: &str,
        keyword: &str,
        generics: &syn::Generics,
        attributes: &[syn::Attribute],
    ) {
        let header = format!("{keyword} {name}{}", text(generics));
        self.insert(name, None, Kind::Type, header);
        if attributes
            .iter()
            .any(|attribute| attribute.path().is_ident("non_exhaustive"))
        {
            self.open.insert(name.to_owned());
        }
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("derive"))
        {
            let _ = attribute.parse_nested_meta(|meta| {
                let path = text(&meta.path);
                let member = format!("impl {path}");
                self.insert(
                    name,
                    Some(member),
                    Kind::Implementation,
                    format!("{path} for {name}"),
                );
                Ok(())
            });
        }
    }

    fn insert(&mut self, owner: &str, member: Option<String>, kind: Kind, text: String) {
        let path = ItemPath {
            owner: owner.to_owned(),
            member,
        };
        self.items.insert(path, Signature { kind, text });
    }

    /// The differences that callers can observe. What belongs to a type that comes or goes is not listed beside it.
    pub fn changes(old: &Self, new: &Self) -> Vec<ApiChange> {
        let paths: BTreeSet<&ItemPath> = old.items.keys().chain(new.items.keys()).collect();
        let has = |api: &Self, owner: &str| {
            api.items
                .keys()
                .any(|path| path.owner == owner && path.member.is_none())
        };
        let mut changes = Vec::new();
        for path in paths {
            let (was, is) = (old.items.get(path), new.items.get(path));
            let is_part = path.member.is_some() && has(old, &path.owner) != has(new, &path.owner);
            if was == is || is_part {
                continue;
            }
            changes.push(ApiChange {
                path: path.clone(),
                before: was.map(|signature| signature.text.clone()),
                after: is.map(|signature| signature.text.clone()),
                level: match (was, is) {
                    (None, Some(is)) => addition(old, path, is.kind),
                    _ => Level::Major,
                },
            });
        }
        let openness = old.open.symmetric_difference(&new.open);
        for name in openness.filter(|name| has(old, name) && has(new, name)) {
            let text = |api: &Self| match api.open.contains(name) {
                true => format!("#[non_exhaustive] {name}"),
                false => name.clone(),
            };
            changes.push(ApiChange {
                path: ItemPath {
                    owner: name.clone(),
                    member: None,
                },
                before: Some(text(old)),
                after: Some(text(new)),
                level: match new.open.contains(name) {
                    true => Level::Major,
                    false => Level::Minor,
                },
            });
        }
        changes
    }
}

/// What a new item asks for: callers may have listed all fields or variants of a type that isn't `#[non_exhaustive]`.
fn addition(old: &Api, path: &ItemPath, kind: Kind) -> Level {
    match kind {
        Kind::Field | Kind::Variant if !old.open.contains(&path.owner) => Level::Major,
        _ => Level::Minor,
    }
}

/// The type of an implementation. Its parameters matter only where they are types that exist.
fn owner(ty: &syn::Type) -> String {
    let text = text(ty);
    match text.split_once('<') {
        Some((name, arguments)) if !arguments.contains("::") => name.to_owned(),
        _ => text.replace("<'_, ", "<"),
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// A method without its body and the names of its parameters.
fn signature(signature: &syn::Signature) -> String {
    let inputs = signature.inputs.iter().map(|input| match input {
        syn::FnArg::Receiver(receiver) => {
            // `mut self` is the callee's business.
            let mut receiver = receiver.clone();
            if matches!(receiver.kind, syn::ReceiverKind::Value) {
                receiver.mutability = None;
            }
            text(&receiver)
        }
        syn::FnArg::Typed(typed) => text(&typed.ty),
    });
    let inputs: Vec<String> = inputs.collect();
    let asyncness = signature.asyncness.map_or("", |_| "async ");
    let output = match &signature.output {
        syn::ReturnType::Default => String::new(),
        syn::ReturnType::Type(_, ty) => format!(" -> {}", text(ty)),
    };
    let (name, generics) = (&signature.ident, text(&signature.generics));
    format!(
        "{asyncness}fn {name}{generics}({}){output}",
        inputs.join(", ")
    )
}

/// Rust without the spaces between its tokens that no one writes.
fn text(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    let text = text
        .replace(" :: ", "::")
        .replace(" < ", "<")
        .replace(" >", ">");
    let text = text
        .replace("< ", "<")
        .replace(" ,", ",")
        .replace("& ", "&");
    let text = text
        .replace(" <", "<")
        .replace("( ", "(")
        .replace(" )", ")");
    text.replace(" (", "(")
}

impl std::fmt::Display for ItemPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.member {
            None => write!(f, "{}", self.owner),
            Some(member) if member.starts_with("impl ") => write!(f, "{member} for {}", self.owner),
            Some(member) => write!(f, "{}::{member}", self.owner),
        }
    }
}

impl std::fmt::Display for ApiChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = &self.path;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "`{path}`: `{before}` becomes `{after}`"),
            (None, Some(_)) => write!(f, "`{path}` is new"),
            _ => write!(f, "`{path}` is gone"),
        }
    }
}

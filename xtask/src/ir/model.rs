//! What progenitor decided: the types and the operations' signatures, read from its output.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Ident;
use syn::visit::Visit;

/// Names and types, without any of progenitor's code.
pub struct Model {
    pub types: BTreeMap<String, TypeDef>,
    pub signatures: BTreeMap<String, Signature>,
}

/// A type of the contract.
pub enum TypeDef {
    Struct(Vec<Field>),
    /// A set of strings.
    StringEnum(Vec<StringVariant>),
    /// Alternatives, in the contract's order.
    Union(Vec<UnionVariant>),
}

pub struct Field {
    pub ident: Ident,
    /// Its name in JSON.
    pub name: String,
    pub ty: syn::Type,
    /// Whether the response may leave it out although its type is no `Option`: a container.
    pub defaulted: bool,
}

pub struct StringVariant {
    pub ident: Ident,
    pub value: String,
}

pub struct UnionVariant {
    pub ident: Ident,
    pub ty: syn::Type,
}

/// An operation as progenitor would offer it.
pub struct Signature {
    pub parameters: BTreeMap<String, syn::Type>,
    /// The result's type; the unit type for a response without a body.
    pub result: syn::Type,
}

impl Model {
    /// The names of `roots` and of all the types that they hold.
    pub fn reachable<'a>(
        &self,
        roots: impl IntoIterator<Item = &'a syn::Type>,
    ) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open: Vec<String> = roots.into_iter().flat_map(|ty| self.named_in(ty)).collect();
        while let Some(name) = open.pop() {
            let Some(def) = self.types.get(&name) else {
                continue;
            };
            if found.insert(name) {
                open.extend(def.inner_types().flat_map(|ty| self.named_in(ty)));
            }
        }
        found
    }

    /// The types of the model that a Rust type mentions.
    pub fn named_in(&self, ty: &syn::Type) -> Vec<String> {
        struct Names(Vec<String>);
        impl Visit<'_> for Names {
            fn visit_ident(&mut self, ident: &Ident) {
                self.0.push(ident.to_string());
            }
        }
        let mut names = Names(Vec::new());
        names.visit_type(ty);
        names.0.retain(|name| self.types.contains_key(name));
        names.0
    }
}

impl Field {
    /// Whether a value can't be made without the field.
    pub fn is_required(&self) -> bool {
        !self.defaulted && optional(&self.ty).is_none()
    }
}

impl TypeDef {
    fn inner_types(&self) -> Box<dyn Iterator<Item = &syn::Type> + '_> {
        match self {
            Self::Struct(fields) => Box::new(fields.iter().map(|field| &field.ty)),
            Self::StringEnum(_) => Box::new(std::iter::empty()),
            Self::Union(variants) => Box::new(variants.iter().map(|variant| &variant.ty)),
        }
    }
}

/// A Rust type, as far as the generator tells them apart.
pub enum RustShape<'t> {
    String,
    Integer,
    Float,
    Bool,
    Value,
    Vec(&'t syn::Type),
    Map(&'t syn::Type),
    /// A type of the contract, or anything else.
    Named,
}

/// `T`, if the type is `Option<T>`.
pub fn optional(ty: &syn::Type) -> Option<&syn::Type> {
    match generic(ty) {
        Some((name, arguments)) if name == "Option" => arguments.into_iter().next(),
        _ => None,
    }
}

/// The type behind any `Option`.
pub fn required(ty: &syn::Type) -> &syn::Type {
    optional(ty).unwrap_or(ty)
}

pub fn shape(ty: &syn::Type) -> RustShape<'_> {
    let Some((name, arguments)) = generic(ty) else {
        return RustShape::Named;
    };
    match (name.as_str(), arguments.as_slice()) {
        ("String", []) => RustShape::String,
        ("i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64", []) => RustShape::Integer,
        ("f32" | "f64", []) => RustShape::Float,
        ("bool", []) => RustShape::Bool,
        ("Value", []) => RustShape::Value,
        ("Vec", [item]) => RustShape::Vec(item),
        ("BTreeMap" | "Map", [_, value]) => RustShape::Map(value),
        _ => RustShape::Named,
    }
}

fn generic(ty: &syn::Type) -> Option<(String, Vec<&syn::Type>)> {
    let syn::Type::Path(path) = ty else {
        return None;
    };
    let segment = path.path.segments.last()?;
    let arguments = match &segment.arguments {
        syn::PathArguments::AngleBracketed(arguments) => arguments.args.iter().collect(),
        _ => Vec::new(),
    };
    let types = arguments.into_iter().filter_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some((segment.ident.to_string(), types.collect()))
}

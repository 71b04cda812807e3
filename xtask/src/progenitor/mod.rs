//! Runs progenitor on a lowered contract and reads names and types out of what it makes.
//!
//! Only its decisions are used: its method bodies lose the status, the headers and the body of
//! a response that doesn't fit, and know neither streams nor uploads.

pub mod verify;

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};

use progenitor::{GenerationSettings, Generator, InterfaceStyle, TagStyle};
use quote::ToTokens;
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};

use crate::ir::model::{Field, Model, Signature, StringVariant, TypeDef, UnionVariant};

/// progenitor's view of a lowered contract, or why it has none.
pub fn read(lowered: &Value) -> Result<Model, String> {
    let mut file = generate(lowered)?;
    ShortenPaths.visit_file_mut(&mut file);
    let mut model = Model {
        types: BTreeMap::new(),
        signatures: BTreeMap::new(),
    };
    for item in &file.items {
        match item {
            syn::Item::Mod(module) if module.ident == "types" => {
                let (_, items) = module.content.as_ref().ok_or("an empty module `types`")?;
                model.types = read_types(items)?;
            }
            syn::Item::Impl(block) if block.trait_.is_none() => read_methods(block, &mut model)?,
            _ => {}
        }
    }
    Ok(model)
}

fn generate(lowered: &Value) -> Result<syn::File, String> {
    let spec: openapiv3::OpenAPI = serde_json::from_value(lowered.clone())
        .map_err(|error| format!("no OpenAPI 3.0 document: {error}"))?;
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        // Requests are the same bytes each time only if the order of a map's keys is.
        .with_map_type("::std::collections::BTreeMap");
    let tokens = catch_panic(|| Generator::new(&settings).generate_tokens(&spec))?
        .map_err(|error| format!("progenitor refuses it: {error}"))?;
    syn::parse2(tokens).map_err(|error| format!("progenitor's output is no Rust: {error}"))
}

/// progenitor panics on much that it can't take; that is to be an error like any other.
fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(hook);
    result.map_err(|payload| {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given");
        format!(
            "progenitor panics on it: {}",
            text.lines().next().unwrap_or_default()
        )
    })
}

fn read_types(items: &[syn::Item]) -> Result<BTreeMap<String, TypeDef>, String> {
    let mut types = BTreeMap::new();
    for item in items {
        match item {
            syn::Item::Struct(item) => {
                types.insert(item.ident.to_string(), read_struct(item)?);
            }
            syn::Item::Enum(item) => {
                types.insert(item.ident.to_string(), read_enum(item)?);
            }
            // The rest is code on these types, of which the emitter makes its own.
            _ => {}
        }
    }
    Ok(types)
}

fn read_struct(item: &syn::ItemStruct) -> Result<TypeDef, String> {
    let fields = match &item.fields {
        syn::Fields::Named(fields) => fields,
        // Of a union of one alternative progenitor makes a newtype.
        syn::Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            return Ok(TypeDef::Union(vec![UnionVariant {
                ident: item.ident.clone(),
                ty: fields.unnamed[0].ty.clone(),
            }]));
        }
        _ => return Err(format!("type {}: a struct of another shape", item.ident)),
    };
    let read = |field: &syn::Field| {
        let ident = field.ident.clone().ok_or("a field without a name")?;
        let serde = SerdeField::read(&field.attrs)?;
        if serde.flatten {
            return Err(format!("{}.{ident}: a flattened field", item.ident));
        }
        Ok(Field {
            name: serde.rename.unwrap_or_else(|| ident.to_string()),
            defaulted: serde.default,
            ty: field.ty.clone(),
            ident,
        })
    };
    let fields: Result<_, String> = fields.named.iter().map(read).collect();
    Ok(TypeDef::Struct(fields?))
}

fn read_enum(item: &syn::ItemEnum) -> Result<TypeDef, String> {
    let plain = item
        .variants
        .iter()
        .all(|variant| variant.fields.is_empty());
    if plain {
        let read = |variant: &syn::Variant| {
            let rename = SerdeField::read(&variant.attrs)?.rename;
            Ok(StringVariant {
                value: rename.unwrap_or_else(|| variant.ident.to_string()),
                ident: variant.ident.clone(),
            })
        };
        let variants: Result<_, String> = item.variants.iter().map(read).collect();
        return Ok(TypeDef::StringEnum(variants?));
    }
    let read = |variant: &syn::Variant| match &variant.fields {
        syn::Fields::Unnamed(fields) if fields.unnamed.len() == 1 => Ok(UnionVariant {
            ident: variant.ident.clone(),
            ty: fields.unnamed[0].ty.clone(),
        }),
        _ => Err(format!(
            "type {}: alternative {} holds not one value",
            item.ident, variant.ident
        )),
    };
    let variants: Result<_, String> = item.variants.iter().map(read).collect();
    Ok(TypeDef::Union(variants?))
}

/// The part of `#[serde(...)]` that says how a field looks in JSON.
#[derive(Default)]
struct SerdeField {
    rename: Option<String>,
    default: bool,
    flatten: bool,
}

impl SerdeField {
    fn read(attributes: &[syn::Attribute]) -> Result<Self, String> {
        let mut read = Self::default();
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("serde"))
        {
            let result = attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("rename") {
                    read.rename = Some(meta.value()?.parse::<syn::LitStr>()?.value());
                } else if meta.path.is_ident("skip_serializing_if") {
                    meta.value()?.parse::<syn::LitStr>()?;
                } else if meta.path.is_ident("default") {
                    read.default = true;
                } else if meta.path.is_ident("flatten") {
                    read.flatten = true;
                } else {
                    return Err(meta.error("an attribute the generator doesn't know"));
                }
                Ok(())
            });
            result.map_err(|error| format!("{}: {error}", attribute.to_token_stream()))?;
        }
        Ok(read)
    }
}

fn read_methods(block: &syn::ItemImpl, model: &mut Model) -> Result<(), String> {
    for item in &block.items {
        let syn::ImplItem::Fn(method) = item else {
            continue;
        };
        if method.sig.asyncness.is_none() {
            continue;
        }
        let name = method.sig.ident.to_string();
        let signature = read_signature(&method.sig).ok_or_else(|| {
            format!("operation {name}: a signature of another shape than expected")
        })?;
        model.signatures.insert(name, signature);
    }
    Ok(())
}

/// `async fn name(&self, limit: Option<i64>, body: &Body) -> Result<ResponseValue<T>, Error<()>>`
fn read_signature(signature: &syn::Signature) -> Option<Signature> {
    let mut parameters = BTreeMap::new();
    for input in &signature.inputs {
        let syn::FnArg::Typed(input) = input else {
            continue;
        };
        let syn::Pat::Ident(name) = &*input.pat else {
            return None;
        };
        parameters.insert(name.ident.to_string(), (*input.ty).clone());
    }
    let syn::ReturnType::Type(_, result) = &signature.output else {
        return None;
    };
    let result = first_argument(first_argument(result, "Result")?, "ResponseValue")?;
    Some(Signature {
        parameters,
        result: result.clone(),
    })
}

fn first_argument<'t>(ty: &'t syn::Type, of: &str) -> Option<&'t syn::Type> {
    let syn::Type::Path(path) = ty else {
        return None;
    };
    let segment = path
        .path
        .segments
        .last()
        .filter(|segment| segment.ident == of)?;
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    match arguments.args.first()? {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// Paths as people write them: `Option` for `::std::option::Option`, `Voice` for `types::Voice`,
/// and owned values for borrowed ones.
struct ShortenPaths;

impl VisitMut for ShortenPaths {
    fn visit_type_mut(&mut self, ty: &mut syn::Type) {
        if let syn::Type::Reference(reference) = ty {
            *ty = match &*reference.elem {
                syn::Type::Path(path) if path.path.is_ident("str") => syn::parse_quote!(String),
                owned => owned.clone(),
            };
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        let Some(last) = path.segments.last() else {
            return;
        };
        let last = last.clone();
        path.leading_colon = None;
        path.segments = [last].into_iter().collect();
    }
}

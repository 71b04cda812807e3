//! The schemas of responses as statics, for the tolerant reader, and what else a response tells about itself.

use std::collections::{BTreeMap, BTreeSet};

use cometapi_contract::Node;
use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::input::GeneratorInput;
use crate::ir::model::{Field, RustShape, TypeDef, optional, required, shape};
use crate::ir::names::{self, ident};

pub fn file(source: &GeneratorInput<'_>) -> Result<TokenStream, String> {
    let received: Vec<_> = source
        .operations
        .iter()
        .flat_map(|operation| operation.received())
        .collect();
    let names = source.model.reachable(&received);
    let mut statics = Vec::new();
    for name in &names {
        let schema = definition(source, name)?;
        let constant = ident(&names::constant(name));
        statics.push(quote!(static #constant: Schema = #schema;));
    }
    let sentinels = sentinels(source);
    let mut implementations = Vec::new();
    for name in roots(source) {
        implementations.push(implementation(source, &name, sentinels.get(&name))?);
    }
    Ok(quote! {
        //! The schemas of responses and events.

        #[allow(unused_imports, reason = "a contract may have no response of JSON")]
        use crate::runtime::codegen::{Described, Presence, Property, Schema};

        #[allow(unused_imports, reason = "a contract may have no response of JSON")]
        use super::types;

        #(#implementations)*
        #(#statics)*
    })
}

/// The types that operations return, and the events of their streams.
fn roots(source: &GeneratorInput<'_>) -> BTreeSet<String> {
    let operations = source.operations.iter();
    let types = operations.flat_map(|operation| operation.received());
    types.flat_map(|ty| source.model.named_in(&ty)).collect()
}

/// The sentinel that may follow a response, by the response's type.
fn sentinels(source: &GeneratorInput<'_>) -> BTreeMap<String, String> {
    let mut sentinels = BTreeMap::new();
    for operation in &source.operations {
        let events = operation.payloads.events.as_ref();
        let stream = events.and_then(|events| events.stream.as_ref());
        let sentinel = stream.and_then(|stream| stream.str("sentinel"));
        if let (Some(json), Some(sentinel)) = (&operation.json, sentinel) {
            for name in source.model.named_in(json) {
                sentinels.insert(name, sentinel.to_owned());
            }
        }
    }
    sentinels
}

fn implementation(
    source: &GeneratorInput<'_>,
    name: &str,
    sentinel: Option<&String>,
) -> Result<TokenStream, String> {
    let (ty, constant) = (ident(name), ident(&names::constant(name)));
    let sentinel = sentinel
        .map(|sentinel| quote!(const TRAILING_SENTINEL: Option<&'static str> = Some(#sentinel);));
    let fields = match source.model.types.get(name) {
        Some(TypeDef::Struct(fields)) => fields.as_slice(),
        _ => &[],
    };
    let is_list = |field: &&Field| matches!(shape(&field.ty), RustShape::Vec(_));
    let required = fields
        .iter()
        .filter(|field| !field.defaulted)
        .filter(is_list);
    let required: Vec<_> = required.map(|field| &field.ident).collect();
    let is_empty = (!required.is_empty()).then(|| {
        quote! {
            fn is_empty(&self) -> bool {
                #(self.#required.is_empty())&&*
            }
        }
    });
    let reported_error = reported_error(source, name, fields)?;
    Ok(quote! {
        impl Described for types::#ty {
            const SCHEMA: &'static Schema = &#constant;

            #sentinel

            #is_empty
            #reported_error
        }
    })
}

/// The method that finds the error in an item of a list, where the contract marks a property as one.
fn reported_error(
    source: &GeneratorInput<'_>,
    name: &str,
    fields: &[Field],
) -> Result<Option<TokenStream>, String> {
    for field in fields {
        let RustShape::Vec(item) = shape(&field.ty) else {
            continue;
        };
        for item in source.model.named_in(item) {
            let Some(TypeDef::Struct(inner)) = source.model.types.get(&item) else {
                continue;
            };
            for error in inner {
                let property = property(source, &item, &error.name)?;
                if !property.bool("x-reported-error") {
                    continue;
                }
                if optional(&error.ty).is_none() {
                    return Err(format!("{name}: an error of `{item}` has to be optional"));
                }
                let (list, error) = (&field.ident, &error.ident);
                let value = match property.bool("x-boxed") {
                    true => quote!(item.#error.as_deref()),
                    false => quote!(item.#error.as_ref()),
                };
                return Ok(Some(quote! {
                    fn reported_error(&self) -> Option<&serde_json::Value> {
                        self.#list.iter().find_map(|item| #value)
                    }
                }));
            }
        }
    }
    Ok(None)
}

/// The schema of a type of the contract.
fn definition(source: &GeneratorInput<'_>, name: &str) -> Result<TokenStream, String> {
    match source.model.types.get(name) {
        Some(TypeDef::Struct(fields)) => object(source, name, fields),
        Some(TypeDef::StringEnum(variants)) => {
            let values = variants.iter().map(|variant| &variant.value);
            Ok(match component(source, name)?.bool("x-closed-enum") {
                true => quote!(Schema::Enum(&[#(#values),*])),
                false => quote!(Schema::String),
            })
        }
        Some(TypeDef::Union(variants)) => {
            let types = variants.iter().map(|variant| schema(source, &variant.ty));
            let types = types.collect::<Result<Vec<_>, _>>()?;
            let node = component(source, name)?;
            let Some(discriminator) = node.get("discriminator") else {
                return Ok(quote!(Schema::Untagged(&[#(&#types),*])));
            };
            let tag = discriminator.str("propertyName").unwrap_or_default();
            let mapping = discriminator.get("mapping");
            let mapping = mapping.as_ref().map(Node::entries).unwrap_or_default();
            let alternatives = node
                .get("oneOf")
                .map(|list| list.items())
                .unwrap_or_default();
            let values = alternatives.iter().map(|alternative| {
                let target = alternative.str("$ref").unwrap_or_default();
                let known = mapping
                    .iter()
                    .find(|(_, node)| node.value().as_str() == Some(target));
                known
                    .map(|(value, _)| *value)
                    .ok_or_else(|| format!("type {name}: no tag for {target}"))
            });
            let values = values.collect::<Result<Vec<_>, _>>()?;
            Ok(quote! {
                Schema::Tagged { tag: #tag, variants: &[#((#values, &#types)),*] }
            })
        }
        None => Err(format!("{name} is no type")),
    }
}

fn object(
    source: &GeneratorInput<'_>,
    name: &str,
    fields: &[Field],
) -> Result<TokenStream, String> {
    let mut properties = Vec::new();
    for field in fields {
        let key = &field.name;
        let schema = match property(source, name, key)?.get("x-text-parts") {
            Some(parts) => text_parts(name, fields, &parts)?,
            None => schema(source, required(&field.ty))?,
        };
        let is_optional = field.defaulted || optional(&field.ty).is_some();
        let presence = match is_optional {
            true => quote!(Optional),
            false if property(source, name, key)?.bool("x-null-is-empty") => quote!(NullIsEmpty),
            false => quote!(Required),
        };
        properties.push(quote! {
            Property { name: #key, schema: &#schema, presence: Presence::#presence }
        });
    }
    Ok(quote!(Schema::Object(&[#(#properties),*])))
}

/// The schema of a string that may come as a list of parts.
fn text_parts(name: &str, fields: &[Field], parts: &Node<'_>) -> Result<TokenStream, String> {
    let pairs = parts.entries().into_iter().map(|(kind, target)| {
        let target = target.value().as_str().unwrap_or_default();
        let field = fields.iter().find(|field| field.name == target);
        match field.map(|field| shape(required(&field.ty))) {
            Some(RustShape::String) => Ok(quote!((#kind, #target))),
            _ => Err(format!(
                "type {name}: `{target}` of `x-text-parts` is no string of it"
            )),
        }
    });
    let pairs = pairs.collect::<Result<Vec<_>, String>>()?;
    Ok(quote!(Schema::TextParts(&[#(#pairs),*])))
}

/// The schema of a Rust type, as an expression.
fn schema(source: &GeneratorInput<'_>, ty: &syn::Type) -> Result<TokenStream, String> {
    Ok(match shape(ty) {
        RustShape::String => quote!(Schema::String),
        RustShape::Integer => {
            quote!(Schema::Integer { min: #ty::MIN as i128, max: #ty::MAX as i128 })
        }
        RustShape::Float => quote!(Schema::Number),
        RustShape::Bool => quote!(Schema::Boolean),
        RustShape::Value => quote!(Schema::Any),
        RustShape::Vec(item) => {
            let item = schema(source, item)?;
            quote!(Schema::List(&#item))
        }
        RustShape::Map(value) => {
            let value = schema(source, value)?;
            quote!(Schema::Map(&#value))
        }
        RustShape::Named => match source.model.named_in(ty).as_slice() {
            [name] => {
                let constant = ident(&names::constant(name));
                quote!(#constant)
            }
            _ => return Err(format!("no schema for the type {}", quote!(#ty))),
        },
    })
}

fn component<'c>(source: &GeneratorInput<'c>, name: &str) -> Result<Node<'c>, String> {
    let node = source
        .contract
        .pointer(&format!("/components/schemas/{name}"));
    node.ok_or_else(|| format!("type {name}: the contract has no component of that name"))
}

fn property<'c>(source: &GeneratorInput<'c>, ty: &str, name: &str) -> Result<Node<'c>, String> {
    let node = component(source, ty)?.get_path(&["properties", name]);
    node.ok_or_else(|| format!("{ty} has no property `{name}`"))
}

//! Asserts that what came out is what the lowering was for, so that a new progenitor fails the
//! build and not a user.

use cometapi_contract::Node;

use crate::ir::input::GeneratorInput;
use crate::ir::model::{Model, RustShape, TypeDef, optional, required, shape};

/// Compares progenitor's names and types with the contract.
pub fn model(source: &GeneratorInput<'_>) -> Result<(), String> {
    for (name, def) in &source.model.types {
        let pointer = format!("/components/schemas/{name}");
        let schema = source
            .contract
            .pointer(&pointer)
            .ok_or_else(|| format!("progenitor made a type {name} that is no component"))?;
        match def {
            TypeDef::Struct(fields) => {
                for field in fields {
                    is_known(&source.model, &field.ty)
                        .map_err(|error| format!("{name}.{}: {error}", field.name))?;
                }
            }
            TypeDef::StringEnum(variants) => {
                let values = schema
                    .get("enum")
                    .map(|values| values.items())
                    .unwrap_or_default();
                if values.len() != variants.len() {
                    return Err(format!(
                        "{name}: {} of {} values",
                        variants.len(),
                        values.len()
                    ));
                }
            }
            TypeDef::Union(variants) => {
                for variant in variants {
                    is_known(&source.model, &variant.ty)
                        .map_err(|error| format!("{name}::{}: {error}", variant.ident))?;
                }
            }
        }
        if let TypeDef::Struct(fields) = def {
            let has_field = |name: &str| fields.iter().any(|field| field.name == name);
            let properties = schema.get("properties");
            let lost = properties
                .iter()
                .flat_map(Node::entries)
                .find(|(key, property)| {
                    let is_tag = property.get("enum").is_some();
                    let is_file = property.str("format") == Some("binary");
                    !is_tag && !is_file && !has_field(key)
                });
            if let Some((key, _)) = lost {
                return Err(format!("{name}: progenitor made no field for {key}"));
            }
        }
    }
    for operation in &source.operations {
        for received in operation.received() {
            is_known(&source.model, &received)
                .map_err(|error| format!("{}: {error}", operation.operation.id()))?;
        }
    }
    Ok(())
}

/// No newtype of a limit, no date, no map of leftovers: only what the emitter has a form for.
fn is_known(model: &Model, ty: &syn::Type) -> Result<(), String> {
    if optional(ty).is_some_and(|inner| optional(inner).is_some()) {
        return Err("an option of an option".to_owned());
    }
    match shape(required(ty)) {
        RustShape::Vec(item) => is_known(model, item),
        RustShape::Map(entry) => is_known(model, entry),
        RustShape::Named if model.named_in(ty).is_empty() => {
            let text = quote::quote!(#ty).to_string();
            Err(format!("a type `{text}` that the emitter has no form for"))
        }
        _ => Ok(()),
    }
}

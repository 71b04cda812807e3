//! Changes of what objects are made of, and of sets of values.

use cometapi_contract::Node;
use serde_json::{Value, json};

use super::super::editor::ContractEditor;
use super::super::locations::MutationPoints;
use crate::schema::{self, Shape, is_required};

/// Digits in quotes are a number to the client, on purpose: this is a text that isn't.
const TEXT: &str = "a text";

pub(super) fn all(sites: &MutationPoints<'_>) -> Vec<String> {
    properties(sites, |_| true)
}

/// What has a type that can be another.
pub(super) fn typed(sites: &MutationPoints<'_>) -> Vec<String> {
    properties(sites, |site| site.property.str("x-untyped").is_none())
}

pub(super) fn optional(sites: &MutationPoints<'_>) -> Vec<String> {
    properties(sites, |site| !site.is_required())
}

/// What every response has. Whether a request may lack it no client can see that always sends it.
pub(super) fn promised(sites: &MutationPoints<'_>) -> Vec<String> {
    properties(sites, |site| {
        site.is_required() && sites.responded.contains(site.schema.pointer())
    })
}

pub(super) fn never_null(sites: &MutationPoints<'_>) -> Vec<String> {
    properties(sites, |site| {
        let responded = sites.responded.contains(site.schema.pointer());
        let is_untyped = site.property.str("x-untyped").is_some();
        responded && !is_untyped && !site.property.bool("nullable")
    })
}

pub(super) fn sent_objects(sites: &MutationPoints<'_>) -> Vec<String> {
    let schemas = sites.schemas().into_iter();
    let objects = schemas.filter(|schema| schema.get("properties").is_some());
    let sent = objects.filter(|schema| sites.sent.contains(schema.pointer()));
    sent.map(|schema| schema.pointer().to_owned()).collect()
}

pub(super) fn dropped(draft: &mut ContractEditor<'_>, site: &str) {
    let (schema, name) = parts(site);
    draft
        .object(&format!("{schema}/properties"))
        .shift_remove(&name);
    set_required(draft, &schema, |required| {
        required.retain(|known| known != name.as_str())
    });
    refuse_others(draft, &schema);
    draft.remake(&schema, &|value| {
        value
            .as_object_mut()
            .map(|fields| fields.shift_remove(&name));
    });
}

pub(super) fn renamed(draft: &mut ContractEditor<'_>, site: &str) {
    let (schema, name) = parts(site);
    let new = format!("{name}_2");
    draft.rename(&format!("{schema}/properties"), &name, &new);
    set_required(draft, &schema, |required| {
        for known in required.iter_mut().filter(|known| *known == name.as_str()) {
            *known = json!(new);
        }
    });
    refuse_others(draft, &schema);
    draft.remake(&schema, &|value| {
        if let Some(fields) = value.as_object_mut()
            && let Some(field) = fields.shift_remove(&name)
        {
            fields.insert(new.clone(), field);
        }
    });
}

pub(super) fn retyped(draft: &mut ContractEditor<'_>, site: &str) {
    let (schema, name) = parts(site);
    let (new_type, new_value) = match draft.before(site).resolved().str("type") {
        Some("string") => ("integer", json!(7)),
        Some(_) => ("string", json!(TEXT)),
        // A union may have a text among its variants.
        None => ("boolean", json!(true)),
    };
    *draft.at(site) = json!({ "type": new_type });
    draft.remake(&schema, &|value| {
        if let Some(field) = value.get_mut(&name).filter(|field| !field.is_null()) {
            *field = new_value.clone();
        }
    });
}

pub(super) fn required(draft: &mut ContractEditor<'_>, site: &str) {
    let (schema, name) = parts(site);
    let sample = sample(&draft.before(site));
    set_required(draft, &schema, |required| required.push(json!(name)));
    draft.remake(&schema, &|value| {
        if value[&name].is_null() {
            value[&name] = sample.clone();
        }
    });
}

pub(super) fn relaxed(draft: &mut ContractEditor<'_>, site: &str) {
    let (schema, name) = parts(site);
    set_required(draft, &schema, |required| {
        required.retain(|known| known != name.as_str())
    });
    draft.remake(&schema, &|value| {
        value
            .as_object_mut()
            .map(|fields| fields.shift_remove(&name));
    });
}

pub(super) fn nulled(draft: &mut ContractEditor<'_>, site: &str) {
    let (schema, name) = parts(site);
    draft
        .object(site)
        .insert("nullable".to_owned(), json!(true));
    draft.remake(&schema, &|value| {
        if let Some(field) = value.get_mut(&name) {
            *field = Value::Null;
        }
    });
}

/// Something that no request has yet.
pub(super) fn needed(draft: &mut ContractEditor<'_>, site: &str) {
    let properties = draft.object(&format!("{site}/properties"));
    properties.insert("needed".to_owned(), json!({ "type": "string" }));
    set_required(draft, site, |required| required.push(json!("needed")));
    draft.remake(site, &|value| value["needed"] = json!(TEXT));
}

/// A property and the object that it is part of.
struct Site<'c> {
    schema: Node<'c>,
    name: &'c str,
    property: Node<'c>,
}

impl Site<'_> {
    fn is_required(&self) -> bool {
        is_required(&self.schema, self.name)
    }
}

fn properties(sites: &MutationPoints<'_>, fits: impl Fn(&Site<'_>) -> bool) -> Vec<String> {
    let mut pointers = Vec::new();
    for schema in sites.schemas() {
        for (name, property) in schema::properties(&schema) {
            let site = Site {
                schema: schema.clone(),
                name,
                property,
            };
            if fits(&site) {
                pointers.push(site.property.pointer().to_owned());
            }
        }
    }
    pointers
}

/// The object that a property is part of, and the property's name.
fn parts(site: &str) -> (String, String) {
    let (schema, name) = site.rsplit_once("/properties/").unwrap_or_default();
    let name = name.replace("~1", "/").replace("~0", "~");
    (schema.to_owned(), name)
}

fn set_required(
    draft: &mut ContractEditor<'_>,
    schema: &str,
    change: impl FnOnce(&mut Vec<Value>),
) {
    let schema = draft.object(schema);
    let mut required = match schema.shift_remove("required") {
        Some(Value::Array(required)) => required,
        _ => Vec::new(),
    };
    change(&mut required);
    // An empty list is no valid schema.
    if !required.is_empty() {
        schema.insert("required".to_owned(), Value::Array(required));
    }
}

/// A server that no longer knows a field says so, or no one could tell.
fn refuse_others(draft: &mut ContractEditor<'_>, schema: &str) {
    let schema = draft.object(schema);
    schema.insert("additionalProperties".to_owned(), json!(false));
}

/// A value that fits a schema.
fn sample(schema: &Node<'_>) -> Value {
    match Shape::of(schema) {
        Shape::Text { listed } => listed
            .first()
            .map_or(json!(TEXT), |one| one.value().clone()),
        Shape::Integer => json!(7),
        Shape::Number => json!(7.5),
        Shape::Boolean => json!(true),
        Shape::List(items) => json!([sample(&items)]),
        Shape::Object(properties) => properties
            .iter()
            .map(|(name, property)| ((*name).to_owned(), sample(property)))
            .collect(),
        Shape::Map(_) => json!({}),
        Shape::Union(variants, _) => variants.first().map_or(json!(TEXT), sample),
        Shape::Untyped if schema.resolved().str("type") == Some("object") => json!({}),
        Shape::Untyped => json!(TEXT),
    }
}

/// The named ones that may grow. What tells the variants of a union apart has no name.
pub(super) fn open(sites: &MutationPoints<'_>) -> Vec<String> {
    let schemas = sites.schemas().into_iter();
    let open = schemas.filter(|schema| {
        let is_named = !schema.pointer().contains("/properties/");
        is_named && values_of(schema).len() > 1 && !schema.bool("x-closed-enum")
    });
    open.map(|schema| schema.pointer().to_owned()).collect()
}

pub(super) fn values(sites: &MutationPoints<'_>) -> Vec<String> {
    let schemas = open(sites).into_iter();
    let schemas = schemas.filter_map(|pointer| sites.contract.pointer(&pointer));
    let values = schemas.flat_map(|schema| schema.get("enum").map(|values| values.items()));
    values
        .flatten()
        .map(|value| value.pointer().to_owned())
        .collect()
}

pub(super) fn closed(draft: &mut ContractEditor<'_>, site: &str) {
    let values = values_of(&draft.before(site));
    close(draft, site, values);
}

pub(super) fn without_value(draft: &mut ContractEditor<'_>, site: &str) {
    let (schema, _) = site.rsplit_once("/enum/").unwrap_or_default();
    let dropped = draft.before(site).value();
    let mut values = values_of(&draft.before(schema));
    values.retain(|value| value != dropped);
    *draft.at(&format!("{schema}/enum")) = json!(values);
    // Only a closed set refuses what isn't in it.
    close(draft, schema, values);
}

fn values_of(schema: &Node<'_>) -> Vec<Value> {
    let values = schema.get("enum");
    let values = values.iter().flat_map(Node::items);
    values.map(|value| value.value().clone()).collect()
}

fn close(draft: &mut ContractEditor<'_>, schema: &str, values: Vec<Value>) {
    draft
        .object(schema)
        .insert("x-closed-enum".to_owned(), json!(true));
    draft.remake(schema, &|value| {
        if !values.contains(value) {
            *value = values[0].clone();
        }
    });
}

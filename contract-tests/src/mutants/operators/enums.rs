//! Changes of sets of values.

use cometapi_contract::Node;
use serde_json::{Value, json};

use super::super::editor::ContractEditor;
use super::super::locations::MutationPoints;

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

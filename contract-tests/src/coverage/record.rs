//! What a case that passed has shown.

use std::collections::BTreeSet;

use cometapi_contract::{Node, Response};
use serde_json::Value;

use super::items::{Category, CoverageItem, UNKNOWN, enumerated, short, variant_name};
use crate::cases::{CallResult, Case, CaseKind, Observation};
use crate::schema::{self, properties, variant, walk};

pub(super) fn record(case: &Case<'_>, seen: &Observation, items: &mut BTreeSet<CoverageItem>) {
    let operation = &case.operation;
    let (id, status) = (operation.id(), seen.exchange.status.to_string());
    items.insert(CoverageItem::case(&case.name));
    for body in operation.request_bodies() {
        if let Some(schema) = body.schema() {
            walk(&schema, &mut seen.sent.clone(), &mut |schema, value| {
                for name in present(schema, value) {
                    let group = Category::RequestProperty;
                    items.insert(CoverageItem::property(group, schema, name, "sent"));
                }
                record_value(schema, value, items);
            });
        }
    }
    let responses = operation.responses();
    let responded = responses.iter().find(|response| response.status == status);
    let Some(response) = responded else { return };
    if let (Some(choice), false) = (
        response.response_selector(),
        matches!(seen.got, CallResult::Error { .. }),
    ) {
        let asked = seen.sent[choice.field].as_str();
        items.insert(CoverageItem::form(
            id,
            choice.field,
            asked.unwrap_or("absent"),
        ));
    }
    // Other cases don't look into what comes.
    if let CaseKind::Response(_) = case.purpose {
        record_response(id, response, seen, items);
    }
}

fn record_response(
    id: &str,
    response: &Response<'_>,
    seen: &Observation,
    items: &mut BTreeSet<CoverageItem>,
) {
    let status = response.status;
    let got = match &seen.got {
        CallResult::Value(_) => "value",
        CallResult::Events(_) => "events",
        CallResult::Bytes => "bytes",
        CallResult::Error { kind, .. } => {
            items.insert(CoverageItem::meaning(id, status, kind));
            "error"
        }
    };
    items.insert(CoverageItem::response(
        id,
        status,
        &seen.exchange.media_type,
        got,
    ));
    let schema = schema::of_body(response, &seen.exchange.media_type, |selector| {
        let asked = seen.sent[selector.field].as_str().or(selector.default);
        let mut variants = selector.variants.iter();
        variants.find(|own| Some(own.value) == asked).cloned()
    });
    let Some(schema) = schema else { return };
    let values = match &seen.got {
        CallResult::Value(value) | CallResult::Error { body: value, .. } => {
            std::slice::from_ref(value)
        }
        CallResult::Events(events) => events.as_slice(),
        CallResult::Bytes => &[],
    };
    for value in values {
        walk(&schema, &mut value.clone(), &mut |schema, value| {
            let present = present(schema, value);
            for (name, _) in properties(schema) {
                let aspect = match present.contains(&name) {
                    true => "present",
                    false => "absent",
                };
                let group = Category::ResponseProperty;
                items.insert(CoverageItem::property(group, schema, name, aspect));
            }
            record_value(schema, value, items);
        });
    }
}

/// The properties that a value has.
fn present<'c>(schema: &Node<'c>, value: &Value) -> Vec<&'c str> {
    let has = |name: &str| value.get(name).is_some_and(|value| !value.is_null());
    let names = properties(schema).into_iter().map(|(name, _)| name);
    names.filter(|name| has(name)).collect()
}

fn record_value(schema: &Node<'_>, value: &Value, items: &mut BTreeSet<CoverageItem>) {
    let values = enumerated(schema);
    if let (Some(text), false) = (value.as_str(), values.is_empty()) {
        let aspect = match values.contains(&text) {
            true => text,
            false => UNKNOWN,
        };
        items.insert(CoverageItem::new(Category::Enum, short(schema), aspect));
    }
    if let Some(union) = schema.get("oneOf")
        && let Some(variant) = variant(schema, value)
    {
        let mut variants = union.items().into_iter();
        let pointer = variant.pointer();
        let is_this = |known: &Node<'_>| {
            known.resolved().pointer() == variant.resolved().pointer() || known.pointer() == pointer
        };
        if let Some(known) = variants.find(is_this) {
            let aspect = variant_name(&known);
            items.insert(CoverageItem::new(
                Category::UnionVariant,
                short(schema),
                &aspect,
            ));
        }
    }
}

//! Where the client takes on purpose what the contract doesn't allow, and what has to be the same after decoding and
//! encoding again.
//!
//! Absent, null and empty lists of what may be absent are one thing: the client's types have one
//! value for all three. Fields that the contract doesn't know are not in them, unless the contract says
//! that they are sent back; callers find them in the raw body. Numbers are compared by value: 1 may come back as 1.0.
//! What has no type, or a tag that the contract doesn't list, is kept as it came, to the last null.

use cometapi_contract::Node;
use serde_json::{Map, Value, json};

use super::corruption::Operator;
use super::place::{Place, Step};
use crate::schema::{Shape, is_required, property, required, variant};

/// Something invalid that decodes, and why that is right.
#[derive(Debug)]
pub(super) struct Leniency {
    pub(super) name: &'static str,
    pub(super) reason: &'static str,
    covers: fn(Operator, &Place<'_>) -> bool,
    /// What the value at the place is taken for.
    meant: Meant,
}

#[derive(Debug)]
enum Meant {
    Nothing,
    Seven,
    EmptyObject,
    ItSelf,
}

pub(super) const LENIENCIES: [Leniency; 7] = [
    Leniency {
        name: "null for absent",
        reason: "gateways write null for what they know nothing of",
        covers: |operator, place| operator == Operator::Null && place.is_optional,
        meant: Meant::Nothing,
    },
    Leniency {
        name: "number in a string",
        reason: "providers quote numbers, and the value is certain",
        covers: |operator, place| operator == Operator::Digits && is_optional_number(place),
        meant: Meant::Seven,
    },
    Leniency {
        name: "blank for no number",
        reason: "the catalog leaves numbers blank",
        covers: |operator, place| operator == Operator::Blank && is_optional_number(place),
        meant: Meant::Nothing,
    },
    Leniency {
        name: "whole float for an integer",
        reason: "some languages have no integers, and the value is certain",
        covers: |operator, place| operator == Operator::Whole && is_optional_number(place),
        meant: Meant::Seven,
    },
    Leniency {
        name: "empty list for an empty object",
        reason: "PHP writes both alike, and where nothing is required nothing can be lost",
        covers: |operator, place| operator == Operator::List && is_all_optional(place),
        meant: Meant::EmptyObject,
    },
    Leniency {
        name: "part of no known kind",
        reason: "new kinds may look like anything, and are kept as they came",
        covers: |_, place| place.is_tag || is_tagged(place),
        meant: Meant::ItSelf,
    },
    Leniency {
        name: "none of a union's shapes",
        reason: "providers differ most where a field has several shapes, and callers see what came",
        covers: |_, place| matches!(Shape::of(&place.schema), Shape::Union(_, None)),
        meant: Meant::ItSelf,
    },
];

impl Leniency {
    pub(super) fn of(operator: Operator, place: &Place<'_>) -> Option<&'static Self> {
        LENIENCIES
            .iter()
            .find(|leniency| (leniency.covers)(operator, place))
    }

    /// The valid body that the invalid one is taken for.
    pub(super) fn meant(&self, mut body: Value, place: &Place<'_>) -> Value {
        if let Some(value) = body.pointer_mut(&place.pointer()) {
            match self.meant {
                Meant::Nothing => *value = Value::Null,
                Meant::Seven => *value = json!(7),
                Meant::EmptyObject => *value = json!({}),
                Meant::ItSelf => {}
            }
        }
        body
    }
}

fn is_optional_number(place: &Place<'_>) -> bool {
    place.is_optional && matches!(Shape::of(&place.schema), Shape::Integer | Shape::Number)
}

/// An object that the contract requires nothing of.
fn is_all_optional(place: &Place<'_>) -> bool {
    let is_object = matches!(Shape::of(&place.schema), Shape::Object(_));
    let is_union = matches!(place.steps.last(), Some(Step::Variant(_)));
    is_object && !is_union && required(&place.schema).is_empty()
}

fn is_tagged(place: &Place<'_>) -> bool {
    matches!(Shape::of(&place.schema), Shape::Union(_, Some(_)))
}

/// A body as far as the client's types can hold it.
pub(super) fn normalize(schema: &Node<'_>, value: &Value) -> Value {
    match (Shape::of(schema), value) {
        (Shape::Object(properties), Value::Object(fields)) => {
            let mut essential = Map::new();
            for (name, property) in &properties {
                let Some(value) = fields.get(*name) else {
                    continue;
                };
                let value = normalize(property, value);
                if is_required(schema, name) || !is_nothing(property, &value) {
                    essential.insert((*name).to_owned(), value);
                }
            }
            if schema.resolved().bool("x-keep-unknown") {
                let is_unknown = |(name, _): &(&String, &Value)| property(schema, name).is_none();
                let unknown = fields.iter().filter(is_unknown);
                essential.extend(unknown.map(|(name, value)| (name.clone(), value.clone())));
            }
            Value::Object(essential)
        }
        (Shape::List(items), Value::Array(values)) => values
            .iter()
            .map(|value| normalize(&items, value))
            .collect(),
        (Shape::Union(..), value) => match variant(schema, value) {
            Some(variant) => normalize(&variant, value),
            None => value.clone(),
        },
        (Shape::Integer | Shape::Number, Value::Number(number)) => match number.as_i64() {
            Some(_) => value.clone(),
            None => whole(number.as_f64().unwrap_or_default()),
        },
        _ => value.clone(),
    }
}

fn is_nothing(schema: &Node<'_>, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty() && matches!(Shape::of(schema), Shape::List(_)),
        _ => false,
    }
}

/// A float without a fraction as the integer of the same value, if there is one.
fn whole(number: f64) -> Value {
    // From here on a float stands for several integers.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.fract() == 0.0 && number.abs() < EXACT {
        true => Value::from(number as i64),
        false => Value::from(number),
    }
}

//! What has to be the same after decoding and encoding again.
//!
//! Absent, null and empty lists of what may be absent are one thing: the client's types have one
//! value for all three. Fields that the contract doesn't know are not in them, unless the contract says
//! that they are sent back; callers find them in the raw body. Numbers are compared by value: 1 may come back as 1.0. What has no type, or a tag
//! that the contract doesn't list, is kept as it came, to the last null.

use cometapi_contract::Node;
use serde_json::{Map, Value};

use crate::schema::{Shape, is_required, property, variant};

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

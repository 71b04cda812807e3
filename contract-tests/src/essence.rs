//! JSON as far as it means something.

use serde_json::{Map, Value};

/// Absent, null and empty are the same, and so are a number and its digits.
pub fn essence(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(essence).collect(),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), essence(value)));
            let empty = |value: &Value| match value {
                Value::Null => true,
                Value::Array(items) => items.is_empty(),
                Value::Object(fields) => fields.is_empty(),
                _ => false,
            };
            let fields: Map<String, Value> = fields.filter(|(_, value)| !empty(value)).collect();
            Value::Object(fields)
        }
        Value::String(text) => match text.parse::<f64>() {
            Ok(number) => number.into(),
            Err(_) => value.clone(),
        },
        Value::Number(number) => number.as_f64().into(),
        _ => value.clone(),
    }
}

//! JSON reduced to what it means, to compare what was sent or documented with what was decoded.

use serde_json::{Map, Number, Value};

/// The normal form of a value: absent, null and empty are the same, and so are a number and its
/// digits in a string, which some servers send.
///
/// Integers keep all of their digits. Property tests normalize by the schema instead
/// (`property/leniency.rs`), so that text stays text there.
pub fn normalize(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(normalize).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, value)| (name.clone(), normalize(value)));
            let fields: Map<String, Value> = fields.filter(|(_, value)| !is_empty(value)).collect();
            Value::Object(fields)
        }
        Value::String(text) => number(text).map_or_else(|| value.clone(), Value::Number),
        Value::Number(digits) => number(&digits.to_string()).map_or(Value::Null, Value::Number),
        Value::Bool(_) | Value::Null => value.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// The number that digits stand for: an integer exactly, a float without a fraction as an integer.
fn number(digits: &str) -> Option<Number> {
    if let Ok(integer) = digits.parse() {
        return Number::from_i128(integer);
    }
    let float: f64 = digits.parse().ok()?;
    match float.fract() == 0.0 && float.abs() < i64::MAX as f64 {
        true => Some((float as i64).into()),
        // `NaN` and `inf` are texts.
        false => Number::from_f64(float),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_in_another_form_is_equal() {
        for (one, other) in [
            (json!({"a": null, "b": [], "c": {}}), json!({})),
            (json!([1.0, "2", "2.50"]), json!([1, 2, 2.5])),
            (json!({"a": {"b": null}}), json!({})),
        ] {
            assert_eq!(normalize(&one), normalize(&other), "{one} {other}");
        }
    }

    #[test]
    fn what_differs_stays_different() {
        for (one, other) in [
            (json!({"a": "NaN"}), json!({})),
            (json!({"a": "inf"}), json!({})),
            (
                json!(9_007_199_254_740_993_u64),
                json!(9_007_199_254_740_992_u64),
            ),
            (json!(u64::MAX), json!(u64::MAX - 1)),
            (json!([null]), json!([])),
            (json!(true), json!("true")),
            (json!(""), json!(null)),
        ] {
            assert_ne!(normalize(&one), normalize(&other), "{one} {other}");
        }
    }
}

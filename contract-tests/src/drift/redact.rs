//! What may be shown of a response.

use serde_json::Value;

/// What a value is, without its content.
pub(super) fn gist(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(text) => format!("a string of {} characters", text.chars().count()),
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(fields) => format!("an object of {} fields", fields.len()),
    }
}

/// The value of an enum, if it looks like one: what is free text isn't shown.
pub(super) fn as_identifier(text: &str) -> String {
    let is_identifier = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    if !text.is_empty() && text.len() <= 40 && text.chars().all(is_identifier) {
        format!("`{text}`")
    } else {
        gist(&Value::from(text))
    }
}

/// Puts `x` for each letter and digit of every text, but for those that `keeps` says are no content.
pub(super) fn redact(value: &mut Value, keeps: &dyn Fn(&str) -> bool) {
    match value {
        Value::String(text) if !keeps(text) => *text = blank(text),
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, keeps)),
        Value::Object(fields) => fields.values_mut().for_each(|field| redact(field, keeps)),
        _ => {}
    }
}

/// The same text in `x`.
pub(super) fn blank(text: &str) -> String {
    let blank = |c: char| if c.is_alphanumeric() { 'x' } else { c };
    text.chars().map(blank).collect()
}

//! A response without its content: saved in the format that `replay` reads, or named in a finding.

use serde_json::Value;

use super::{ServerResponse, Service};

/// Headers that say something about the API and nothing about a caller.
const KEPT: [&str; 4] = [
    "content-type",
    "retry-after",
    "retry-after-ms",
    "content-encoding",
];

/// Texts of a response that are no content: values of enums, as short words in lower case.
fn is_word(text: &str) -> bool {
    text.len() <= 24
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || "._-[]".contains(c))
}

/// A raw HTTP response. Texts in JSON and in events become `x`, unless they look like the value of an
/// enum; other text becomes `x` as a whole; bytes become zeros.
pub fn saved(service: &Service, response: &ServerResponse) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", response.status);
    for (name, value) in &response.headers {
        if KEPT.contains(&name.as_str()) {
            head.push_str(&format!("{name}: {}\r\n", service.without_key(value)));
        }
    }
    head.push_str("\r\n");
    let mut saved = head.into_bytes();
    let text = std::str::from_utf8(&response.body);
    saved.extend(match (text, response.media_type().as_str()) {
        (Ok(text), "text/event-stream") => {
            let lines = text.split_inclusive('\n').map(event_line);
            lines.collect::<String>().into_bytes()
        }
        (Ok(text), media_type) if media_type.ends_with("json") => json(text).into_bytes(),
        (Ok(text), media_type) if media_type.starts_with("text/") => blank(text).into_bytes(),
        _ => vec![0; response.body.len()],
    });
    saved
}

fn event_line(line: &str) -> String {
    let (content, end) = line.split_at(line.trim_end_matches(['\r', '\n']).len());
    match content.strip_prefix("data:") {
        Some(data) if data.trim_start().starts_with('{') => format!("data: {}{end}", json(data)),
        _ => line.to_owned(),
    }
}

/// What can't be parsed is no JSON, and text after all.
fn json(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(mut value) => {
            redact(&mut value, &is_word);
            value.to_string()
        }
        Err(_) => blank(text),
    }
}

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
fn redact(value: &mut Value, keeps: &dyn Fn(&str) -> bool) {
    match value {
        Value::String(text) if !keeps(text) => *text = blank(text),
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, keeps)),
        Value::Object(fields) => fields.values_mut().for_each(|field| redact(field, keeps)),
        _ => {}
    }
}

/// The same text in `x`.
fn blank(text: &str) -> String {
    let blank = |c: char| if c.is_alphanumeric() { 'x' } else { c };
    text.chars().map(blank).collect()
}

//! A response without its content: saved in the format that `replay` reads, or named in a finding.

use serde::de::IgnoredAny;
use serde_json::{Number, Value};

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
/// enum; other text becomes `x` as a whole; bytes become zeros. What decides how a client reads a text stays: digits are
/// other digits, and JSON within a text is JSON, whatever the media type says.
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
        (Ok(text), media_type) if media_type.ends_with("json") || is_json(text) => {
            json(text).into_bytes()
        }
        (Ok(text), media_type) if media_type.starts_with("text/") => blank(text).into_bytes(),
        _ => vec![0; response.body.len()],
    });
    saved
}

fn event_line(line: &str) -> String {
    let (content, end) = line.split_at(line.trim_end_matches(['\r', '\n']).len());
    match content.split_once(':') {
        Some(("data", data)) if is_json(data) => format!("data: {}{end}", json(data)),
        Some(("data", data)) if is_sentinel(data.trim()) => line.to_owned(),
        Some((field @ ("event" | "retry"), value)) => format!("{field}:{value}{end}"),
        // A comment, an id, or data that is no JSON.
        Some((field, value)) => format!("{field}:{}{end}", blank(value)),
        None => line.to_owned(),
    }
}

/// `[DONE]` and the like.
fn is_sentinel(data: &str) -> bool {
    let word = data
        .strip_prefix('[')
        .and_then(|data| data.strip_suffix(']'));
    word.is_some_and(|word| word.len() <= 24 && word.chars().all(|c| c.is_ascii_uppercase()))
}

/// Whether a text is an object or a list.
fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
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
        Value::String(text) if is_json(text) => *text = json(text),
        Value::String(text) if !keeps(text) => *text = masked(text),
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, keeps)),
        Value::Object(fields) => fields.values_mut().for_each(|field| redact(field, keeps)),
        _ => {}
    }
}

/// A text in `x`; a number of the same length for one that is a number.
fn masked(text: &str) -> String {
    let number = text.trim();
    let is_number = number.ends_with(|c: char| c.is_ascii_digit())
        && serde_json::from_str::<Number>(number).is_ok();
    if !is_number {
        return blank(text);
    }
    let mut is_first = true;
    let digit = |c: char| match c {
        '0'..='9' if std::mem::take(&mut is_first) => {
            if c == '0' {
                '0'
            } else {
                '1'
            }
        }
        '0'..='9' => '0',
        other => other,
    };
    text.chars().map(digit).collect()
}

/// The same text in `x`.
fn blank(text: &str) -> String {
    let blank = |c: char| if c.is_alphanumeric() { 'x' } else { c };
    text.chars().map(blank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_how_a_text_is_read_stays() {
        for (text, expected) in [
            ("Hello, 42!", "xxxxx, xx!"),
            ("1767225600", "1000000000"),
            ("-0.25", "-0.00"),
            (" 7 ", " 1 "),
            ("1.5e3", "1.0e0"),
            ("007", "xxx"),
            ("4 apples", "x xxxxxx"),
        ] {
            assert_eq!(masked(text), expected);
        }
        let mut value =
            serde_json::json!({"a": "{\"b\":\"Secret 1\"}", "c": ["stop", "12"], "d": ""});
        redact(&mut value, &is_word);
        let expected =
            serde_json::json!({"a": "{\"b\":\"xxxxxx x\"}", "c": ["stop", "10"], "d": ""});
        assert_eq!(value, expected);
    }

    #[test]
    fn no_line_of_a_stream_has_content() {
        for (line, expected) in [
            (
                "data: {\"text\":\"Secret\"}\n",
                "data: {\"text\":\"xxxxxx\"}\n",
            ),
            ("data: [DONE]\r\n", "data: [DONE]\r\n"),
            ("data: Secret words\n", "data: xxxxxx xxxxx\n"),
            (": Secret\n", ": xxxxxx\n"),
            ("id: Secret7\n", "id: xxxxxxx\n"),
            ("event: error\n", "event: error\n"),
            ("\n", "\n"),
        ] {
            assert_eq!(event_line(line), expected);
        }
    }
}

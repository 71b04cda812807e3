//! Parser for error bodies of any format.

use serde_json::{Map, Value, json};

use crate::runtime::api::operation::ErrorFields;
use crate::runtime::error::details::ErrorDetails;
use crate::runtime::http::media_type::{looks_like_markup, strip_bom};
use crate::runtime::serde::error_detector::is_blank;

/// The message and fields found in an error body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ParsedErrorBody {
    /// The server's message, or a description of the body if there is none. Never blank.
    pub(crate) message: String,
    pub(crate) details: ErrorDetails,
    /// The request id that a property contains.
    pub(crate) request_id: Option<String>,
}

/// The maximum number of characters of a body without JSON that become the message: 200.
const MAX_EXCERPT_CHARS: usize = 200;

impl ParsedErrorBody {
    /// Parses a body. Never fails, and accepts any type for each field.
    ///
    /// Known formats are `{"error": {...}}`, `{"error": "text"}`, `{"message": ...}` with or without
    /// `"success": false`, any of these as the first element of an array, HTML and plain text.
    pub(crate) fn parse(body: &[u8]) -> Self {
        match first_json_value(strip_bom(body)) {
            Some(value) => Self::from_json(&value),
            None => Self::without_fields(summarize(body)),
        }
    }

    /// Returns an error with a message alone.
    pub(crate) fn without_fields(message: String) -> Self {
        Self {
            message,
            details: ErrorDetails::default(),
            request_id: None,
        }
    }

    /// Returns the error that a body reports in properties of the API's own.
    pub(crate) fn from_fields(body: &[u8], fields: &[ErrorFields]) -> Option<Self> {
        if fields.is_empty() {
            return None;
        }
        let body = first_json_value(strip_bom(body))?;
        if body.get("success") == Some(&Value::Bool(true)) {
            return None;
        }
        fields.iter().find_map(|fields| {
            let code = body.pointer(fields.code).filter(|code| !is_blank(code));
            let code = text(code).filter(|code| !is_success_code(code))?;
            let message = text(body.pointer(fields.message))?;
            Some(Self {
                message,
                details: ErrorDetails {
                    code: Some(code),
                    ..ErrorDetails::default()
                },
                request_id: text(body.get("request_id")),
            })
        })
    }

    /// Parses an error object that is not at the root of a body.
    pub(crate) fn from_error_object(error: &Value) -> Self {
        Self::from_json(&json!({ "error": error }))
    }

    fn from_json(value: &Value) -> Self {
        let empty = Map::new();
        let outer = match value {
            Value::Object(object) => object,
            Value::Array(list) if !list.is_empty() => return Self::from_json(&list[0]),
            other => &Map::from_iter([("message".to_owned(), other.clone())]),
        };
        let error = match outer.get("error") {
            Some(Value::Array(list)) => list.first(),
            other => other,
        };
        let inner = error.and_then(Value::as_object).unwrap_or(&empty);
        let field = |name| text(inner.get(name)).or_else(|| text(outer.get(name)));
        let message = ["message", "msg", "detail"].into_iter().find_map(field);
        let scalar = error.filter(|error| error.is_string() || error.is_number());
        let message = match (text(scalar), message) {
            (Some(error), Some(message)) => format!("{error}: {message}"),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => format!(
                "error response without a message: {}",
                truncate(&value.to_string())
            ),
        };
        let details = ErrorDetails {
            code: field("code"),
            error_type: field("type"),
            param: field("param"),
        };
        Self {
            message,
            details,
            request_id: field("request_id"),
        }
    }
}

fn is_success_code(code: &str) -> bool {
    code.parse()
        .is_ok_and(|code| code == 0 || (200..300).contains(&code))
}

/// Returns the first JSON value of the body. An object may be followed by something else, which some proxies
/// append.
fn first_json_value(body: &[u8]) -> Option<Value> {
    let mut values = serde_json::Deserializer::from_slice(body).into_iter::<Value>();
    let value = values.next()?.ok()?;
    let is_alone = body[values.byte_offset()..].trim_ascii().is_empty();
    (is_alone || value.is_object()).then_some(value)
}

/// Returns the id between the API's prefix, such as `(request id:`, and the next `)`; the last if there are
/// several.
pub(crate) fn request_id_in_message<'m>(message: &'m str, prefix: &str) -> Option<&'m str> {
    // Letter case can only differ in ASCII, so byte positions stay the same.
    let lower = message.to_ascii_lowercase();
    let start = lower.rfind(&prefix.to_ascii_lowercase())? + prefix.len();
    let id = message[start..].split_once(')')?.0.trim();
    let is_valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!id.is_empty() && id.len() <= 128 && id.chars().all(is_valid)).then_some(id)
}

/// Returns a value as text: a number as its digits, a container as its JSON, nothing if it is blank.
fn text(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::Null => return None,
        Value::String(text) => text.trim().to_owned(),
        Value::Object(object) if object.is_empty() => return None,
        Value::Array(list) if list.is_empty() => return None,
        other => other.to_string(),
    };
    (!text.is_empty()).then_some(text)
}

fn summarize(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(strip_bom(body));
    let Some(line) = text.lines().map(str::trim).find(|line| !line.is_empty()) else {
        return "the body is empty".to_owned();
    };
    let lower = text.to_ascii_lowercase();
    if !looks_like_markup(body) || !lower.contains("<html") && !lower.contains("<!doctype html") {
        return truncate(line);
    }
    let title = lower.find("<title").and_then(|start| {
        let start = start + lower[start..].find('>')? + 1;
        let end = start + lower[start..].find("</title")?;
        Some(
            text[start..end]
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
        )
    });
    match title.filter(|title| !title.is_empty()) {
        Some(title) => format!("an HTML response: \"{}\"", truncate(&title)),
        None => "an HTML response".to_owned(),
    }
}

fn truncate(text: &str) -> String {
    match text.char_indices().nth(MAX_EXCERPT_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_body(body: &str, message: &str, code: &str, error_type: &str, param: &str) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let details = ErrorDetails {
            code: some(code),
            error_type: some(error_type),
            param: some(param),
        };
        let expected = ParsedErrorBody {
            message: message.to_owned(),
            details,
            request_id: None,
        };
        assert_eq!(ParsedErrorBody::parse(body.as_bytes()), expected, "{body}");
    }

    #[test]
    fn every_known_format_is_parsed() {
        assert_body(
            r#"{"error":{"message":"m","type":"t","code":"c","param":"p"}}"#,
            "m",
            "c",
            "t",
            "p",
        );
        assert_body(
            r#"{"error":{"message":"m","type":"","code":429,"param":null}}"#,
            "m",
            "429",
            "",
            "",
        );
        assert_body(r#"{"error":"text"}"#, "text", "", "", "");
        assert_body(
            r#"{"error":"short","message":"long","code":7}"#,
            "short: long",
            "7",
            "",
            "",
        );
        assert_body(r#"{"error":["first","second"]}"#, "first", "", "", "");
        assert_body(r#"{"success":false,"message":"m"}"#, "m", "", "", "");
        assert_body(r#"{"code":null,"message":"m"}"#, "m", "", "", "");
        assert_body(r#"{"message":"m","code":" c "}"#, "m", "c", "", "");
        assert_body(r#"{"error":{},"message":"m"}"#, "m", "", "", "");
        assert_body(
            r#"[{"error":{"message":"m","code":400}}]"#,
            "m",
            "400",
            "",
            "",
        );
        assert_body(r#"{"detail":"m"}"#, "m", "", "", "");
        assert_body(r#""only text""#, "only text", "", "", "");
        assert_body("\u{feff}{\"error\":\"text\"}", "text", "", "", "");
    }

    #[test]
    fn every_field_may_have_any_type() {
        assert_body(
            r#"{"error":{"message":["m"],"type":1.5,"code":{"a":1},"param":true}}"#,
            r#"["m"]"#,
            r#"{"a":1}"#,
            "1.5",
            "true",
        );
        assert_body(r#"{"error":500}"#, "500", "", "", "");
        assert_body(r#"{"error":true,"message":"m"}"#, "m", "", "", "");
        assert_body(
            r#"{"error":null}"#,
            r#"error response without a message: {"error":null}"#,
            "",
            "",
            "",
        );
        assert_body("[]", "error response without a message: []", "", "", "");
        assert_body("null", "error response without a message: null", "", "", "");
    }

    #[test]
    fn a_body_without_json_is_summarized() {
        let html = "<!DOCTYPE html>\n<html><head>\n<TITLE lang=en>502\n Bad Gateway</TITLE>";
        assert_body(html, "an HTML response: \"502 Bad Gateway\"", "", "", "");
        assert_body("<html><body>hi", "an HTML response", "", "", "");
        assert_body("<html><title>truncated", "an HTML response", "", "", "");
        assert_body(
            "<?xml version=\"1.0\"?>\n<Error/>",
            "<?xml version=\"1.0\"?>",
            "",
            "",
            "",
        );
        assert_body("", "the body is empty", "", "", "");
        assert_body(" \r\n", "the body is empty", "", "", "");
        assert_body("\n upstream timeout \nmore", "upstream timeout", "", "", "");
        assert_body(r#"{"error":{"mess"#, r#"{"error":{"mess"#, "", "", "");
        let long = ParsedErrorBody::parse("ß".repeat(5_000).as_bytes()).message;
        assert_eq!(long.chars().count(), MAX_EXCERPT_CHARS + 1);
        assert_eq!(
            ParsedErrorBody::parse(b"\xff\xfe").message,
            "\u{fffd}\u{fffd}"
        );
        assert_eq!(
            ParsedErrorBody::parse("[".repeat(10_000).as_bytes()).message,
            format!("{}…", "[".repeat(MAX_EXCERPT_CHARS))
        );
    }

    #[test]
    fn an_error_object_may_be_followed_by_other_text() {
        let body = "{\"error\":{\"message\":\"no\",\"code\":\"c\"}}\n<!-- edge 7 -->";
        assert_body(body, "no", "c", "", "");
        assert_body("404 page not found", "404 page not found", "", "", "");
    }

    #[test]
    fn the_request_id_is_found_in_a_message() {
        for (message, id) in [
            (
                "no channel (distributor) (request id: 2026A)",
                Some("2026A"),
            ),
            ("twice (request id: a) and (Request ID:b-2)", Some("b-2")),
            ("open (request id: 2026A", None),
            ("(request id: )", None),
            ("(request id: two words)", None),
            ("none", None),
        ] {
            assert_eq!(
                request_id_in_message(message, "(request id:"),
                id,
                "{message}"
            );
        }
    }
}

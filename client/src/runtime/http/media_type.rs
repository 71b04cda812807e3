//! Media types, byte order marks, and the look of a body that is no JSON.

use reqwest::header::{CONTENT_TYPE, HeaderMap};

/// The media type of JSON.
pub(crate) const JSON: &str = "application/json";
/// The media type of server-sent events.
pub(crate) const EVENT_STREAM: &str = "text/event-stream";
/// The media type of HTML.
pub(crate) const HTML: &str = "text/html";

/// The UTF-8 byte order mark.
pub(crate) const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

/// Returns the media type of a `Content-Type` without its parameters, as it was sent; empty if there is none.
pub(crate) fn essence(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE);
    let value = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

/// Returns whether a media type is JSON or a structured syntax over it (`+json`). Ignores case.
pub(crate) fn is_json(media_type: &str) -> bool {
    let suffix = media_type.len().checked_sub("+json".len());
    media_type.eq_ignore_ascii_case(JSON)
        || suffix
            .and_then(|start| media_type.get(start..))
            .is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json"))
}

/// Returns whether the headers declare an event stream.
pub(crate) fn is_event_stream(media_type: &str) -> bool {
    media_type.eq_ignore_ascii_case(EVENT_STREAM)
}

/// Returns whether a media type is HTML. Ignores case.
pub(crate) fn is_html(media_type: &str) -> bool {
    media_type.eq_ignore_ascii_case(HTML)
}

/// Returns the body without a byte order mark, which JSON parsers reject.
pub(crate) fn strip_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(UTF8_BOM).unwrap_or(body)
}

/// Returns whether a body begins like HTML or XML, which no endpoint sends.
pub(crate) fn looks_like_markup(body: &[u8]) -> bool {
    strip_bom(body).trim_ascii_start().starts_with(b"<")
}

/// Returns whether a body begins like a JSON object.
pub(crate) fn looks_like_object(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

/// Returns whether a body is an HTML document for certain. Text may begin with `<` too.
pub(crate) fn is_html_document(body: &[u8]) -> bool {
    let body = strip_bom(body).trim_ascii_start();
    [&b"<!doctype html"[..], b"<html"].iter().any(|opening| {
        body.get(..opening.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(opening))
    })
}

//! A request as it went over the wire, fit for a snapshot.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wiremock::Request;

use super::KEY;
use super::form::{form, shown as shown_form};

/// Method, path, headers and body; what changes from run to run or is secret is replaced.
pub(crate) fn request_snapshot(request: &Request) -> Value {
    let query = request.url.query().map(|query| format!("?{query}"));
    let path = format!("{}{}", request.url.path(), query.unwrap_or_default());
    let headers: BTreeMap<String, String> = request
        .headers
        .iter()
        .map(|(name, value)| {
            let value = value.to_str().unwrap_or("[not text]");
            (name.to_string(), shown(name.as_str(), value))
        })
        .collect();
    let names = request.headers.keys().count();
    assert_eq!(request.headers.len(), names, "a header was sent twice");
    json!({
        "method": request.method.as_str(),
        "path": path,
        "headers": headers,
        "body": match form(request) {
            Some(form) => shown_form(&form),
            None => body(&request.body),
        },
    })
}

fn shown(name: &str, value: &str) -> String {
    match name {
        "authorization" if value == format!("Bearer {KEY}") => "Bearer [key]".to_owned(),
        "authorization" => panic!("not the client's key: {value}"),
        "host" => "[host]".to_owned(),
        // What comes before the boundary is fixed, and so is the boundary's length.
        "content-type" if value.starts_with("multipart/") => {
            let (media_type, _) = value.split_once("boundary=").unwrap();
            format!("{media_type}boundary=[boundary]")
        }
        "user-agent" => value.replace(env!("CARGO_PKG_VERSION"), "[version]"),
        _ => value.to_owned(),
    }
}

/// JSON as JSON, nothing as null, anything else as text.
fn body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    let text = || Value::from(String::from_utf8_lossy(bytes));
    serde_json::from_slice(bytes).unwrap_or_else(|_| text())
}

//! Fuzz target for the error of an HTTP error response.

#![no_main]

use std::time::Duration;

use bytes::Bytes;
use cometapi::dispatch::OPERATIONS;
use cometapi::runtime::fuzzing::response_error;
use cometapi_fuzz::EncodedResponse;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const API_KEY: &str = "sk-0123456789";
/// The API key at the end of an excerpt that truncates it.
const TRUNCATED_API_KEY: &str = "sk-01234567…";
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The maximum length of the error message in characters: code, message and request id with at most 300
/// characters and an ellipsis each, and the separators.
const MAX_DISPLAY_CHARS: usize = 1000;

fuzz_target!(|input: &[u8]| {
    let response = EncodedResponse::parse(input);
    let body = Bytes::copy_from_slice(response.body);
    for operation in OPERATIONS {
        let headers = response.headers.clone();
        let error = response_error(operation, response.status, headers, body.clone(), API_KEY);

        assert_eq!(error.status(), Some(response.status));
        assert_eq!(error.headers(), Some(&response.headers));
        assert_eq!(error.body(), Some(&body));
        assert_eq!(error.operation(), Some(operation.id));
        assert!(error.request_may_have_been_sent() && !error.is_timeout());
        assert!(!error.message().trim().is_empty() && !error.help().is_empty());
        assert!(error.retry_after().is_none_or(|wait| wait <= YEAR));

        let (display, debug) = (error.to_string(), format!("{error:?}"));
        assert!(display.chars().count() < MAX_DISPLAY_CHARS, "{display}");
        assert!(!display.chars().any(can_forge_log), "{display:?}");
        assert!(!debug.chars().any(can_forge_log), "{debug:?}");
        let texts = [Some(error.message()), error.code(), error.error_type()];
        let texts = texts.into_iter().chain([error.param(), error.request_id()]);
        // `Debug` contains the names of the headers.
        let is_header_name = response
            .headers
            .keys()
            .any(|name| name.as_str().contains(API_KEY));
        let debug = Some(&*debug).filter(|_| !is_header_name);
        for text in texts.flatten().chain([&*display]).chain(debug) {
            assert!(
                !text.contains(API_KEY) && !text.contains(TRUNCATED_API_KEY),
                "{text}"
            );
            assert!(!text.trim().is_empty());
        }

        let fields = serde_json::from_slice::<Value>(response.body).unwrap_or_default();
        let fields = &fields["error"];
        let field = |name| field_text(&fields[name]);
        if let Some(message) = field("message") {
            assert_eq!(error.message(), message);
        }
        if let Some(code) = field("code") {
            assert_eq!(error.code(), Some(&*code));
        }
        if let Some(error_type) = field("type") {
            assert_eq!(error.error_type(), Some(&*error_type));
        }
        if let Some(param) = field("param") {
            assert_eq!(error.param(), Some(&*param));
        }
    }
});

/// Returns whether a server could forge or disguise a line of a log with this character.
fn can_forge_log(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns the text of a field if it is a number or a string that is not blank and can't contain a
/// truncated API key.
fn field_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && !text.contains('…')).then(|| text.replace(API_KEY, "[key]"))
}

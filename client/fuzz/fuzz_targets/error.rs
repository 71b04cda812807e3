//! The mapper from a response to its error.

#![no_main]

use std::time::Duration;

use bytes::Bytes;
use cometapi::OPERATIONS;
use cometapi::runtime::fuzzing::response_error;
use cometapi_fuzz::FuzzResponse;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const KEY: &str = "sk-0123456789";
/// As an excerpt would show it that ends in its middle.
const CUT_KEY: &str = "sk-01234567…";
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The code, the message and the request id, each of 300 characters and a dot, and what joins them.
const LONGEST_LINE: usize = 1000;

fuzz_target!(|input: &[u8]| {
    let response = FuzzResponse::parse(input);
    let body = Bytes::copy_from_slice(response.body);
    for operation in OPERATIONS {
        let headers = response.headers.clone();
        let error = response_error(operation, response.status, headers, body.clone(), KEY);

        assert_eq!(error.status(), Some(response.status));
        assert_eq!(error.headers(), Some(&response.headers));
        assert_eq!(error.body(), Some(&body));
        assert_eq!(error.operation(), Some(operation.id));
        assert!(error.request_may_have_been_sent() && !error.is_timeout());
        assert!(!error.message().trim().is_empty() && !error.help().is_empty());
        assert!(error.retry_after().is_none_or(|wait| wait <= YEAR));

        let (shown, debugged) = (error.to_string(), format!("{error:?}"));
        assert!(shown.chars().count() < LONGEST_LINE, "{shown}");
        assert!(!shown.chars().any(forges), "{shown:?}");
        assert!(!debugged.chars().any(forges), "{debugged:?}");
        let said = [Some(error.message()), error.code(), error.error_type()];
        let said = said.into_iter().chain([error.param(), error.request_id()]);
        // `Debug` shows the names of the headers.
        let named = response
            .headers
            .keys()
            .any(|name| name.as_str().contains(KEY));
        let debugged = Some(&*debugged).filter(|_| !named);
        for text in said.flatten().chain([&*shown]).chain(debugged) {
            assert!(!text.contains(KEY) && !text.contains(CUT_KEY), "{text}");
            assert!(!text.trim().is_empty());
        }

        let fields = serde_json::from_slice::<Value>(response.body).unwrap_or_default();
        let fields = &fields["error"];
        let read = |name| word(&fields[name]);
        if let Some(message) = read("message") {
            assert_eq!(error.message(), message);
        }
        if let Some(code) = read("code") {
            assert_eq!(error.code(), Some(&*code));
        }
        if let Some(error_type) = read("type") {
            assert_eq!(error.error_type(), Some(&*error_type));
        }
        if let Some(param) = read("param") {
            assert_eq!(error.param(), Some(&*param));
        }
    }
});

/// Whether the character lets a server forge or disguise a line of a log.
fn forges(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What a field says, if it is a number or a text that isn't blank and can't hold a key that was cut.
fn word(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && !text.contains('…')).then(|| text.replace(KEY, "[key]"))
}

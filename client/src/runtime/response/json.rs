//! Reading of JSON, of a response or an event: strictly, then tolerantly, and the errors that it reports.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::error::Error;
use crate::runtime::error::parse_body::ParsedErrorBody;
use crate::runtime::serde::error_detector::{Detected, decode_detecting_errors, is_blank};
use crate::runtime::tolerance::Tolerance;
use crate::runtime::tolerance::deviation::{Deviation, JsonType, MAX_DEVIATIONS};
use crate::runtime::tolerance::reader::{self, Outcome, Root};
use crate::runtime::tolerance::schema::Described;

/// The outcome of reading a JSON body or event.
pub(crate) enum ReadJson<T> {
    Value(T, Vec<Deviation>),
    ErrorObject,
    /// An error that is not the error object of the body.
    Reported(ParsedErrorBody),
    /// An event without any property of the schema.
    Unrelated(JsonType),
    /// The error message, which contains the path of the field, and its source.
    Invalid(String, serde_json::Error),
}

/// Decodes JSON in one pass, tolerantly if the strict decoder fails, and looks for the errors that the API reports with
/// a success status.
#[inline]
pub(crate) fn read_json<T: DeserializeOwned + Described>(
    operation: &'static Operation,
    body: &[u8],
    root: Root,
    tolerance: Tolerance,
) -> ReadJson<T> {
    let subject = match root {
        Root::Response => "response body",
        Root::Event => "event data",
    };
    let fields = operation.api.error_fields;
    let reported = || ParsedErrorBody::from_fields(body, fields).map(ReadJson::Reported);
    match decode_detecting_errors(body) {
        Detected::Value(value) => return check_value(value, Vec::new(), reported),
        Detected::ErrorObject => return ReadJson::ErrorObject,
        Detected::Invalid => {}
    }
    let (message, error) = match decode_with_path(body, subject) {
        // Invalid UTF-8 may be in a field that the type ignores.
        Ok(value) => return check_value(value, Vec::new(), reported),
        Err(failure) => failure,
    };
    let text = match tolerance {
        Tolerance::Tolerant => str::from_utf8(body).ok(),
        Tolerance::Strict => None,
    };
    let Some(text) = text else {
        return reported().unwrap_or(ReadJson::Invalid(message, error));
    };
    match reader::read(operation.id, text, root) {
        Outcome::Value(value, deviations) => check_value(value, deviations, reported),
        Outcome::Unrelated(found) => reported().unwrap_or(ReadJson::Unrelated(found)),
        Outcome::Unusable => reported().unwrap_or(ReadJson::Invalid(message, error)),
        Outcome::TooMany => {
            let message =
                format!("more than {MAX_DEVIATIONS} deviations from the schema, first: {message}");
            ReadJson::Invalid(message, error)
        }
    }
}

/// Returns a decoded value, unless it contains or accompanies an error.
#[inline]
fn check_value<T: Described>(
    value: T,
    deviations: Vec<Deviation>,
    reported: impl FnOnce() -> Option<ReadJson<T>>,
) -> ReadJson<T> {
    if let Some(error) = value.reported_error().filter(|error| !is_blank(error)) {
        return ReadJson::Reported(ParsedErrorBody::from_error_object(error));
    }
    if value.is_empty()
        && let Some(error) = reported()
    {
        return error;
    }
    ReadJson::Value(value, deviations)
}

/// Decodes and tracks the path of the failing field. It takes twice as long, so it never comes first.
pub(crate) fn decode_with_path<T: DeserializeOwned>(
    body: &[u8],
    subject: &str,
) -> Result<T, (String, serde_json::Error)> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        // `?` is a truncated key, `.` the body itself.
        let message = match (path.trim_end_matches(['?', '.']), error.is_eof()) {
            ("", true) => format!("{subject} is truncated: {error}"),
            (path, true) => format!("{subject} is truncated at `{path}`: {error}"),
            ("", false) => format!("invalid {subject}: {error}"),
            (path, false) => {
                format!("field `{path}` does not match the expected schema: {error}")
            }
        };
        (message, error)
    })?;
    match json.end() {
        Ok(()) => Ok(value),
        Err(error) => Err((format!("invalid {subject}: {error}"), error)),
    }
}

/// Decodes bytes as a type and encodes the value again, for the contract suite.
///
/// # Errors
///
/// [`ErrorKind::Decode`], naming the field.
pub fn decode_roundtrip<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<Value, Error> {
    let decode_error = |message, error| Error::new(ErrorKind::Decode, message).with_source(error);
    let value: T = decode_with_path(bytes, "response body")
        .map_err(|(message, error)| decode_error(message, error))?;
    serde_json::to_value(value).map_err(|error| decode_error(error.to_string(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roundtrip_returns_the_decoded_value() {
        assert_eq!(
            decode_roundtrip::<Vec<u8>>(b"[1]").unwrap(),
            serde_json::json!([1])
        );
        let error = decode_roundtrip::<Vec<u8>>(b"[1, 300]").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.message().starts_with("field `[1]`"), "{error}");
    }
}

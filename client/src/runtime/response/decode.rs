//! Decoding of a buffered response with a success status into a value, or into the error that it contains.

use reqwest::header::CONTENT_LENGTH;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::error::Error;
use crate::runtime::error::parse_body::ParsedErrorBody;
use crate::runtime::http::media_type::{
    self, is_html_document, looks_like_markup, looks_like_object, strip_bom,
};
use crate::runtime::response::Response;
use crate::runtime::response::json::{ReadJson, read_json};
use crate::runtime::serde::error_detector::{Detected, decode_detecting_errors};
use crate::runtime::tolerance::Tolerance;
use crate::runtime::tolerance::deviation::{Deviation, DeviationAction, JsonType};
use crate::runtime::tolerance::reader::Root;
use crate::runtime::tolerance::schema::Described;
use crate::runtime::transport::BufferedResponse;

/// Decodes a JSON response.
pub(crate) fn json<T: DeserializeOwned + Described>(
    operation: &'static Operation,
    response: BufferedResponse,
) -> Result<Response<T>, Error> {
    let body = strip_bom(&response.body);
    if body.trim_ascii().is_empty() {
        return Err(response_error(
            operation,
            response,
            ErrorKind::Decode,
            "the body is empty",
        ));
    }
    // Some gateways label JSON as HTML, so a body that begins like an object is decoded.
    if looks_like_markup(body) || declares_html(&response) && !looks_like_object(body) {
        return Err(gateway_error(operation, response));
    }
    let tolerance = response.tolerance;
    let mut read: ReadJson<T> = read_json(operation, body, Root::Response, tolerance);
    let mut rest = None;
    if matches!(read, ReadJson::Invalid(..))
        && tolerance == Tolerance::Tolerant
        && let Some(json) = without_sentinel::<T>(body)
    {
        rest = Some(Deviation::of_body(
            operation.id,
            "a JSON value",
            JsonType::String,
            DeviationAction::RestIgnored,
        ));
        read = read_json(operation, json, Root::Response, tolerance);
    }
    match read {
        ReadJson::Value(value, deviations) => {
            let deviations = rest.into_iter().chain(deviations).collect();
            let response = Response::new(value, response.parts, response.body);
            Ok(response.with_deviations(deviations))
        }
        ReadJson::ErrorObject => Err(Error::from_response(
            operation,
            response.parts,
            response.body,
        )),
        ReadJson::Reported(error) => Err(Error::from_parsed(
            operation,
            response.parts,
            response.body,
            error,
        )),
        ReadJson::Invalid(..) if looks_like_events(body) => {
            let message = "expected a JSON response, got an event stream";
            Err(response_error(
                operation,
                response,
                ErrorKind::Decode,
                message,
            ))
        }
        ReadJson::Invalid(message, error) => {
            // A body of a declared length has arrived completely, so the server wrote it like that.
            let is_cut = error.is_eof() && !response.parts.headers.contains_key(CONTENT_LENGTH);
            let kind = match is_cut {
                true => ErrorKind::IncompleteBody,
                false => ErrorKind::Decode,
            };
            Err(response_error(operation, response, kind, message).with_source(error))
        }
        ReadJson::Unrelated(_) => Err(response_error(
            operation,
            response,
            ErrorKind::Decode,
            "the body has none of the expected properties",
        )),
    }
}

/// Returns the body without the sentinel of an event stream after it, if there is one.
fn without_sentinel<T: Described>(body: &[u8]) -> Option<&[u8]> {
    let sentinel = T::TRAILING_SENTINEL?.as_bytes();
    let rest = body.trim_ascii_end().strip_suffix(sentinel)?;
    rest.trim_ascii_end().strip_suffix(b"data:")
}

/// Returns whether a body begins like an event stream.
fn looks_like_events(body: &[u8]) -> bool {
    let fields: [&[u8]; 3] = [b"data:", b"event:", b":"];
    fields.iter().any(|field| body.starts_with(field))
}

/// Returns a text response as it was sent. Empty text is valid: a transcript of silence is empty.
pub(crate) fn text(
    operation: &'static Operation,
    response: BufferedResponse,
) -> Result<Response<String>, Error> {
    let body = strip_bom(&response.body);
    if looks_like_object(body)
        && matches!(
            decode_detecting_errors::<IgnoredAny>(body),
            Detected::ErrorObject
        )
    {
        return Err(Error::from_response(
            operation,
            response.parts,
            response.body,
        ));
    }
    // Text may begin with `<`, so a tag alone doesn't make it HTML.
    if declares_html(&response) || is_html_document(body) {
        return Err(gateway_error(operation, response));
    }
    if response.tolerance == Tolerance::Tolerant
        && media_type::is_json(media_type::essence(&response.parts.headers))
        && let Ok(text) = serde_json::from_slice::<String>(body)
    {
        let deviation = Deviation::of_body(
            operation.id,
            "text",
            JsonType::String,
            DeviationAction::Converted,
        );
        return Ok(
            Response::new(text, response.parts, response.body).with_deviations(vec![deviation])
        );
    }
    match str::from_utf8(body) {
        Ok(text) => Ok(Response::new(
            text.to_owned(),
            response.parts,
            response.body,
        )),
        Err(error) => {
            let message = format!("the text is not UTF-8: {error}");
            Err(response_error(operation, response, ErrorKind::Decode, message).with_source(error))
        }
    }
}

/// Returns a text response as [`text`] does, but rejects JSON.
pub(crate) fn text_not_json(
    operation: &'static Operation,
    response: BufferedResponse,
) -> Result<Response<String>, Error> {
    if is_json_object(&response) {
        return Err(unexpected_content("text", operation, response));
    }
    text(operation, response)
}

/// Returns whether a response is a JSON object by its content type and its body. Some gateways label text as JSON.
pub(crate) fn is_json_object(response: &BufferedResponse) -> bool {
    let body = strip_bom(&response.body);
    media_type::is_json(media_type::essence(&response.parts.headers))
        && looks_like_object(body)
        && matches!(
            decode_detecting_errors::<IgnoredAny>(body),
            Detected::Value(_)
        )
}

/// Returns the error of a buffered response, such as JSON or HTML, that was sent instead of the expected
/// content.
pub(crate) fn unexpected_content(
    expected: &str,
    operation: &'static Operation,
    response: BufferedResponse,
) -> Error {
    let fields = operation.api.error_fields;
    if let Some(error) = ParsedErrorBody::from_fields(&response.body, fields) {
        return Error::from_parsed(operation, response.parts, response.body, error);
    }
    let (parts, body) = (response.parts.clone(), response.body.clone());
    match json::<IgnoredAny>(operation, response) {
        Err(error) => error,
        Ok(_) => {
            let message = format!("expected {expected}, got a JSON response");
            Error::for_operation(operation, ErrorKind::Decode, message).with_response(parts, body)
        }
    }
}

/// Checks a response whose success has no body. A body is ignored unless it is an error object or HTML.
pub(crate) fn empty(
    operation: &'static Operation,
    response: BufferedResponse,
) -> Result<Response<()>, Error> {
    if looks_like_markup(&response.body) {
        return Err(gateway_error(operation, response));
    }
    match decode_detecting_errors::<IgnoredAny>(strip_bom(&response.body)) {
        Detected::ErrorObject => Err(Error::from_response(
            operation,
            response.parts,
            response.body,
        )),
        Detected::Value(_) | Detected::Invalid => {
            Ok(Response::new((), response.parts, response.body))
        }
    }
}

fn declares_html(response: &BufferedResponse) -> bool {
    media_type::is_html(media_type::essence(&response.parts.headers))
}

/// Returns the error of an HTML response, which a proxy sent in place of the API's response.
fn gateway_error(operation: &'static Operation, response: BufferedResponse) -> Error {
    let message = ParsedErrorBody::parse(strip_bom(&response.body)).message;
    response_error(operation, response, ErrorKind::Gateway, message)
}

fn response_error(
    operation: &'static Operation,
    response: BufferedResponse,
    kind: ErrorKind,
    message: impl Into<String>,
) -> Error {
    Error::for_operation(operation, kind, message).with_response(response.parts, response.body)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::{CONTENT_TYPE, HeaderMap};
    use reqwest::{Method, StatusCode};
    use serde::Deserialize;
    use serde_json::Value;

    use super::*;
    use crate::runtime::api::operation::{ErrorRule, StatusErrors};
    use crate::runtime::http::parts::ResponseParts;
    use crate::runtime::test_support::API;

    static OPERATION: Operation = Operation {
        api: &API,
        id: "list_things",
        method: Method::GET,
        path: "/v1/things",
        success_status: 200,
        media_types: &["application/json"],
        authenticated: true,
        idempotent: true,
        uploads: &[],
        errors: &[StatusErrors {
            status: 500,
            rules: &[ErrorRule {
                code: Some("busy"),
                kind: ErrorKind::RateLimited,
                retryable: true,
                help: "",
                docs_url: None,
            }],
        }],
        docs_url: None,
        telemetry: None,
    };

    #[derive(Debug, PartialEq, Deserialize)]
    struct Things {
        data: Vec<Thing>,
        success: Option<bool>,
        error: Option<Value>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Thing {
        id: String,
    }

    impl Described for Things {}

    fn decode<T: DeserializeOwned + Described>(
        media_type: &'static str,
        body: &str,
    ) -> Result<T, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, media_type.parse().unwrap());
        let parts = ResponseParts::new(&API, StatusCode::OK, headers);
        let response = BufferedResponse {
            parts,
            body: Bytes::copy_from_slice(body.as_bytes()),
            tolerance: Tolerance::Tolerant,
        };
        json(&OPERATION, response).map(Response::into_inner)
    }

    fn things(body: &str) -> Result<Things, Error> {
        decode("application/json", body)
    }

    #[test]
    fn a_valid_body_is_decoded() {
        let body = r#"{"data":[{"id":"a","error":"inner"}],"success":true,"error":null,"x":{}}"#;
        let expected = Things {
            data: vec![Thing { id: "a".into() }],
            success: Some(true),
            error: None,
        };
        assert_eq!(things(body).unwrap(), expected);
        assert_eq!(things(&format!("\u{feff} {body}\n")).unwrap(), expected);
        assert_eq!(
            decode::<Value>("", body).unwrap(),
            serde_json::from_str::<Value>(body).unwrap()
        );
    }

    #[test]
    fn an_error_object_with_a_success_status_is_an_error() {
        for body in [
            r#"{"error":{"message":"m","code":"busy"}}"#,
            r#"{"data":[],"error":{"message":"m","code":"busy"}}"#,
            r#"{"data":null,"error":{"message":"m","code":"busy"}}"#,
            r#"{"success":false,"message":"m","code":"busy"}"#,
            r#"{"data":[],"message":"m","code":"busy","success":false}"#,
        ] {
            let error = things(body).unwrap_err();
            assert_eq!(
                (error.kind(), error.message()),
                (ErrorKind::RateLimited, "m"),
                "{body}"
            );
            assert_eq!(
                (error.code(), error.is_retryable()),
                (Some("busy"), true),
                "{body}"
            );
            assert_eq!(error.status(), Some(StatusCode::OK));
            assert_eq!(&error.body().unwrap()[..], body.as_bytes());
        }
        let error = things(r#"{"error":"text"}"#).unwrap_err();
        assert_eq!(
            (error.kind(), error.is_retryable()),
            (ErrorKind::Server, false)
        );
    }

    #[test]
    fn invalid_utf_8_matters_only_in_decoded_fields() {
        let things = |body: &[u8]| {
            read_json::<Things>(
                &OPERATION,
                &[b"{\"x\":\"\xff\",\"data\":[".as_slice(), body, b"]}"].concat(),
                Root::Response,
                Tolerance::Tolerant,
            )
        };
        assert!(matches!(things(b""), ReadJson::Value(..)));
        assert!(matches!(
            things(br#"],"error":["e""#),
            ReadJson::ErrorObject
        ));
        assert!(matches!(
            things(b"{\"id\":\"\xff\"}"),
            ReadJson::Invalid(message, _) if message.starts_with("field `data[0].id`")
        ));
    }

    #[test]
    fn a_decode_error_names_the_field_and_keeps_the_body() {
        for (body, message) in [
            (
                r#"{"data":[{"id":"a"},{}]}"#,
                "field `data[1]` does not match the expected schema: missing field `id`",
            ),
            (
                r#"{"data":[{"id":1}]}"#,
                "field `data[0].id` does not match the expected schema: invalid type",
            ),
            (r#"{}"#, "invalid response body: missing field `data`"),
            (
                r#"{"data":[]} x"#,
                "invalid response body: trailing characters",
            ),
            (r#"{"data":[]"#, "response body is truncated: EOF"),
            (
                r#"{"data":[{"id":"#,
                "response body is truncated at `data[0].id`: EOF",
            ),
            ("plain", "invalid response body: expected value"),
            ("", "the body is empty"),
            (" \n", "the body is empty"),
        ] {
            let error = things(body).unwrap_err();
            let kind = match message.contains("truncated") {
                true => ErrorKind::IncompleteBody,
                false => ErrorKind::Decode,
            };
            assert_eq!(error.kind(), kind, "{body}");
            assert!(error.message().starts_with(message), "{error}");
            assert_eq!(&error.body().unwrap()[..], body.as_bytes());
            // The operation is idempotent.
            assert_eq!(error.is_retryable(), kind == ErrorKind::IncompleteBody);
            assert!(error.request_may_have_been_sent());
        }
    }

    #[test]
    fn html_is_a_gateway_error() {
        let html = "<html><title>Welcome</title></html>";
        for (media_type, body) in [
            ("text/html", html),
            ("application/json", html),
            ("text/html", "hi"),
        ] {
            let error = decode::<Things>(media_type, body).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Gateway, "{media_type} {body}");
            assert!(error.help().contains("base URL"));
        }
        assert_eq!(
            things(html).unwrap_err().message(),
            "an HTML response: \"Welcome\""
        );
        for media_type in [
            "text/html; charset=utf-8",
            "text/plain",
            "application/octet-stream",
        ] {
            assert!(
                decode::<Things>(media_type, r#"{"data":[]}"#).is_ok(),
                "{media_type}"
            );
        }
    }

    #[test]
    fn deep_nesting_does_not_overflow() {
        for open in [r#"{"error":"#, r#"{"data":"#, "[", r#"{"x":"#] {
            let kind = things(&open.repeat(200_000)).unwrap_err().kind();
            assert!(
                matches!(kind, ErrorKind::Decode | ErrorKind::IncompleteBody),
                "{kind}"
            );
        }
    }

    #[test]
    fn a_body_of_an_empty_response_is_only_checked_for_errors() {
        let decode = |body: &'static str| {
            let parts = ResponseParts::new(&API, StatusCode::NO_CONTENT, HeaderMap::new());
            let response = BufferedResponse {
                parts,
                body: Bytes::from_static(body.as_bytes()),
                tolerance: Tolerance::Tolerant,
            };
            empty(&OPERATION, response).map_err(|error| error.kind())
        };
        assert!(decode("").is_ok() && decode("deleted").is_ok() && decode("{}").is_ok());
        assert_eq!(
            decode(r#"{"success":false}"#).unwrap_err(),
            ErrorKind::Server
        );
        assert_eq!(decode("<html>").unwrap_err(), ErrorKind::Gateway);
    }
}

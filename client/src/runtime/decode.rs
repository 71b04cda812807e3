//! From the body of a successful answer to a value, or to the error that it is after all.

use reqwest::header::CONTENT_TYPE;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::answer_error::answer_error;
use super::error_body::{ErrorBody, is_html_page, is_page, strip_mark};
use super::head::Head;
use super::transport::Answer;
use super::watched::{Found, watched};
use super::{Error, ErrorKind, Operation, Response};

/// Decodes the answer to an operation that promises JSON.
pub(super) fn json<T: DeserializeOwned>(
    operation: &'static Operation,
    answer: Answer,
) -> Result<Response<T>, Error> {
    let (head, body) = (&answer.head, strip_mark(&answer.body));
    if body.trim_ascii().is_empty() {
        return Err(unusable(
            operation,
            answer,
            ErrorKind::Decode,
            "the body is empty",
        ));
    }
    // Some gateways call JSON anything, so what begins like JSON is read as such.
    if is_page(body) || is_html(head) && !body.trim_ascii_start().starts_with(b"{") {
        let message = ErrorBody::parse(body).message;
        return Err(unusable(operation, answer, ErrorKind::Gateway, message));
    }
    match decoded(body, "the body") {
        Decoded::Value(value) => Ok(Response::new(value, answer.head, answer.body)),
        Decoded::ErrorObject => Err(answer_error(operation, answer.head, answer.body)),
        Decoded::Nothing(message, problem) => {
            Err(unusable(operation, answer, ErrorKind::Decode, message).with_source(problem))
        }
    }
}

/// Takes the answer to a request for text as it came. An empty one is a text too: silence has no
/// words.
pub(super) fn text(
    operation: &'static Operation,
    answer: Answer,
) -> Result<Response<String>, Error> {
    let body = strip_mark(&answer.body);
    if may_be_object(body) && matches!(watched::<IgnoredAny>(body), Found::ErrorObject) {
        return Err(answer_error(operation, answer.head, answer.body));
    }
    // A text may begin with `<`, so that alone makes no page of it.
    if is_html(&answer.head) || is_html_page(body) {
        let message = ErrorBody::parse(body).message;
        return Err(unusable(operation, answer, ErrorKind::Gateway, message));
    }
    match str::from_utf8(body) {
        Ok(text) => Ok(Response::new(text.to_owned(), answer.head, answer.body)),
        Err(problem) => {
            let message = format!("the text is not UTF-8: {problem}");
            Err(unusable(operation, answer, ErrorKind::Decode, message).with_source(problem))
        }
    }
}

/// Takes text as [`text`] does, but not JSON that came in its place.
pub(super) fn plain_text(
    operation: &'static Operation,
    answer: Answer,
) -> Result<Response<String>, Error> {
    let body = strip_mark(&answer.body);
    // Some gateways call text JSON, so only what is JSON counts.
    let is_json = is_json(&media_type(&answer.head))
        && may_be_object(body)
        && matches!(watched::<IgnoredAny>(body), Found::Value(_));
    if is_json {
        return Err(in_place_of("text", operation, answer));
    }
    text(operation, answer)
}

/// The error for a whole answer, such as JSON or a web page, that came where something else was
/// promised.
pub(super) fn in_place_of(promised: &str, operation: &'static Operation, answer: Answer) -> Error {
    let (head, body) = (answer.head.clone(), answer.body.clone());
    match json::<IgnoredAny>(operation, answer) {
        Err(error) => error,
        Ok(_) => {
            let message = format!("a whole JSON answer came in place of {promised}");
            unusable(operation, Answer { head, body }, ErrorKind::Decode, message)
        }
    }
}

/// Takes the answer to an operation that promises no body.
pub(super) fn empty(operation: &'static Operation, answer: Answer) -> Result<Response<()>, Error> {
    if is_page(&answer.body) {
        let message = ErrorBody::parse(&answer.body).message;
        return Err(unusable(operation, answer, ErrorKind::Gateway, message));
    }
    match watched::<IgnoredAny>(strip_mark(&answer.body)) {
        Found::ErrorObject => Err(answer_error(operation, answer.head, answer.body)),
        Found::Value(_) | Found::Nothing => Ok(Response::new((), answer.head, answer.body)),
    }
}

/// Decodes bytes as a type and shows what was understood, for the contract suite.
///
/// # Errors
///
/// [`ErrorKind::Decode`], naming the field.
pub fn decode_to_value<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<Value, Error> {
    let refuse = |message, problem| Error::new(ErrorKind::Decode, message).with_source(problem);
    let value: T =
        tracked(bytes, "the body").map_err(|(message, problem)| refuse(message, problem))?;
    serde_json::to_value(value).map_err(|problem| refuse(problem.to_string(), problem))
}

/// The media type in lower case, without parameters.
pub(super) fn media_type(head: &Head) -> String {
    sent_media_type(head).to_ascii_lowercase()
}

fn sent_media_type(head: &Head) -> &str {
    let kind = head.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim()
}

/// Whether this is the media type of some JSON.
pub(super) fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}

fn is_html(head: &Head) -> bool {
    sent_media_type(head).eq_ignore_ascii_case("text/html")
}

pub(super) fn may_be_object(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

fn unusable(
    operation: &'static Operation,
    answer: Answer,
    kind: ErrorKind,
    message: impl Into<String>,
) -> Error {
    let request_id = answer.head.request_id("").map(str::to_owned);
    Error::of(operation, kind, message)
        .with_head(answer.head, request_id)
        .with_body(answer.body)
}

/// What a body turned out to hold, or why it doesn't decode.
pub(super) enum Decoded<T> {
    Value(T),
    ErrorObject,
    Nothing(String, serde_json::Error),
}

/// Decodes in one pass, and once more if that came to nothing. `whole` is what an error calls it.
pub(super) fn decoded<T: DeserializeOwned>(body: &[u8], whole: &str) -> Decoded<T> {
    match watched(body) {
        Found::Value(value) => Decoded::Value(value),
        Found::ErrorObject => Decoded::ErrorObject,
        Found::Nothing => match tracked(body, whole) {
            // What isn't UTF-8 may stand in a field that nobody asks for.
            Ok(value) => Decoded::Value(value),
            Err((message, problem)) => Decoded::Nothing(message, problem),
        },
    }
}

/// Decodes and learns which field was at fault. Twice as slow, so never done first.
pub(super) fn tracked<T: DeserializeOwned>(
    body: &[u8],
    whole: &str,
) -> Result<T, (String, serde_json::Error)> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|problem| {
        let path = problem.path().to_string();
        let problem = problem.into_inner();
        // `?` is a key that was cut, `.` the body itself.
        let message = match (path.trim_end_matches(['?', '.']), problem.is_eof()) {
            ("", true) => format!("{whole} ends early: {problem}"),
            (path, true) => format!("{whole} ends early, within `{path}`: {problem}"),
            ("", false) => format!("{whole} is not as promised: {problem}"),
            (path, false) => format!("field `{path}` is not as promised: {problem}"),
        };
        (message, problem)
    })?;
    match json.end() {
        Ok(()) => Ok(value),
        Err(problem) => Err((format!("{whole} is not as promised: {problem}"), problem)),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;
    use serde::Deserialize;

    use super::*;
    use crate::runtime::head::Head;
    use crate::runtime::{ErrorRule, Method, StatusErrors};

    static OPERATION: Operation = Operation {
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

    fn decode<T: DeserializeOwned>(kind: &'static str, body: &str) -> Result<T, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        let head = Head::new(StatusCode::OK, headers);
        let answer = Answer {
            head,
            body: Bytes::copy_from_slice(body.as_bytes()),
        };
        json(&OPERATION, answer).map(Response::into_inner)
    }

    fn things(body: &str) -> Result<Things, Error> {
        decode("application/json", body)
    }

    #[test]
    fn a_good_body_passes_unchanged() {
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
    fn an_error_under_success_is_an_error() {
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
    fn what_is_not_utf_8_matters_where_it_is_read() {
        let things = |body: &[u8]| {
            decoded::<Things>(
                &[b"{\"x\":\"\xff\",\"data\":[".as_slice(), body, b"]}"].concat(),
                "the body",
            )
        };
        assert!(matches!(things(b""), Decoded::Value(_)));
        assert!(matches!(things(br#"],"error":["e""#), Decoded::ErrorObject));
        assert!(matches!(
            things(b"{\"id\":\"\xff\"}"),
            Decoded::Nothing(message, _) if message.starts_with("field `data[0].id`")
        ));
    }

    #[test]
    fn what_does_not_decode_names_the_field_and_keeps_the_body() {
        for (body, message) in [
            (
                r#"{"data":[{"id":"a"},{}]}"#,
                "field `data[1]` is not as promised: missing field `id`",
            ),
            (
                r#"{"data":[{"id":1}]}"#,
                "field `data[0].id` is not as promised: invalid type",
            ),
            (r#"{}"#, "the body is not as promised: missing field `data`"),
            (
                r#"{"data":[]} x"#,
                "the body is not as promised: trailing characters",
            ),
            (r#"{"data":[]"#, "the body ends early: EOF"),
            (
                r#"{"data":[{"id":"#,
                "the body ends early, within `data[0].id`: EOF",
            ),
            ("plain", "the body is not as promised: expected value"),
            ("", "the body is empty"),
            (" \n", "the body is empty"),
        ] {
            let error = things(body).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
            assert!(error.message().starts_with(message), "{error}");
            assert_eq!(&error.body().unwrap()[..], body.as_bytes());
            assert!(!error.is_retryable() && error.request_may_have_been_sent());
        }
    }

    #[test]
    fn a_page_is_not_the_api() {
        let page = "<html><title>Welcome</title></html>";
        for (kind, body) in [
            ("text/html", page),
            ("application/json", page),
            ("text/html", "hi"),
        ] {
            let error = decode::<Things>(kind, body).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Gateway, "{kind} {body}");
            assert!(error.help().contains("base URL"));
        }
        assert_eq!(
            things(page).unwrap_err().message(),
            "an HTML page: \"Welcome\""
        );
        for kind in [
            "text/html; charset=utf-8",
            "text/plain",
            "application/octet-stream",
        ] {
            assert!(decode::<Things>(kind, r#"{"data":[]}"#).is_ok(), "{kind}");
        }
    }

    #[test]
    fn deep_nesting_does_not_overflow() {
        for open in [r#"{"error":"#, r#"{"data":"#, "[", r#"{"x":"#] {
            assert_eq!(
                things(&open.repeat(200_000)).unwrap_err().kind(),
                ErrorKind::Decode
            );
        }
    }

    #[test]
    fn no_body_is_looked_at_for_errors_only() {
        let decode = |body: &'static str| {
            let head = Head::new(StatusCode::NO_CONTENT, HeaderMap::new());
            let answer = Answer {
                head,
                body: Bytes::from_static(body.as_bytes()),
            };
            empty(&OPERATION, answer).map_err(|error| error.kind())
        };
        assert!(decode("").is_ok() && decode("deleted").is_ok() && decode("{}").is_ok());
        assert_eq!(
            decode(r#"{"success":false}"#).unwrap_err(),
            ErrorKind::Server
        );
        assert_eq!(decode("<html>").unwrap_err(), ErrorKind::Gateway);
    }

    #[test]
    fn shows_what_was_understood() {
        assert_eq!(
            decode_to_value::<Vec<u8>>(b"[1]").unwrap(),
            serde_json::json!([1])
        );
        let error = decode_to_value::<Vec<u8>>(b"[1, 300]").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.message().starts_with("field `[1]`"), "{error}");
    }
}

//! The error of an HTTP error response, classified by the API's error rules.

use bytes::Bytes;

use crate::runtime::api::operation::Operation;
use crate::runtime::error::Error;
use crate::runtime::error::parse_body::{ParsedErrorBody, request_id_in_message};
use crate::runtime::http::parts::ResponseParts;

impl Error {
    /// Returns the error of a response, whatever its body is.
    pub(crate) fn from_response(
        operation: &'static Operation,
        parts: ResponseParts,
        body: Bytes,
    ) -> Self {
        let parsed = ParsedErrorBody::parse(&body);
        Self::from_parsed(operation, parts, body, parsed)
    }

    /// Returns the error of a response whose body was parsed.
    pub(crate) fn from_parsed(
        operation: &'static Operation,
        parts: ResponseParts,
        body: Bytes,
        parsed: ParsedErrorBody,
    ) -> Self {
        let rule = operation.classify(parts.status.as_u16(), parsed.details.code.as_deref());
        let prefix = operation.api.request_id_in_message;
        let in_message = prefix.and_then(|prefix| request_id_in_message(&parsed.message, prefix));
        let in_body = parsed.request_id.as_deref().or(in_message);
        let request_id = parts.request_id_or(in_body).map(str::to_owned);
        let retry_after = parts.retry_after();
        Self::for_operation(operation, rule.kind, parsed.message)
            .with_retry(rule.retryable, retry_after)
            .with_response(parts, body)
            .with_request_id(request_id)
            .with_details(parsed.details)
            .with_rule(rule.help, rule.docs_url)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::runtime::api::error_kind::ErrorKind;
    use crate::runtime::api::operation::ErrorRule;
    use crate::runtime::api::operation::StatusErrors;
    use reqwest::Method;

    static OPERATION: Operation = Operation {
        api: &crate::runtime::test_support::API,
        id: "create_thing",
        method: Method::POST,
        path: "/v1/things",
        success_status: 200,
        media_types: &["application/json"],
        authenticated: true,
        idempotent: true,
        uploads: &[],
        errors: &[StatusErrors {
            status: 503,
            rules: &[
                ErrorRule {
                    code: Some("model_not_found"),
                    kind: ErrorKind::ModelNotFound,
                    retryable: false,
                    help: "Read the catalog again.",
                    docs_url: Some("https://docs.example/models"),
                },
                ErrorRule {
                    code: None,
                    kind: ErrorKind::Server,
                    retryable: true,
                    help: "",
                    docs_url: None,
                },
            ],
        }],
        docs_url: Some("https://docs.example/things"),
        telemetry: None,
    };

    fn error(status: u16, body: &'static str) -> Error {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "3".parse().unwrap());
        let parts = ResponseParts::new(
            &crate::runtime::test_support::API,
            StatusCode::from_u16(status).unwrap(),
            headers,
        );
        Error::from_response(&OPERATION, parts, Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn every_field_of_the_response_is_kept() {
        let body = r#"{"error":{"code":"model_not_found","message":"no available channel (request id: 2026Abc)","type":"comet_api_error"}}"#;
        let error = error(503, body);
        assert_eq!(error.kind(), ErrorKind::ModelNotFound);
        assert_eq!(error.operation(), Some("create_thing"));
        assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(error.code(), Some("model_not_found"));
        assert_eq!(error.error_type(), Some("comet_api_error"));
        assert_eq!(error.param(), None);
        assert_eq!(error.request_id(), Some("2026Abc"));
        assert_eq!(error.body().map(|body| &body[..]), Some(body.as_bytes()));
        assert_eq!(error.headers().unwrap()["retry-after"], "3");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
        assert_eq!(error.help(), "Read the catalog again.");
        assert_eq!(error.docs_url(), Some("https://docs.example/models"));
        assert!(!error.is_retryable() && error.request_may_have_been_sent() && !error.is_timeout());
        assert_eq!(
            error.to_string(),
            "create_thing: 503 model_not_found: no available channel (request id: 2026Abc)"
        );
    }

    #[test]
    fn a_rule_without_help_keeps_that_of_kind_and_operation() {
        let error = error(503, "");
        assert_eq!(
            (error.kind(), error.is_retryable()),
            (ErrorKind::Server, true)
        );
        assert_eq!(error.message(), "the body is empty");
        assert_eq!(error.help(), ErrorKind::Server.help());
        assert_eq!(error.docs_url(), Some("https://docs.example/things"));
    }

    #[test]
    fn an_error_response_is_not_retryable_because_the_operation_is_idempotent() {
        assert!(!error(400, "").is_retryable());
    }
}

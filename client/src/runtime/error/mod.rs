//! The error type of the crate.

pub(crate) mod details;
mod format;
pub(crate) mod not_retried;
pub(crate) mod parse_body;
pub(crate) mod response;
pub mod sanitize;

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::runtime::api::api_key::ApiKey;
use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::error::details::ErrorDetails;
use crate::runtime::error::not_retried::NotRetried;
use crate::runtime::http::parts::ResponseParts;

/// The error returned when a call fails.
///
/// [`kind`](Error::kind) classifies it; the documentation of each kind states what may have happened on the
/// wire and what the caller can do. If the server responded, the error keeps the response: status, headers,
/// request id and the bytes of the body.
///
/// `Display` is one line of bounded length for a log: without headers and control characters, and with the
/// client's API key replaced if the server echoed it. `Debug` contains neither headers nor body.
/// [`headers`](Error::headers) and [`body`](Error::body) are as the server sent them.
///
/// ```
/// # use std::time::Duration;
/// fn pause_before_next_attempt(error: &cometapi::Error) -> Option<Duration> {
///     error.is_retryable().then(|| error.retry_after().unwrap_or(Duration::from_secs(1)))
/// }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static str>,
    message: String,
    status: Option<StatusCode>,
    headers: Option<HeaderMap>,
    body: Option<Bytes>,
    details: ErrorDetails,
    request_id: Option<String>,
    retryable: bool,
    unprocessed: bool,
    request_may_have_been_sent: bool,
    attempts: u32,
    not_retried: Option<NotRetried>,
    retry_after: Option<Duration>,
    help: &'static str,
    docs_url: Option<&'static str>,
    source: Option<Source>,
}

type Source = Box<dyn StdError + Send + Sync>;

impl Error {
    /// Returns the kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the id of the called operation; `None` for an error of the client's configuration.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation
    }

    /// Returns the message: the server's own if it sent one, otherwise a description.
    ///
    /// It is as the server sent it, so possibly long and with line breaks; `Display` limits it.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the status of the response; `None` if no response was received.
    ///
    /// With a success status, the error is in the body: it is an error object, HTML, not decodable, too large, or
    /// incomplete.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Returns the error code from the body, a number as its digits; `None` if it is absent or blank.
    pub fn code(&self) -> Option<&str> {
        self.0.details.code.as_deref()
    }

    /// Returns the error's `type` from the body; `None` if it is absent or blank.
    pub fn error_type(&self) -> Option<&str> {
        self.0.details.error_type.as_deref()
    }

    /// Returns the request parameter that the server reports as wrong; `None` if it is absent or blank.
    pub fn param(&self) -> Option<&str> {
        self.0.details.param.as_deref()
    }

    /// Returns the server's id of this request, to quote in a support request.
    ///
    /// It is read from the first `...request-id` header that the API is known to send, else from the message,
    /// else from another header with such an id.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the headers of the response; `None` if no response was received.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.headers.as_ref()
    }

    /// Returns the bytes of the body as they arrived; `None` if no response was received.
    ///
    /// Under an error status, or if the body was too large, it has at most the client's
    /// [`max_error_body_bytes`](crate::runtime::ClientBuilder::max_error_body_bytes). An incomplete body is kept as
    /// far as it arrived. For an event stream it is the data of the failed or incomplete event; for a download that
    /// failed after it was opened it is empty.
    pub fn body(&self) -> Option<&Bytes> {
        self.0.body.as_ref()
    }

    /// Returns whether the same request may succeed later, and may be sent again.
    ///
    /// For an error response the API schema decides by status and code; a server that failed after it began may
    /// bill the first attempt too. Without a response, a request that was never sent is always retryable, and so is
    /// one that an HTTP/2 server refused unprocessed. One that may have been processed is so only if the operation
    /// is idempotent, and one that ran into the call's timeout never.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Returns how long the server requests to wait before the next attempt, counted from the arrival of the
    /// response; `None` if it sent no valid value.
    ///
    /// It is the longer of `Retry-After` (seconds, also with a fraction, or a date) and `retry-after-ms`. A date in
    /// the past is zero. The value can be as long as a year: limit it before you wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the number of attempts of the call; 0 if it failed before the first, for example without an API
    /// key, or after its stream or download was opened.
    ///
    /// The error is that of the last attempt. If the last one ran into the call's timeout, the error of the attempt
    /// before is its source.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns why the call wasn't retried; `None` if a stream or download failed after it was opened, or if
    /// nothing was sent.
    pub fn not_retried(&self) -> Option<NotRetried> {
        self.0.not_retried
    }

    /// Returns one English sentence on what to do about this error.
    pub fn help(&self) -> &str {
        self.0.help
    }

    /// Returns the URL of the API's documentation of this error, or else of the operation.
    pub fn docs_url(&self) -> Option<&str> {
        self.0.docs_url
    }

    /// Returns whether the server may have received the request, in this or an earlier attempt, and so may bill
    /// it. `false` is certain: nothing was sent.
    pub fn request_may_have_been_sent(&self) -> bool {
        self.0.request_may_have_been_sent
    }

    /// Returns whether a timeout of the client expired. [`kind`](Error::kind) identifies the timeout, and the message
    /// contains its duration.
    pub fn is_timeout(&self) -> bool {
        self.0.kind.is_timeout()
    }
}

/// Construction.
impl Error {
    /// Creates an error without a call, for tests of code that handles errors.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            message: message.into(),
            status: None,
            headers: None,
            body: None,
            details: ErrorDetails::default(),
            request_id: None,
            retryable: kind.is_connecting(),
            unprocessed: false,
            request_may_have_been_sent: kind.request_may_have_been_sent(),
            attempts: 0,
            not_retried: None,
            retry_after: None,
            help: kind.help(),
            docs_url: None,
            source: None,
        }))
    }

    /// Creates the error of a call that no error rule of the API applies to.
    pub(crate) fn for_operation(
        operation: &'static Operation,
        kind: ErrorKind,
        message: impl Into<String>,
    ) -> Self {
        let mut error = Self::new(kind, message);
        error.0.operation = Some(operation.id);
        error.0.docs_url = operation.docs_url;
        error.0.retryable |= operation.idempotent
            && matches!(
                kind,
                ErrorKind::ConnectionClosed
                    | ErrorKind::IncompleteBody
                    | ErrorKind::ResponseTimeout
                    | ErrorKind::WriteTimeout
                    | ErrorKind::ReadTimeout
            );
        error
    }

    /// Adds the response that the error belongs to, with the request id from its headers.
    pub(crate) fn with_response(mut self, parts: ResponseParts, body: Bytes) -> Self {
        self.0.request_id = parts.request_id().map(str::to_owned);
        self.0.status = Some(parts.status);
        self.0.headers = Some(parts.headers);
        self.0.body = Some(body);
        self
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.0.request_id = request_id;
        self
    }

    pub(crate) fn with_details(mut self, details: ErrorDetails) -> Self {
        self.0.details = details;
        self
    }

    pub(crate) fn with_retry(mut self, retryable: bool, after: Option<Duration>) -> Self {
        self.0.retryable = retryable;
        self.0.retry_after = after;
        self
    }

    /// Notes that the server said it has not processed the request, so that it may be sent again.
    pub(crate) fn unprocessed(mut self) -> Self {
        self.0.unprocessed = true;
        self.0.retryable = true;
        self.0.help = "Retry: the server has not processed the request.";
        self
    }

    /// Returns whether the request was certainly not processed.
    pub(crate) fn is_unprocessed(&self) -> bool {
        self.0.unprocessed
            || !self.0.request_may_have_been_sent
            || self.0.kind == ErrorKind::RateLimited
    }

    pub(crate) fn not_sent(mut self) -> Self {
        self.0.request_may_have_been_sent = false;
        self
    }

    /// Appends to the message what the call was doing when it failed.
    pub(crate) fn with_context(mut self, context: &str) -> Self {
        self.0.message = format!("{}, {context}", self.0.message);
        self
    }

    /// Adds the number of attempts and the reason why there was no further one. `request_may_have_been_sent` is for
    /// all attempts together.
    pub(crate) fn with_attempts(
        mut self,
        number: u32,
        request_may_have_been_sent: bool,
        not_retried: NotRetried,
    ) -> Self {
        let was_attempted = self.0.request_may_have_been_sent || self.0.kind.is_connecting();
        self.0.attempts = if was_attempted { number } else { number - 1 };
        self.0.request_may_have_been_sent = request_may_have_been_sent;
        self.0.not_retried = (self.0.attempts > 0).then_some(not_retried);
        self
    }

    /// Sets help and documentation URL to those of a rule. If the rule has none, those of the kind and the operation
    /// are kept.
    pub(crate) fn with_rule(mut self, help: &'static str, docs_url: Option<&'static str>) -> Self {
        if !help.is_empty() {
            self.0.help = help;
        }
        self.0.docs_url = docs_url.or(self.0.docs_url);
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Replaces the API key wherever the server may have echoed it.
    ///
    /// A source is another crate's error, whose text can't be changed: one that contains the key is dropped.
    pub(crate) fn redact(mut self, key: Option<&ApiKey>) -> Self {
        let Some(key) = key else { return self };
        let inner = &mut *self.0;
        let details = &mut inner.details;
        let optional = [
            &mut details.code,
            &mut details.error_type,
            &mut details.param,
            &mut inner.request_id,
        ];
        for text in optional.into_iter().flatten().chain([&mut inner.message]) {
            key.redact(text);
        }
        inner
            .source
            .take_if(|source| key.appears_in(&format!("{source} {source:?}")));
        self
    }
}

/// Converts into an I/O error whose kind distinguishes timeouts and lost connections, and whose source is this error.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            kind if kind.is_timeout() => io::ErrorKind::TimedOut,
            ErrorKind::IncompleteBody | ErrorKind::IncompleteStream => io::ErrorKind::UnexpectedEof,
            ErrorKind::ConnectionClosed => io::ErrorKind::ConnectionAborted,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Method;

    static CREATE: Operation = operation(false);
    static READ: Operation = operation(true);

    const fn operation(idempotent: bool) -> Operation {
        Operation {
            api: &crate::runtime::test_support::API,
            id: "create_thing",
            method: Method::POST,
            path: "/v1/things",
            success_status: 200,
            media_types: &[],
            authenticated: true,
            idempotent,
            uploads: &[],
            errors: &[],
            docs_url: Some("https://docs.example/things"),
            telemetry: None,
        }
    }

    fn from_server(message: &str, code: Option<&str>) -> Error {
        let details = ErrorDetails {
            code: code.map(String::from),
            ..ErrorDetails::default()
        };
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", "session=hidden".parse().unwrap());
        Error::for_operation(&CREATE, ErrorKind::Server, message)
            .with_response(
                ResponseParts::new(
                    &crate::runtime::test_support::API,
                    StatusCode::SERVICE_UNAVAILABLE,
                    headers,
                ),
                Bytes::from_static(b"the body"),
            )
            .with_request_id(Some("r1".into()))
            .with_details(details)
    }

    #[test]
    fn an_error_is_small_and_send() {
        fn assert_bounds<T: StdError + Send + Sync + 'static>() {}
        assert_bounds::<Error>();
        assert!(size_of::<Error>() <= 2 * size_of::<usize>());
    }

    #[test]
    fn display_is_one_bounded_line() {
        let text = |message, code| from_server(message, code).to_string();
        assert_eq!(
            text("upstream failed", Some("busy")),
            "create_thing: 503 busy: upstream failed (request id: r1)"
        );
        assert_eq!(
            text("upstream failed (request id: r1)", None),
            "create_thing: 503 Service Unavailable: upstream failed (request id: r1)"
        );
        let forged = text("a\r\nERROR \u{1b}[31mb\u{2028}c\u{202e}d", Some("x\ny"));
        assert_eq!(
            forged,
            "create_thing: 503 x y: a  ERROR  [31mb c d (request id: r1)"
        );
        let long = text(&"ü".repeat(10_000), None);
        assert!(long.chars().count() < 400, "{}", long.len());
        assert_eq!(
            Error::new(ErrorKind::Configuration, "bad URL").to_string(),
            "bad URL"
        );
    }

    #[test]
    fn debug_contains_neither_headers_nor_body() {
        let text = format!("{:?}", from_server("upstream failed", None));
        assert!(
            text.contains("headers: Some(1)") && text.contains("body_bytes: Some(8)"),
            "{text}"
        );
        assert!(
            !text.contains("hidden") && !text.contains("the body"),
            "{text}"
        );
    }

    #[test]
    fn a_request_that_may_have_been_received_is_retryable_only_if_idempotent() {
        use ErrorKind::*;
        for (kind, create_is_retryable, read_is_retryable) in [
            (Connect, true, true),
            (ConnectTimeout, true, true),
            (ConnectionClosed, false, true),
            (ResponseTimeout, false, true),
            (ReadTimeout, false, true),
            (IncompleteBody, false, true),
            (Timeout, false, false),
            (Decode, false, false),
            (ResponseTooLarge, false, false),
            (InvalidRequest, false, false),
        ] {
            assert_eq!(
                Error::for_operation(&CREATE, kind, "").is_retryable(),
                create_is_retryable,
                "{kind}"
            );
            assert_eq!(
                Error::for_operation(&READ, kind, "").is_retryable(),
                read_is_retryable,
                "{kind}"
            );
        }
    }

    #[test]
    fn an_echoed_key_is_replaced() {
        let key = ApiKey::parse("sk-secret", "the key").unwrap();
        let error = from_server("bad key sk-secret, sk-secret", Some("sk-secret"))
            .with_source("sk-secret is wrong")
            .redact(Some(&key));
        assert_eq!(error.message(), "bad key [key], [key]");
        assert_eq!(error.code(), Some("[key]"));
        assert!(error.source().is_none());
        assert!(!format!("{error} {error:?}").contains("sk-secret"));
    }
}

//! The one error type.

pub(crate) mod body;
pub(crate) mod details;
pub(crate) mod not_retried;
pub(crate) mod response;
pub mod sanitize;

use std::error::Error as StdError;
use std::fmt;
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
use crate::runtime::error::sanitize::sanitize_for_log;
use crate::runtime::http::parts::ResponseParts;

/// Why a call did not give its response.
///
/// [`kind`](Error::kind) says what went wrong; its documentation says what may have happened on the
/// wire and what can be done now. If the server responded, the response is kept whole: status, headers,
/// request id and the body's bytes.
///
/// `Display` is one line fit for a log: without headers, without control characters, bounded, and
/// with the client's key replaced should the server have echoed it. `Debug` shows no headers
/// and no body. [`headers`](Error::headers) and [`body`](Error::body) are as the server sent them.
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
    /// What went wrong, as one word.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The id of the operation called, as in the contract; `None` for an error of the client's
    /// settings.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation
    }

    /// What went wrong, in words: the server's own if it sent any, otherwise a description.
    ///
    /// As the server sent it, so possibly long and with line breaks; `Display` bounds it.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The status of the response; `None` if no status and headers of a response arrived.
    ///
    /// A success status means that the body was at fault: an error object, a HTML response, not
    /// decodable, too large, or cut.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The error code that the server gave; a number as its digits. A blank one counts as none.
    pub fn code(&self) -> Option<&str> {
        self.0.details.code.as_deref()
    }

    /// The `type` that the server gave the error. A blank one counts as none.
    pub fn error_type(&self) -> Option<&str> {
        self.0.details.error_type.as_deref()
    }

    /// The request parameter that the server found at fault. A blank one counts as none.
    pub fn param(&self) -> Option<&str> {
        self.0.details.param.as_deref()
    }

    /// The server's id of this request, to be quoted to its support.
    ///
    /// From the first `...request-id` header that the API is known to send, else from the
    /// `(request id: ...)` in the message, else from another header that holds such an id.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The headers of the response; `None` if no status and headers of a response arrived.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.headers.as_ref()
    }

    /// The body's bytes as they arrived, unparsed; `None` if no status and headers of a response arrived.
    ///
    /// Under an error status, and if it was too large, at most the client's error body limit; if the
    /// body ended early, what had arrived by then. Of a stream of events, the data of the event that is
    /// at fault or was cut; of a download that failed after it was opened, nothing.
    pub fn body(&self) -> Option<&Bytes> {
        self.0.body.as_ref()
    }

    /// Whether the same request may succeed later, and sending it again does no harm that the
    /// contract knows of.
    ///
    /// For an error response the contract decides by status and code; note that a server which failed
    /// half way may bill the first attempt too. Without an error response: a request that never left
    /// this machine can always be sent again; one that may have arrived only if the operation may be
    /// sent twice; one that ran into the total timeout never.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// How long the server asks to wait before the next attempt, counted from the moment the response
    /// arrived; `None` if it doesn't say, or says nothing usable.
    ///
    /// From `Retry-After` (seconds, also with a fraction, or a date) and `retry-after-ms`, whichever
    /// is longer. A date in the past is zero. It can be as long as a year: compare it with what you
    /// are ready to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many attempts the call made; 0 if it failed before the first, for want of a key, for
    /// example.
    ///
    /// The error is that of the last. If that one ran out of the call's time, the error of the one
    /// before is its source.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Why no further attempt was made; `None` if the call itself succeeded and a stream or download
    /// failed later, or if it failed before it was sent.
    pub fn not_retried(&self) -> Option<NotRetried> {
        self.0.not_retried
    }

    /// One English sentence that tells the user what to do about this failure.
    pub fn help(&self) -> &str {
        self.0.help
    }

    /// The address of the API's page about this error, else about the operation.
    pub fn docs_url(&self) -> Option<&str> {
        self.0.docs_url
    }

    /// Whether the server may have received the request, in this or an earlier attempt, and so may
    /// have done and billed the work.
    /// `false` is certain: nothing was sent.
    pub fn request_may_have_been_sent(&self) -> bool {
        self.0.request_may_have_been_sent
    }

    /// Whether one of the client's timeouts ran out. [`kind`](Error::kind) says which, the message
    /// its value.
    pub fn is_timeout(&self) -> bool {
        self.0.kind.is_timeout()
    }
}

/// Building one, for the rest of the runtime.
impl Error {
    /// Creates an error that no call has returned, for tests of code that handles errors.
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
            request_may_have_been_sent: kind.request_may_have_been_sent(),
            attempts: 0,
            not_retried: None,
            retry_after: None,
            help: kind.help(),
            docs_url: None,
            source: None,
        }))
    }

    /// A failure of a call for which there is no rule in the contract.
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

    pub(crate) fn not_sent(mut self) -> Self {
        self.0.request_may_have_been_sent = false;
        self
    }

    /// Adds to the message what the call was doing.
    pub(crate) fn with_context(mut self, doing: &str) -> Self {
        self.0.message = format!("{}, {doing}", self.0.message);
        self
    }

    /// The error of a call that made its last attempt. `request_may_have_been_sent` is over all of them.
    pub(crate) fn with_attempts(
        mut self,
        number: u32,
        request_may_have_been_sent: bool,
        not_retried: NotRetried,
    ) -> Self {
        let was_made = self.0.request_may_have_been_sent || self.0.kind.is_connecting();
        self.0.attempts = if was_made { number } else { number - 1 };
        self.0.request_may_have_been_sent = request_may_have_been_sent;
        self.0.not_retried = (self.0.attempts > 0).then_some(not_retried);
        self
    }

    /// Blank advice and no page leave what is said for the kind and the operation.
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

    /// Replaces the key wherever the server may have echoed it.
    ///
    /// A source is another crate's error, whose text can't be changed: one that holds the key goes.
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = inner.operation {
            write!(f, "{operation}: ")?;
        }
        if let Some(status) = inner.status {
            let reason = status.canonical_reason().filter(|_| !status.is_success());
            write!(f, "{}", status.as_u16())?;
            let code = inner.details.code.as_deref();
            // Some gateways repeat the status as the code.
            let code = code.filter(|code| *code != status.as_str());
            if let Some(word) = code.or(reason) {
                write!(f, " {}", sanitize_for_log(word))?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&sanitize_for_log(&inner.message))?;
        match &inner.request_id {
            Some(id) if !inner.message.contains(id.as_str()) => {
                write!(f, " (request id: {})", sanitize_for_log(id))?;
            }
            _ => {}
        }
        match (inner.attempts, inner.not_retried) {
            (_, None) | (0 | 1, Some(NotRetried::NotRetryable | NotRetried::AttemptsExhausted)) => {
                Ok(())
            }
            (attempts, Some(NotRetried::NotRetryable | NotRetried::AttemptsExhausted)) => {
                write!(f, " (after {attempts} attempts)")
            }
            (1, Some(why)) => write!(f, " (not retried: {why})"),
            (attempts, Some(why)) => write!(f, " (after {attempts} attempts: {why})"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("operation", &inner.operation)
            .field("status", &inner.status.map(|status| status.as_u16()))
            .field("message", &sanitize_for_log(&inner.message))
            .field("details", &inner.details)
            .field("request_id", &inner.request_id)
            .field("retryable", &inner.retryable)
            .field("retry_after", &inner.retry_after)
            .field("attempts", &inner.attempts)
            .field("not_retried", &inner.not_retried)
            // A server may echo the key even as the name of a header.
            .field("headers", &inner.headers.as_ref().map(HeaderMap::len))
            .field("body_bytes", &inner.body.as_ref().map(Bytes::len))
            .field(
                "source",
                &inner
                    .source
                    .as_ref()
                    .map(|source| sanitize_for_log(&source.to_string()).into_owned()),
            )
            .finish_non_exhaustive()
    }
}

/// The kind of the I/O error says whether it was a timeout or a lost connection; its source is this error.
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

    static MAKE: Operation = operation(false);
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
        Error::for_operation(&MAKE, ErrorKind::Server, message)
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
    fn is_small_and_can_be_sent_anywhere() {
        fn assert_bounds<T: StdError + Send + Sync + 'static>() {}
        assert_bounds::<Error>();
        assert!(size_of::<Error>() <= 2 * size_of::<usize>());
    }

    #[test]
    fn display_is_one_bounded_line() {
        let text = |message, code| from_server(message, code).to_string();
        assert_eq!(
            text("no luck", Some("busy")),
            "create_thing: 503 busy: no luck (request id: r1)"
        );
        assert_eq!(
            text("no luck (request id: r1)", None),
            "create_thing: 503 Service Unavailable: no luck (request id: r1)"
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
    fn debug_shows_neither_headers_nor_body() {
        let text = format!("{:?}", from_server("no luck", None));
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
    fn what_may_have_arrived_is_sent_again_only_where_that_does_no_harm() {
        use ErrorKind::*;
        for (kind, made, read) in [
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
                Error::for_operation(&MAKE, kind, "").is_retryable(),
                made,
                "{kind}"
            );
            assert_eq!(
                Error::for_operation(&READ, kind, "").is_retryable(),
                read,
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

//! The kinds of errors.

use std::fmt;

/// The kind of an error, for code to match on.
///
/// The kind of an error response follows from its status and error code, by the API schema. The other kinds are
/// failures without a response, or with one that can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server rejected the request (400 and other 4xx). Unless the error is retryable, the same request fails
    /// again: correct what the message names.
    BadRequest,
    /// The server rejected the API key (401). Nothing was processed; configure a valid key.
    Authentication,
    /// The API key is valid but lacks the permission (403). Nothing was processed; check what the key may use.
    PermissionDenied,
    /// The server has no such resource (404). Check base URL, path and ids.
    NotFound,
    /// The server doesn't offer the requested model. Read the catalog for current model ids.
    ModelNotFound,
    /// The request is too large for the server (413). Make the upload smaller before you retry.
    PayloadTooLarge,
    /// The rate limit is exceeded (429). Nothing was processed; wait, then send fewer requests at a time.
    RateLimited,
    /// The quota or balance of the account is used up (429 or 403 with such a code). Nothing was processed; waiting does
    /// not help.
    QuotaExceeded,
    /// The server failed (5xx), or reported an error without details. It may have processed part of the request, and may
    /// bill it.
    Server,
    /// A proxy, CDN or redirect responded instead of the API: HTML, a 502, 520 to 523, or a 3xx, which is never followed.
    /// The request may have passed through to the server. Check the base URL if it happens every time.
    Gateway,
    /// No connection was made: name resolution, TCP, TLS or a proxy's tunnel failed. Nothing was sent; it is safe to
    /// retry.
    Connect,
    /// No connection was made within the connect timeout. Nothing was sent; it is safe to retry.
    ConnectTimeout,
    /// No response arrived within the response timeout. The server may have received the request and may still be
    /// processing it.
    ResponseTimeout,
    /// The server took nothing more of the request's body within the write timeout. It has not received the complete request.
    WriteTimeout,
    /// The response began, then no data arrived within the read timeout. The server has done work.
    ReadTimeout,
    /// The call took longer than its timeout or deadline. The server may have received the request and may still be
    /// processing it.
    Timeout,
    /// The connection was closed before a response was received, or the response was not HTTP. The server may have
    /// received the request.
    ConnectionClosed,
    /// Status and headers arrived, and the body ended early, by HTTP or, if its length was not declared, within its JSON.
    /// The server has done the work; the error's `body()` contains what arrived.
    IncompleteBody,
    /// An event stream or its connection ended before the stream was complete. The server has done work and may bill it.
    /// The events delivered before stay valid. A stream can't be resumed, only the complete request be sent again.
    IncompleteStream,
    /// A successful response whose body differs from the expected schema in what it can't do without; anything less is a
    /// [`Deviation`](crate::runtime::Deviation). The server has done the work; the error's `body()` has the complete
    /// body.
    Decode,
    /// A successful response whose body, or one event of it, exceeds the client's limit. The server has done the work;
    /// raise the limit on the client's builder if such a response is expected.
    ResponseTooLarge,
    /// A local file could not be read or written. The source is the [`std::io::Error`]. The server may have done the work, or
    /// part of it, if it was already responding.
    Io,
    /// The operation requires an API key and the client has none. Nothing was sent.
    MissingApiKey,
    /// The request could not be built from what was supplied. Nothing was sent.
    InvalidRequest,
    /// The client's configuration is invalid. Nothing was sent.
    Configuration,
}

impl ErrorKind {
    /// Returns the name in snake case, as in the API schema, logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Authentication => "authentication",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::ModelNotFound => "model_not_found",
            Self::PayloadTooLarge => "payload_too_large",
            Self::RateLimited => "rate_limited",
            Self::QuotaExceeded => "quota_exceeded",
            Self::Server => "server",
            Self::Gateway => "gateway",
            Self::Connect => "connect",
            Self::ConnectTimeout => "connect_timeout",
            Self::ResponseTimeout => "response_timeout",
            Self::WriteTimeout => "write_timeout",
            Self::ReadTimeout => "read_timeout",
            Self::Timeout => "timeout",
            Self::ConnectionClosed => "connection_closed",
            Self::IncompleteBody => "incomplete_body",
            Self::IncompleteStream => "incomplete_stream",
            Self::Decode => "decode",
            Self::ResponseTooLarge => "response_too_large",
            Self::Io => "io",
            Self::MissingApiKey => "missing_api_key",
            Self::InvalidRequest => "invalid_request",
            Self::Configuration => "configuration",
        }
    }

    /// Returns the help text that applies if the API schema has none.
    pub(crate) const fn help(self) -> &'static str {
        match self {
            Self::BadRequest => "Correct the request; the same request fails again.",
            Self::Authentication => "Check that the API key is present and valid.",
            Self::PermissionDenied => "Check what the API key may use.",
            Self::NotFound => "Check the base URL, the path and the ids in it.",
            Self::ModelNotFound => "Read the model catalog and use an id from it.",
            Self::PayloadTooLarge => "Make the request smaller before you retry.",
            Self::RateLimited => "Wait before you retry, and send fewer requests at a time.",
            Self::QuotaExceeded => "Raise the quota of the API key or top up the account.",
            Self::Server => "Quote the request id in a support request.",
            Self::Gateway => "Check the base URL: a proxy responded instead of the API.",
            Self::Connect => {
                "Check the network, the proxy and the base URL. No request was sent; it is safe to retry."
            }
            Self::ConnectTimeout => {
                "Check the network and the base URL, or raise the connect timeout. No request was sent; it is safe to retry."
            }
            Self::ResponseTimeout => {
                "Raise the response timeout if the model may think for longer. The server may still be processing the request."
            }
            Self::WriteTimeout => {
                "Check the network, or raise the write timeout if the upload's source pauses for longer."
            }
            Self::ReadTimeout => "Raise the read timeout if such pauses are expected.",
            Self::Timeout => {
                "Raise the timeout if such calls are expected. The server may still be processing the request."
            }
            Self::ConnectionClosed => {
                "The server may have received the request. Retry only if processing it twice is harmless."
            }
            Self::IncompleteBody => {
                "The response was incomplete. Retry only if processing the request twice is harmless."
            }
            Self::IncompleteStream => {
                "Keep what was delivered, or retry if processing the request twice is harmless."
            }
            Self::Decode => "Inspect the response body: it does not match the expected schema.",
            Self::ResponseTooLarge => {
                "Raise the limit on the client's builder if such a response is expected."
            }
            Self::Io => "Check the path, its permissions and the free disk space.",
            Self::MissingApiKey => "Configure an API key on the client.",
            Self::InvalidRequest => "Correct what the message names. No request was sent.",
            Self::Configuration => "Correct the client's configuration. No request was sent.",
        }
    }

    /// Returns whether an error of this kind can occur after the request, or part of it, was sent.
    pub(crate) const fn request_may_have_been_sent(self) -> bool {
        !matches!(
            self,
            Self::Connect
                | Self::ConnectTimeout
                | Self::MissingApiKey
                | Self::InvalidRequest
                | Self::Configuration
        )
    }

    /// Returns whether no connection was made, so that nothing was sent.
    pub(crate) const fn is_connecting(self) -> bool {
        matches!(self, Self::Connect | Self::ConnectTimeout)
    }

    pub(crate) const fn is_timeout(self) -> bool {
        matches!(
            self,
            Self::ConnectTimeout
                | Self::ResponseTimeout
                | Self::WriteTimeout
                | Self::ReadTimeout
                | Self::Timeout
        )
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

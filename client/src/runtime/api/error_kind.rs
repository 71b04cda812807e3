//! What went wrong, as one word.

use std::fmt;

/// What went wrong, as one word that code can match on.
///
/// A response of the server gets its kind from its status and error code, as the contract says. The
/// other kinds are failures without a response, or with one that can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server refused the request (400 and other 4xx). Unless the error is retryable, sending it
    /// again changes nothing: correct what the message names.
    BadRequest,
    /// The server did not accept the key (401). Nothing was done; give a valid key.
    Authentication,
    /// The key is valid but may not do this (403). Nothing was done; check what the key may use.
    PermissionDenied,
    /// The server has nothing under this address (404). Check base URL, path and ids.
    NotFound,
    /// The server doesn't offer the model requested. Read the catalog again for current model ids.
    ModelNotFound,
    /// The server found the request too large (413). Make the upload smaller before trying again.
    PayloadTooLarge,
    /// The server wants fewer requests (429). Nothing was done; wait, then send fewer at a time.
    RateLimited,
    /// The server failed (5xx), or reported an error that says no more than that. It may have done
    /// part of the work, and may bill it.
    Server,
    /// Something that isn't the API responded: a proxy, a HTML response, a redirect (never followed). The
    /// request may have passed through to the server. Check the base URL if it happens every time.
    Gateway,
    /// No connection could be made: name resolution, TCP, TLS or a proxy's tunnel. The request has
    /// not left this machine; trying again is harmless.
    Connect,
    /// No connection was made within the connect timeout. The request has not left this machine;
    /// trying again is harmless.
    ConnectTimeout,
    /// The head of the response did not arrive within the head timeout. The server may have received
    /// the request and may still be working on it.
    ResponseTimeout,
    /// The response began, then paused for longer than the idle timeout. The server has done work.
    ReadTimeout,
    /// The call as a whole took longer than its total timeout. The server may have received the
    /// request and may still be working on it.
    Timeout,
    /// The connection broke before the status and headers of the response was complete, or what came was not HTTP. The
    /// server may have received the request.
    ConnectionClosed,
    /// The head of the response arrived and its body ended early. The server has done the work; what
    /// arrived is in the error's `body()`.
    IncompleteBody,
    /// A stream of events ended, or its connection broke, before it said that it was complete. The
    /// server has done work and may bill it. What was delivered before stays valid; the stream can't
    /// be taken up again, only the complete request be sent once more.
    IncompleteStream,
    /// A successful response whose body isn't what the contract specifies. The server has done the
    /// work; the complete body is in the error's `body()`.
    Decode,
    /// A successful response whose body, or one event of it, is larger than the client's limit. The
    /// server has done the work; raise the limit on the client's builder if such a response is
    /// expected.
    ResponseTooLarge,
    /// A file of this machine could not be read or written; nothing is wrong on the wire. The source
    /// is the [`std::io::Error`]. The server may have done the work, or part of it, if it was already
    /// responding.
    Io,
    /// The operation needs a key and the client has none. Nothing was sent.
    MissingApiKey,
    /// The request could not be built from what was supplied. Nothing was sent.
    InvalidRequest,
    /// The client's own settings can't be used. Nothing was sent.
    Configuration,
}

impl ErrorKind {
    /// The kind's name in snake case, as it stands in contract, logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Authentication => "authentication",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::ModelNotFound => "model_not_found",
            Self::PayloadTooLarge => "payload_too_large",
            Self::RateLimited => "rate_limited",
            Self::Server => "server",
            Self::Gateway => "gateway",
            Self::Connect => "connect",
            Self::ConnectTimeout => "connect_timeout",
            Self::ResponseTimeout => "response_timeout",
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

    /// What to tell the user when the contract has no sentence of its own.
    pub(crate) const fn help(self) -> &'static str {
        match self {
            Self::BadRequest => "Correct the request; sending it again unchanged fails again.",
            Self::Authentication => "Check that the key is present and valid.",
            Self::PermissionDenied => "Check what the key may use.",
            Self::NotFound => "Check the base URL, the path and the ids in it.",
            Self::ModelNotFound => "Read the model catalog again and use an id from it.",
            Self::PayloadTooLarge => "Make the request smaller before sending it again.",
            Self::RateLimited => {
                "TimeoutLimit before trying again, and send fewer requests at a time."
            }
            Self::Server => "Keep the request id for the provider's support.",
            Self::Gateway => {
                "Check the base URL: something in front of the API responded in its place."
            }
            Self::Connect => {
                "Check the network, the proxy and the base URL; nothing was sent, so trying again is harmless."
            }
            Self::ConnectTimeout => {
                "Check the network and the base URL, or raise the connect timeout; nothing was sent, so trying again is harmless."
            }
            Self::ResponseTimeout => {
                "Raise the head timeout if the model may think for longer; the server may still be working on the request."
            }
            Self::ReadTimeout => "Raise the idle timeout if such pauses are expected.",
            Self::Timeout => {
                "Raise the total timeout if such calls are expected; the server may still be working on the request."
            }
            Self::ConnectionClosed => {
                "The server may have received the request; send it again only if that does no harm."
            }
            Self::IncompleteBody => {
                "The response ended early on its way; send the request again only if doing the work twice does no harm."
            }
            Self::IncompleteStream => {
                "Keep what was delivered, or send the request again if doing the work twice does no harm."
            }
            Self::Decode => {
                "Look at the body that came: the response is not what the contract specifies."
            }
            Self::ResponseTooLarge => {
                "Raise the limit on the client's builder if such a response is expected."
            }
            Self::Io => "Check the path, its permissions and the space on the disk.",
            Self::MissingApiKey => "Give the client a key.",
            Self::InvalidRequest => "Correct what the message names; nothing was sent.",
            Self::Configuration => "Correct the client's settings; nothing was sent.",
        }
    }

    /// Whether a failure of this kind can come after the request, or part of it, was sent.
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

    /// Whether no connection was made, so that nothing was sent.
    pub(crate) const fn is_connecting(self) -> bool {
        matches!(self, Self::Connect | Self::ConnectTimeout)
    }

    pub(crate) const fn is_timeout(self) -> bool {
        matches!(
            self,
            Self::ConnectTimeout | Self::ResponseTimeout | Self::ReadTimeout | Self::Timeout
        )
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

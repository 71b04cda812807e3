//! Mapping of reqwest's errors to error kinds.

use std::error::Error as StdError;
use std::io;

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::error::Error;
use crate::runtime::request::upload_body;

/// Returns the error of an attempt that received no response.
pub(crate) fn request_error(operation: &'static Operation, error: reqwest::Error) -> Error {
    if let Some(error) = upload_body::upload_error(operation, &error) {
        return error;
    }
    if is_refused(&error) {
        let message = "the server refused the request before processing it";
        let error = transport_error(operation, ErrorKind::ConnectionClosed, message, error);
        return error.unprocessed();
    }
    let (kind, message) = if error.is_builder() {
        (ErrorKind::InvalidRequest, "the request could not be built")
    } else if error.is_connect() && error.is_timeout() {
        (
            ErrorKind::ConnectTimeout,
            "no connection within the connect timeout",
        )
    } else if error.is_connect() {
        (ErrorKind::Connect, "no connection")
    } else if error.is_redirect() {
        (
            ErrorKind::Gateway,
            "the custom HTTP client follows redirects; set `redirect::Policy::none()`",
        )
    } else if error.is_timeout() {
        (
            ErrorKind::ResponseTimeout,
            "the custom HTTP client timed out before a response",
        )
    } else {
        (
            ErrorKind::ConnectionClosed,
            "connection closed before a response was received",
        )
    };
    transport_error(operation, kind, message, error)
}

/// Returns the error of a response body that could not be read to its end.
pub(crate) fn body_error(operation: &'static Operation, error: reqwest::Error) -> Error {
    let (kind, message) = if error.is_timeout() {
        (
            ErrorKind::ReadTimeout,
            "the custom HTTP client timed out while reading the response body",
        )
    } else if is_corrupt(&error) {
        (
            ErrorKind::Decode,
            "the response body could not be decompressed",
        )
    } else {
        (ErrorKind::IncompleteBody, "the response body is incomplete")
    };
    transport_error(operation, kind, message, error)
}

/// Returns whether a body is not what its `Content-Encoding` says. A truncated one is incomplete instead.
fn is_corrupt(error: &reqwest::Error) -> bool {
    // An error of the connection has hyper's in between.
    let source = error
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>());
    let kind = source.map(io::Error::kind);
    cfg!(feature = "compression")
        && matches!(
            kind,
            Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
        )
}

/// Returns whether an HTTP/2 server said that it has not processed the request: it refused the stream, or was already
/// closing the connection.
#[cfg(feature = "http2")]
fn is_refused(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let is_closing = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
            let is_refused = error.reason() == Some(h2::Reason::REFUSED_STREAM);
            return error.is_remote() && (is_refused || is_closing);
        }
        source = error.source();
    }
    false
}

#[cfg(not(feature = "http2"))]
fn is_refused(_: &reqwest::Error) -> bool {
    false
}

/// Adds the root cause to the message, because reqwest's own message lacks the reason of the failure.
fn transport_error(
    operation: &'static Operation,
    kind: ErrorKind,
    message: &str,
    error: reqwest::Error,
) -> Error {
    let error = error.without_url();
    let cause = root_cause(&error);
    Error::for_operation(operation, kind, format!("{message}: {cause}")).with_source(error)
}

/// Returns the last error in the chain of sources.
pub(crate) fn root_cause<'e>(error: &'e (dyn StdError + 'static)) -> &'e (dyn StdError + 'static) {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause
}

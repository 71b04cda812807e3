//! Formatting of an error: one bounded line for a log, and the fields without headers and body for debugging.

use std::fmt;

use bytes::Bytes;
use reqwest::header::HeaderMap;

use crate::runtime::error::Error;
use crate::runtime::error::not_retried::NotRetried;
use crate::runtime::error::sanitize::sanitize_for_log;

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
            if let Some(text) = code.or(reason) {
                write!(f, " {}", sanitize_for_log(text))?;
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
            (1, Some(reason)) => write!(f, " (not retried: {reason})"),
            (attempts, Some(reason)) => write!(f, " (after {attempts} attempts: {reason})"),
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

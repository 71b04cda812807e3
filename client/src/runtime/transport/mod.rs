//! A single attempt: sending the request and receiving the response.

pub(crate) mod body;
mod error_body;
pub(crate) mod errors;
mod upload_progress;

use bytes::Bytes;

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::client::Client;
use crate::runtime::error::Error;
use crate::runtime::http::parts::ResponseParts;
use crate::runtime::limit::deadline::{Deadline, TimeoutLimit};
use crate::runtime::request::call::Call;
use crate::runtime::tolerance::Tolerance;
use crate::runtime::transport::body::{BodyBuffer, BodyEnd, ResponseBody};
use crate::runtime::transport::errors::request_error;
use crate::runtime::transport::upload_progress::UploadProgress;

/// A response with a success status and its complete body.
pub(crate) struct BufferedResponse {
    pub(crate) parts: ResponseParts,
    pub(crate) body: Bytes,
    pub(crate) tolerance: Tolerance,
}

/// A response whose status and headers have arrived and whose body is unread.
pub(crate) struct RawResponse {
    pub(crate) client: Client,
    pub(crate) operation: &'static Operation,
    pub(crate) deadline: Deadline,
    pub(crate) parts: ResponseParts,
    pub(crate) body: ResponseBody,
}

/// Sends the call once and waits for a response with a success status.
///
/// `deadline` limits this attempt up to the decoded response, or the opened stream or download; `reading` limits the body,
/// whoever reads it. A response with any other status becomes its error here, before its body is decoded.
pub(crate) async fn send(
    call: &Call,
    accept: &str,
    deadline: Deadline,
    reading: Deadline,
) -> Result<RawResponse, Error> {
    let (client, operation) = (call.client.clone(), call.operation);
    let not_sent = |timeout: TimeoutLimit| timeout.into_error(operation).not_sent();
    let permit = deadline.timeout(None, client.limiter().acquire()).await;
    let permit =
        permit.map_err(|timeout| client.limiter().with_queue_context(not_sent(timeout)))?;
    let request = deadline.timeout(None, call.to_request(accept)).await;
    let mut request = request.map_err(not_sent)??;
    let timeout = client.config().response_timeout.map(|limit| TimeoutLimit {
        kind: ErrorKind::ResponseTimeout,
        limit,
    });
    let progress = UploadProgress::observe(&mut request);
    let response = client.http().execute(request);
    let response = match progress {
        None => deadline.timeout(timeout, response).await,
        Some(progress) => {
            // Boxed, so that small requests don't carry its room.
            let response = Box::pin(progress.watch(client.config().write_timeout, response));
            deadline.timeout(timeout, response).await.flatten()
        }
    };
    let mut response = response
        .map_err(|timeout| timeout.into_error(operation))?
        .map_err(|error| request_error(operation, error))?;
    let headers = std::mem::take(response.headers_mut());
    let response = RawResponse {
        operation,
        deadline,
        parts: ResponseParts::new(operation.api, response.status(), headers),
        body: ResponseBody::new(
            operation,
            response,
            client.config().read_timeout,
            reading,
            permit,
        ),
        client,
    };
    if let Some(encoding) = response.parts.content_encoding() {
        let message = format!("the response body is compressed as `{encoding}`, unrequested");
        return Err(response.into_unreadable(message));
    }
    if response.parts.status.is_success() {
        Ok(response)
    } else {
        Err(response.into_error().await)
    }
}

impl RawResponse {
    /// Reads the complete body, up to a limit in bytes.
    pub(crate) async fn buffer(mut self, limit: usize) -> Result<BufferedResponse, Error> {
        let mut buffer = BodyBuffer::new(limit);
        let length = self.body.content_length();
        let end = if length.is_some_and(|length| length > limit as u64) {
            BodyEnd::LimitExceeded
        } else {
            buffer.reserve(length.unwrap_or(0));
            self.fill(&mut buffer).await
        };
        finish_body(&self.client, self.operation, self.parts, buffer, end)
    }

    /// Reads until the body ends, its limit is reached, or the call's deadline passes.
    async fn fill(&mut self, buffer: &mut BodyBuffer) -> BodyEnd {
        loop {
            if let Some(end) = buffer.push(self.next_chunk().await) {
                return end;
            }
        }
    }

    /// Returns the next chunk of the body, within the call's deadline.
    pub(crate) async fn next_chunk(&mut self) -> Option<Result<Bytes, Error>> {
        let chunk = self.deadline.timeout(None, self.body.next()).await;
        chunk.unwrap_or_else(|timeout| Some(Err(timeout.into_error(self.operation))))
    }
}

/// Returns the response whose body was read, or the error that ended the body.
pub(crate) fn finish_body(
    client: &Client,
    operation: &'static Operation,
    parts: ResponseParts,
    buffer: BodyBuffer,
    end: BodyEnd,
) -> Result<BufferedResponse, Error> {
    let body = buffer.bytes.freeze();
    let (error, body) = match end {
        BodyEnd::Complete => {
            return Ok(BufferedResponse {
                parts,
                body,
                tolerance: client.config().tolerance,
            });
        }
        BodyEnd::Failed(error) => (error, body),
        BodyEnd::LimitExceeded => {
            let limit = buffer.limit;
            let message = format!("response body exceeds the limit of {limit} bytes");
            // A copy, so that a small error doesn't keep a large body in memory.
            let kept = body.len().min(client.config().max_error_body_bytes);
            let kept = Bytes::copy_from_slice(&body[..kept]);
            (
                Error::for_operation(operation, ErrorKind::ResponseTooLarge, message),
                kept,
            )
        }
    };
    Err(error.with_response(parts, body))
}

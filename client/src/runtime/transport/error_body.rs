//! The reading of an error's body, within limits of its own.

use bytes::Bytes;

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::defaults;
use crate::runtime::error::Error;
use crate::runtime::error::parse_body::ParsedErrorBody;
use crate::runtime::transport::RawResponse;
use crate::runtime::transport::body::{BodyBuffer, BodyEnd};

impl RawResponse {
    /// Returns the error of this response. An incomplete or slow body is used as far as it arrived, because
    /// the status is more important than the failure of the body.
    pub(super) async fn into_error(mut self) -> Error {
        let config = self.client.config();
        let mut buffer = BodyBuffer::new(config.max_error_body_bytes);
        let timeout = config.read_timeout.min(defaults::ERROR_BODY_TIMEOUT);
        self.deadline = self.deadline.earlier_of(timeout);
        let end = self.fill(&mut buffer).await;
        let error = Error::from_response(self.operation, self.parts, buffer.bytes.freeze());
        match end {
            BodyEnd::Failed(source) => error.with_source(source),
            BodyEnd::Complete => error,
            BodyEnd::LimitExceeded => {
                self.body.drain();
                error
            }
        }
    }

    /// Returns the error of a response whose body can't be read. An error status decides the kind.
    pub(super) fn into_unreadable(self, message: String) -> Error {
        let (operation, parts) = (self.operation, self.parts);
        self.body.drain();
        if parts.status.is_success() {
            return Error::for_operation(operation, ErrorKind::Decode, message)
                .with_response(parts, Bytes::new());
        }
        let parsed = ParsedErrorBody::without_fields(message);
        Error::from_parsed(operation, parts, Bytes::new(), parsed)
    }
}

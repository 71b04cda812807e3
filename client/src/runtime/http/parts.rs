//! Status and headers of a response.

use std::fmt;
use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use crate::runtime::api::operation::ApiMetadata;
use crate::runtime::http::retry_after;

/// Status and headers of a response.
#[derive(Clone)]
pub struct ResponseParts {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    received: SystemTime,
    api: &'static ApiMetadata,
}

impl ResponseParts {
    pub(crate) fn new(api: &'static ApiMetadata, status: StatusCode, headers: HeaderMap) -> Self {
        Self {
            status,
            headers,
            received: SystemTime::now(),
            api,
        }
    }

    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the headers, without a copy.
    pub fn into_headers(self) -> HeaderMap {
        self.headers
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        retry_after::retry_after(&self.headers, self.received)
    }

    /// Returns the encoding of the body. An HTTP client that decodes bodies removes the header.
    pub(crate) fn content_encoding(&self) -> Option<&str> {
        let encoding = self.headers.get(CONTENT_ENCODING)?.to_str().ok()?.trim();
        let is_plain = encoding.is_empty() || encoding.eq_ignore_ascii_case("identity");
        (!is_plain).then_some(encoding)
    }

    /// Returns the server's id of this request, to quote in a support request, if a header contains one.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id_or(None)
    }

    /// Returns the request id from the headers, or the one in the message of an error response.
    ///
    /// A `...request-id` header comes first, because it can't be truncated. The id in the message comes
    /// next, because it is the API's own. Any other header, such as a CDN's ray id, comes last.
    pub(crate) fn request_id_or<'a>(&'a self, in_message: Option<&'a str>) -> Option<&'a str> {
        let value = |name: &&str| {
            let id = self.headers.get(*name)?.to_str().ok()?.trim();
            (!id.is_empty() && id.len() <= 128).then_some(id)
        };
        let names = self.api.request_id_headers.iter();
        let is_own = |name: &&&str| name.contains("request-id");
        let own = names.clone().filter(is_own).find_map(value);
        own.or(in_message)
            .or_else(|| names.clone().filter(|name| !is_own(name)).find_map(value))
    }
}

impl fmt::Debug for ResponseParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A server may echo the API key, even as the name of a header.
        f.debug_struct("ResponseParts")
            .field("status", &self.status.as_u16())
            .field("request_id", &self.request_id())
            .field("headers", &self.headers.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::test_support;

    static API: ApiMetadata = ApiMetadata {
        request_id_headers: &["cf-ray", "x-first-request-id", "x-request-id"],
        ..test_support::API
    };

    #[test]
    fn the_most_trusted_request_id_is_returned() {
        let message = Some("message");
        for (headers, in_message, id) in [
            (&[][..], None, None),
            (&[("cf-ray", "ray")], None, Some("ray")),
            (&[("cf-ray", "ray")], message, message),
            (
                &[("cf-ray", "ray"), ("x-request-id", "b")],
                message,
                Some("b"),
            ),
            (
                &[("x-request-id", "b"), ("x-first-request-id", "a")],
                message,
                Some("a"),
            ),
            (
                &[("x-request-id", " "), ("cf-ray", "ray")],
                None,
                Some("ray"),
            ),
            (&[("x-unknown-request-id", "x")], None, None),
        ] {
            let headers = headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            let parts = ResponseParts::new(&API, StatusCode::OK, headers.collect());
            assert_eq!(parts.request_id_or(in_message), id, "{:?}", parts.headers);
        }
    }
}

//! The head of an answer: known before anything in the body can go wrong.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::{error_body, retry_after};
use crate::generated::API;

/// Status and headers, and when they arrived.
#[derive(Clone)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    received: SystemTime,
}

impl Head {
    pub(super) fn new(status: StatusCode, headers: HeaderMap) -> Self {
        Self {
            status,
            headers,
            received: SystemTime::now(),
        }
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        retry_after::retry_after(&self.headers, self.received)
    }

    /// The request id, with the message of an error answer, or a blank one.
    ///
    /// The message's id is the API's own. A header named for a request id goes before it, because it
    /// can't be cut; any other (an edge's ray id) comes last.
    pub(super) fn request_id<'a>(&'a self, message: &'a str) -> Option<&'a str> {
        self.request_id_from(API.request_id_headers, message)
    }

    fn request_id_from<'a>(&'a self, names: &[&str], message: &'a str) -> Option<&'a str> {
        let value = |name: &&str| {
            let id = self.headers.get(*name)?.to_str().ok()?.trim();
            (!id.is_empty() && id.len() <= 128).then_some(id)
        };
        let is_own = |name: &&&str| name.contains("request-id");
        let own = names.iter().filter(is_own).find_map(value);
        own.or_else(|| error_body::request_id(message))
            .or_else(|| names.iter().filter(|name| !is_own(name)).find_map(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_id_comes_from_its_most_trusted_place() {
        const NAMES: &[&str] = &["cf-ray", "x-first-request-id", "x-request-id"];
        const SAID: &str = "no luck (request id: said)";
        for (headers, message, id) in [
            (&[][..], "", None),
            (&[("cf-ray", "ray")], "", Some("ray")),
            (&[("cf-ray", "ray")], SAID, Some("said")),
            (&[("cf-ray", "ray"), ("x-request-id", "b")], SAID, Some("b")),
            (
                &[("x-request-id", "b"), ("x-first-request-id", "a")],
                SAID,
                Some("a"),
            ),
            (&[("x-request-id", " "), ("cf-ray", "ray")], "", Some("ray")),
            (&[("x-unknown-request-id", "x")], "", None),
        ] {
            let headers = headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            let head = Head::new(StatusCode::OK, headers.collect());
            assert_eq!(
                head.request_id_from(NAMES, message),
                id,
                "{:?}",
                head.headers
            );
        }
    }
}

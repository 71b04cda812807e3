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
    pub(super) fn request_id(&self, message: &str) -> Option<String> {
        self.request_id_from(API.request_id_headers, message)
    }

    fn request_id_from(&self, names: &[&str], message: &str) -> Option<String> {
        let value = |name: &&str| {
            let id = self.headers.get(*name)?.to_str().ok()?.trim();
            (!id.is_empty() && id.len() <= 128).then(|| id.to_owned())
        };
        let (own, others): (Vec<&str>, Vec<&str>) =
            names.iter().partition(|name| name.contains("request-id"));
        let said = || error_body::request_id(message).map(str::to_owned);
        own.iter()
            .find_map(value)
            .or_else(said)
            .or_else(|| others.iter().find_map(value))
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
                head.request_id_from(NAMES, message).as_deref(),
                id,
                "{:?}",
                head.headers
            );
        }
    }
}

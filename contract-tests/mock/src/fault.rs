//! Responses that fail, as often as was requested.

use std::sync::atomic::{AtomicU64, Ordering};

use cometapi_contract::{Node, Operation, Response};
use serde_json::Value;

use crate::StartError;
use crate::response::MockResponse;

/// The share of responses that are faults, in percent, and what decides which.
#[derive(Debug)]
pub(crate) struct Faults {
    percent: u8,
    seed: u64,
    responded: AtomicU64,
}

/// A fault, with a number that decides what is left to chance in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A documented error that may go away by itself.
    Error(u64),
    /// The connection closes in place of a response.
    Disconnect,
    /// The connection closes within the body.
    Truncate(u64),
}

impl Faults {
    pub(crate) fn new(percent: u8, seed: u64) -> Self {
        Self {
            percent,
            seed,
            responded: AtomicU64::new(0),
        }
    }

    /// What happens to the next response.
    pub(crate) fn next(&self) -> Option<Fault> {
        let index = self.responded.fetch_add(1, Ordering::Relaxed);
        let drawn = mixed(self.seed ^ mixed(index));
        if drawn % 100 >= u64::from(self.percent) {
            return None;
        }
        let chance = mixed(drawn);
        Some(match mixed(chance) % 4 {
            // Half of them, since these are of many sorts.
            0 | 1 => Fault::Error(chance),
            2 => Fault::Disconnect,
            _ => Fault::Truncate(chance),
        })
    }
}

/// A step of SplitMix64: an even spread of its argument.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The documented errors of an operation that the contract calls worth a retry.
pub(crate) fn passing_errors(operation: &Operation<'_>) -> Result<Vec<MockResponse>, StartError> {
    let mut errors = Vec::new();
    for response in operation.responses() {
        for media_type in response.media_types() {
            for example in media_type.examples(response.status) {
                let reply = MockResponse::of(&example)?;
                if !response.is_success() && is_retryable(&response, &reply.body) {
                    errors.push(reply);
                }
            }
        }
    }
    Ok(errors)
}

/// Of the rules of a response the first with the body's code counts, or without any.
fn is_retryable(response: &Response<'_>, body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = body["error"]["code"].as_str().or(body["code"].as_str());
    let rules = response
        .node
        .get("x-error-rules")
        .map(|rules| rules.resolved());
    let rules = rules.iter().flat_map(Node::items);
    let mut fitting = rules.filter(|rule| {
        let only = rule.str("code");
        only.is_none() || only == code
    });
    fitting.next().is_some_and(|rule| rule.bool("retryable"))
}

#[cfg(test)]
mod tests {
    use super::{Fault, Faults};

    fn first(count: usize, percent: u8, seed: u64) -> Vec<Option<Fault>> {
        let faults = Faults::new(percent, seed);
        (0..count).map(|_| faults.next()).collect()
    }

    #[test]
    fn the_seed_decides() {
        assert_eq!(first(50, 40, 7), first(50, 40, 7));
        assert_ne!(first(50, 40, 7), first(50, 40, 8));
    }

    #[test]
    fn the_share_is_kept_and_every_fault_comes() {
        for (percent, least, most) in [(0, 0, 0), (25, 430, 570), (100, 2000, 2000)] {
            let drawn = first(2000, percent, 1);
            let faults: Vec<Fault> = drawn.into_iter().flatten().collect();
            assert!((least..=most).contains(&faults.len()), "{}", faults.len());
            for fault in [
                |fault: &Fault| matches!(fault, Fault::Error(_)),
                |fault: &Fault| matches!(fault, Fault::Disconnect),
                |fault: &Fault| matches!(fault, Fault::Truncate(_)),
            ] {
                let count = faults.iter().filter(|one| fault(one)).count();
                assert!(count * 6 >= faults.len(), "{count} of {}", faults.len());
            }
        }
    }
}

//! Injection of faults into responses, at a requested rate.

use std::sync::{Mutex, PoisonError};

use cometapi_contract::{Node, Operation, Response};
use fastrand::Rng;
use serde_json::Value;

use crate::StartError;
use crate::response::MockResponse;

/// Decides for each response whether it is a fault.
#[derive(Debug)]
pub(crate) struct FaultInjector {
    /// Percentage of responses that are faults, from 0 to 100; all of them if it is more.
    rate: u8,
    random: Mutex<Rng>,
}

/// A fault, with a random number for what is to be drawn in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A documented error that the contract calls retryable.
    TransientError(u64),
    /// The connection closes in place of a response.
    Disconnect,
    /// The connection closes within the body.
    Truncate(u64),
}

impl FaultInjector {
    pub(crate) fn new(rate: u8, seed: u64) -> Self {
        Self {
            rate,
            random: Mutex::new(Rng::with_seed(seed)),
        }
    }

    /// The fault of the next response, if it is one.
    pub(crate) fn next(&self) -> Option<Fault> {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        if random.u8(..100) >= self.rate {
            return None;
        }
        Some(match random.u8(..4) {
            // Half of them, because there are many different errors.
            0 | 1 => Fault::TransientError(random.u64(..)),
            2 => Fault::Disconnect,
            _ => Fault::Truncate(random.u64(..)),
        })
    }
}

/// The documented errors of an operation that the contract calls retryable.
pub(crate) fn transient_errors(operation: &Operation<'_>) -> Result<Vec<MockResponse>, StartError> {
    let mut errors = Vec::new();
    for response in operation.responses() {
        for media_type in response.media_types() {
            for example in media_type.examples(response.status) {
                let error = MockResponse::from_example(&example)?;
                if !response.is_success() && is_retryable(&response, &error.body) {
                    errors.push(error);
                }
            }
        }
    }
    Ok(errors)
}

/// The first rule with the body's code applies, or the first without a code.
fn is_retryable(response: &Response<'_>, body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = body["error"]["code"].as_str().or(body["code"].as_str());
    let rules = response.node.get("x-error-rules");
    let rules = rules.map(|rules| rules.resolved());
    let mut rules = rules.iter().flat_map(Node::items);
    let rule = rules.find(|rule| rule.str("code").is_none_or(|only| Some(only) == code));
    rule.is_some_and(|rule| rule.bool("retryable"))
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultInjector};

    fn first(count: usize, rate: u8, seed: u64) -> Vec<Option<Fault>> {
        let faults = FaultInjector::new(rate, seed);
        (0..count).map(|_| faults.next()).collect()
    }

    #[test]
    fn the_seed_decides() {
        assert_eq!(first(50, 40, 7), first(50, 40, 7));
        assert_ne!(first(50, 40, 7), first(50, 40, 8));
    }

    #[test]
    fn the_rate_is_kept_and_every_fault_occurs() {
        for (rate, least, most) in [(0, 0, 0), (25, 430, 570), (100, 2000, 2000)] {
            let drawn = first(2000, rate, 1);
            let faults: Vec<Fault> = drawn.into_iter().flatten().collect();
            assert!((least..=most).contains(&faults.len()), "{}", faults.len());
            for fault in [
                |fault: &Fault| matches!(fault, Fault::TransientError(_)),
                |fault: &Fault| matches!(fault, Fault::Disconnect),
                |fault: &Fault| matches!(fault, Fault::Truncate(_)),
            ] {
                let count = faults.iter().filter(|one| fault(one)).count();
                assert!(count * 6 >= faults.len(), "{count} of {}", faults.len());
            }
        }
    }
}

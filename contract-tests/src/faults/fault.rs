//! A fault, what the client must make of it, and what came of a case.

use std::fmt;
use std::time::Duration;

use cometapi::{Error, ErrorKind};
use serde_json::{Value, json};

use super::MAX_ATTEMPTS;
use super::operations::{Form, HealthyResponse, Target};
use crate::server::Step;

/// One way for a server to go wrong.
pub struct Fault {
    /// What it does, in a few words.
    pub name: String,
    /// The faults that are told as one where they come to the same.
    pub family: Option<Family>,
    pub(super) setting: ClientProfile,
    pub(super) wire: Wire,
    /// For JSON, for bytes and for events.
    cells: [Expectation; 3],
}

/// A member of a family of faults that differ by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// What its members have in common.
    pub name: &'static str,
    /// What tells this one from the others.
    pub number: u16,
}

/// What is sent in place of a response.
pub(super) type Wire = Box<dyn Fn(&HealthyResponse) -> Vec<Step> + Send + Sync>;

/// What stands around a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientProfile {
    /// The client never loses patience.
    Default,
    /// The client has short timeouts.
    ShortTimeouts,
    /// No one listens.
    ConnectionRefused,
}

/// What must come of a fault for one form of response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// The caller gets a value anyway.
    Succeeds(Payload),
    /// The caller gets an error.
    Fails(Failure),
    /// There is no such fault for this form of response, and why.
    NotApplicable(&'static str),
}

/// What must be known of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    kind: ErrorKind,
    /// The status, if a head arrived.
    status: Option<u16>,
    /// Whether the call is tried again.
    again: Retry,
    /// What the response asks to wait.
    wait: RetryAfter,
}

/// Whether a failed attempt is followed by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request would fail the same way.
    Never,
    /// For every operation: nothing was done, or the API requests it.
    Always,
    /// Where the contract says that the operation may be sent twice: work may have been done.
    IfIdempotent,
    /// A later attempt may succeed, but not in the time that the client has for it.
    DelayTooLong,
}

impl Fault {
    /// The same steps in place of every response, which come to the same.
    pub(super) fn sends<const N: usize>(
        name: impl Into<String>,
        steps: [Step; N],
        cell: Expectation,
    ) -> Self {
        Self::any(name, move |_| steps.to_vec(), cell)
    }

    /// A fault that comes to the same whatever the response should have been.
    pub(super) fn any(
        name: impl Into<String>,
        wire: impl Fn(&HealthyResponse) -> Vec<Step> + Send + Sync + 'static,
        cell: Expectation,
    ) -> Self {
        Self::each(name, wire, [cell; 3])
    }

    /// A fault and what comes of it for JSON, for bytes and for events.
    pub(super) fn each(
        name: impl Into<String>,
        wire: impl Fn(&HealthyResponse) -> Vec<Step> + Send + Sync + 'static,
        cells: [Expectation; 3],
    ) -> Self {
        Self {
            name: name.into(),
            family: None,
            setting: ClientProfile::Default,
            wire: Box::new(wire),
            cells,
        }
    }

    /// The same in front of a client with short timeouts.
    pub(super) fn slow(self) -> Self {
        self.with_setting(ClientProfile::ShortTimeouts)
    }

    pub(super) fn with_setting(self, setting: ClientProfile) -> Self {
        Self { setting, ..self }
    }

    pub(super) fn with_family(self, name: &'static str, number: u16) -> Self {
        let family = Some(Family { name, number });
        Self { family, ..self }
    }

    /// What must come of it for a response of this form.
    pub fn cell(&self, form: Form) -> Expectation {
        // In the order of the enum.
        self.cells[form as usize]
    }
}

impl Expectation {
    /// What must come of it for this operation; the reason if nothing can.
    pub fn expected(self, subject: &Target) -> Result<Outcome, &'static str> {
        match self {
            Self::NotApplicable(reason) => Err(reason),
            Self::Succeeds(came) => Ok(Outcome::Success { came, attempts: 1 }),
            Self::Fails(failure) => {
                let (retryable, attempts) = match failure.again {
                    Retry::Never => (false, 1),
                    Retry::Always => (true, MAX_ATTEMPTS),
                    Retry::IfIdempotent if subject.idempotent => (true, MAX_ATTEMPTS),
                    Retry::IfIdempotent => (false, 1),
                    Retry::DelayTooLong => (true, 1),
                };
                Ok(Outcome::Failure {
                    kind: failure.kind,
                    status: failure.status,
                    wait: failure.wait,
                    retryable,
                    attempts,
                })
            }
        }
    }

    /// The same, after a response that asks to wait.
    pub(super) const fn asking(self, wait: RetryAfter) -> Self {
        match self {
            Self::Fails(failure) => Self::Fails(Failure { wait, ..failure }),
            other => other,
        }
    }
}

/// An error after the status and headers of the response with this status.
pub(super) const fn fails(status: u16, kind: ErrorKind, again: Retry) -> Expectation {
    Expectation::Fails(Failure {
        kind,
        status: Some(status),
        again,
        wait: RetryAfter::None,
    })
}

/// An error without the status and headers of the response.
pub(super) const fn fails_without_response(kind: ErrorKind, again: Retry) -> Expectation {
    match fails(0, kind, again) {
        Expectation::Fails(failure) => Expectation::Fails(Failure {
            status: None,
            ..failure
        }),
        other => other,
    }
}

/// The documented value, as if nothing were wrong.
pub(super) const FINE: Expectation = Expectation::Succeeds(Payload::Complete);

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a caller got, and how many requests the server has seen for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A value.
    Success {
        /// How much of it.
        came: Payload,
        /// Requests on the wire.
        attempts: usize,
    },
    /// An error.
    Failure {
        /// What went wrong.
        kind: ErrorKind,
        /// The status, if a head arrived.
        status: Option<u16>,
        /// Whether the error says that another attempt may succeed.
        retryable: bool,
        /// What the response asks to wait.
        wait: RetryAfter,
        /// Requests on the wire.
        attempts: usize,
    },
    /// The client did not come to an end.
    Hung,
    /// The client panicked.
    Panicked(String),
}

impl Outcome {
    /// For machines; its text is what people read.
    pub(super) fn json(&self) -> Value {
        let (kind, status, retryable) = match self {
            Self::Failure {
                kind,
                status,
                retryable,
                ..
            } => (Some(kind.as_str()), *status, *retryable),
            _ => (None, None, false),
        };
        let attempts = match self {
            Self::Success { attempts, .. } | Self::Failure { attempts, .. } => Some(attempts),
            Self::Hung | Self::Panicked(_) => None,
        };
        json!({
            "text": format!("{self:#}"),
            "kind": kind,
            "status": status,
            "retryable": retryable,
            "attempts": attempts,
        })
    }
}

/// How much of the documented value a caller got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The same as without a fault.
    Complete,
    /// The first half: HTTP gives no sign that there should be more.
    Partial,
    /// Bytes chunk by chunk for as long as the server went on, beyond every limit.
    Unbounded,
    /// Another value.
    Different,
}

/// How long the response asks to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// It doesn't say, or nothing usable.
    None,
    /// A time that the client waits.
    Within(Duration),
    /// A time that it doesn't.
    TooLong,
}

/// What the client waits at most for a response that asks it to.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl Outcome {
    /// What an error says.
    pub(super) fn of_error(error: &Error, attempts: usize) -> Self {
        Self::Failure {
            kind: error.kind(),
            status: error.status().map(|status| status.as_u16()),
            retryable: error.is_retryable(),
            wait: match error.retry_after() {
                None => RetryAfter::None,
                Some(wait) if wait > LONGEST_WAIT => RetryAfter::TooLong,
                Some(wait) => RetryAfter::Within(wait),
            },
            attempts,
        }
    }
}

/// `server 503 ↻3`: kind, status, and the attempts where another may succeed. `{:#}` tells the wait
/// as well.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success { came, attempts } => {
                match came {
                    Payload::Complete => write!(f, "ok")?,
                    Payload::Partial => write!(f, "ok, half")?,
                    Payload::Unbounded => write!(f, "ok, endless")?,
                    Payload::Different => write!(f, "ok, another value")?,
                }
                if *attempts == 1 {
                    Ok(())
                } else {
                    write!(f, " after {attempts} attempts")
                }
            }
            Self::Failure {
                kind,
                status,
                retryable,
                wait,
                attempts,
            } => {
                write!(f, "{kind}")?;
                if let Some(status) = status {
                    write!(f, " {status}")?;
                }
                match (retryable, attempts) {
                    (true, attempts) => write!(f, " ↻{attempts}")?,
                    (false, 1) => (),
                    (false, attempts) => write!(f, " after {attempts} attempts")?,
                }
                match wait {
                    _ if !f.alternate() => Ok(()),
                    RetryAfter::None => write!(f, ", requests no wait"),
                    RetryAfter::Within(wait) => write!(f, ", asks to wait {wait:?}"),
                    RetryAfter::TooLong => write!(f, ", asks to wait too long"),
                }
            }
            Self::Hung => write!(f, "hung"),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: Option<u16>, retryable: bool, attempts: usize) -> Outcome {
        Outcome::Failure {
            kind: ErrorKind::Server,
            status,
            retryable,
            wait: RetryAfter::TooLong,
            attempts,
        }
    }

    #[test]
    fn an_outcome_is_a_few_words() {
        let success = |came, attempts| Outcome::Success { came, attempts };
        for (outcome, words) in [
            (success(Payload::Complete, 1), "ok"),
            (success(Payload::Partial, 2), "ok, half after 2 attempts"),
            (failure(None, false, 1), "server"),
            (failure(Some(503), false, 2), "server 503 after 2 attempts"),
            (failure(Some(503), true, 3), "server 503 ↻3"),
            (Outcome::Hung, "hung"),
        ] {
            assert_eq!(outcome.to_string(), words);
        }
        let rendered = format!("{:#}", failure(Some(503), true, 1));
        assert_eq!(rendered, "server 503 ↻1, asks to wait too long");
    }
}

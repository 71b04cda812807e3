//! A fault, and what the client must make of it.

use std::fmt;

use cometapi::ErrorKind;

use super::MAX_ATTEMPTS;
use super::operations::{Answer, Form, Subject};
use super::outcome::{Came, Outcome, Wait};
use super::wire::Step;

/// One way for a server to go wrong.
pub struct Fault {
    /// What it does, in a few words.
    pub name: String,
    /// The faults that are told as one where they come to the same.
    pub family: Option<Family>,
    pub(super) setting: Setting,
    pub(super) wire: Wire,
    json: Cell,
    bytes: Cell,
    events: Cell,
}

/// A member of a family of faults that differ by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// What its members have in common.
    pub name: &'static str,
    /// What tells this one from the others.
    pub number: u16,
}

/// What is sent in place of an answer.
pub(super) type Wire = Box<dyn Fn(&Answer) -> Vec<Step> + Send + Sync>;

/// What stands around a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    /// The client never loses patience.
    Patient,
    /// The client has short timeouts.
    Impatient,
    /// Nobody listens.
    Refusing,
}

/// What must come of a fault for one form of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The caller gets a value all the same.
    Succeeds(Came),
    /// The caller gets an error.
    Fails {
        /// What went wrong.
        kind: ErrorKind,
        /// The status, if a head arrived.
        status: Option<u16>,
        /// Whether the call is tried again.
        again: Again,
        /// What the answer asks to wait.
        wait: Wait,
    },
    /// There is no such fault for this form of answer, and why.
    Meaningless(&'static str),
}

/// Whether a failed attempt is followed by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// The same request would fail the same way.
    Never,
    /// For every operation: nothing was done, or the API asks for it.
    Always,
    /// Where the contract says that the operation may be sent twice: work may have been done.
    IfHarmless,
    /// A later attempt may succeed, but not in the time that the client has for it.
    NotInTime,
}

impl Fault {
    /// A fault that comes to the same whatever the answer should have been.
    pub(super) fn any(
        name: impl Into<String>,
        wire: impl Fn(&Answer) -> Vec<Step> + Send + Sync + 'static,
        cell: Cell,
    ) -> Self {
        Self::each(name, wire, [cell, cell, cell])
    }

    /// A fault and what comes of it for JSON, for bytes and for events.
    pub(super) fn each(
        name: impl Into<String>,
        wire: impl Fn(&Answer) -> Vec<Step> + Send + Sync + 'static,
        [json, bytes, events]: [Cell; 3],
    ) -> Self {
        Self {
            name: name.into(),
            family: None,
            setting: Setting::Patient,
            wire: Box::new(wire),
            json,
            bytes,
            events,
        }
    }

    pub(super) fn with_setting(self, setting: Setting) -> Self {
        Self { setting, ..self }
    }

    pub(super) fn with_family(self, name: &'static str, number: u16) -> Self {
        let family = Some(Family { name, number });
        Self { family, ..self }
    }

    /// What must come of it for an answer of this form.
    pub fn cell(&self, form: Form) -> Cell {
        match form {
            Form::Json => self.json,
            Form::Bytes => self.bytes,
            Form::Events => self.events,
        }
    }
}

impl Cell {
    /// What must come of it for this operation; the reason if nothing can.
    pub fn expected(self, subject: &Subject) -> Result<Outcome, &'static str> {
        match self {
            Self::Meaningless(reason) => Err(reason),
            Self::Succeeds(came) => Ok(Outcome::Success { came, attempts: 1 }),
            Self::Fails {
                kind,
                status,
                again,
                wait,
            } => {
                let (retryable, attempts) = match again {
                    Again::Never => (false, 1),
                    Again::Always => (true, MAX_ATTEMPTS),
                    Again::IfHarmless if subject.may_be_sent_twice => (true, MAX_ATTEMPTS),
                    Again::IfHarmless => (false, 1),
                    Again::NotInTime => (true, 1),
                };
                Ok(Outcome::Failure {
                    kind,
                    status,
                    retryable,
                    wait,
                    attempts,
                })
            }
        }
    }

    /// The same, after an answer that asks to wait.
    pub(super) const fn asking(self, wait: Wait) -> Self {
        match self {
            Self::Fails {
                kind,
                status,
                again,
                ..
            } => Self::Fails {
                kind,
                status,
                again,
                wait,
            },
            other => other,
        }
    }
}

/// An error after the head of an answer with this status.
pub(super) const fn fails(status: u16, kind: ErrorKind, again: Again) -> Cell {
    Cell::Fails {
        kind,
        status: Some(status),
        again,
        wait: Wait::Unsaid,
    }
}

/// An error without the head of an answer.
pub(super) const fn headless(kind: ErrorKind, again: Again) -> Cell {
    Cell::Fails {
        kind,
        status: None,
        again,
        wait: Wait::Unsaid,
    }
}

/// The documented value, as if nothing were wrong.
pub(super) const FINE: Cell = Cell::Succeeds(Came::All);

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

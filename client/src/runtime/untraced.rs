//! In the place of `trace.rs` without the feature `tracing`: tells nothing.

use std::future::Future;

use reqwest::StatusCode;

use super::{Attempt, Call, Error};

#[derive(Debug)]
pub(super) struct Trace;

impl Trace {
    pub(super) fn none() -> Self {
        Self
    }

    pub(super) fn of(_: &Call<'_>) -> Self {
        Self
    }

    pub(super) fn around<F: Future>(&self, future: F) -> F {
        future
    }

    pub(super) fn streamed(self) -> Self {
        self
    }

    pub(super) fn answered(&self, _: StatusCode, _: Option<&str>) {}

    pub(super) fn said(&mut self, _: &[u8]) {}

    pub(super) fn end(&mut self) {}

    pub(super) fn fail(&mut self, _: &Error) {}
}

pub(super) fn attempt(_: &Attempt<'_>) {}

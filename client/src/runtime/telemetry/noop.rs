//! Replacement of `span.rs` without the feature `tracing`, which records nothing.

use std::future::Future;

use reqwest::StatusCode;

use crate::runtime::error::Error;
use crate::runtime::request::call::Call;
use crate::runtime::retry::attempt::Attempt;
use crate::runtime::tolerance::deviation::Deviation;

#[derive(Debug)]
pub(crate) struct CallSpan;

impl CallSpan {
    pub(crate) fn disabled() -> Self {
        Self
    }

    pub(crate) fn start(_: &Call) -> Self {
        Self
    }

    pub(crate) fn instrument<F: Future>(&self, future: F) -> F {
        future
    }

    pub(crate) fn mark_streaming(self) -> Self {
        self
    }

    pub(crate) fn record_response(&self, _: StatusCode, _: Option<&str>) {}

    pub(crate) fn record_payload(&mut self, _: &[u8]) {}

    pub(crate) fn record_deviations(&self, _: &[Deviation]) {}

    pub(crate) fn close(&mut self) {}

    pub(crate) fn close_with_error(&mut self, _: &Error) {}
}

pub(crate) fn attempt_event(_: &Attempt<'_>) {}

//! Tracing spans by OpenTelemetry's conventions for generative AI; no-ops without the feature `tracing`.

#[cfg(feature = "tracing")]
mod json_path;
#[cfg(not(feature = "tracing"))]
mod noop;
#[cfg(feature = "tracing")]
mod span;

#[cfg(not(feature = "tracing"))]
pub(crate) use noop::{CallSpan, attempt_event};
#[cfg(feature = "tracing")]
pub(crate) use span::{CallSpan, attempt_event};

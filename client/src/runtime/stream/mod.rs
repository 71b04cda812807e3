//! Streams of server-sent events: parser, end detection, typed events, text deltas.

pub(crate) mod completion;
pub(crate) mod raw;
pub(crate) mod sse;
pub(crate) mod text;
pub(crate) mod typed;

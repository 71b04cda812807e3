//! Tolerant reading of JSON that does not match the schema of its type.
//!
//! It only runs after the strict decoder has failed, so a valid response costs nothing. The text is rewritten by the
//! schema, value by value: a value of another type is converted if the conversion is certain, otherwise left out, and
//! each such place is a [`Deviation`](deviation::Deviation). What matches is copied unchanged, so that nothing is
//! invented.

pub(crate) mod deviation;
pub(crate) mod raw;
pub(crate) mod reader;
pub(crate) mod schema;
pub(crate) mod text_parts;

/// Whether a response that deviates from the schema is an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tolerance {
    /// Every deviation is a decode error.
    Strict,
    /// What is usable is delivered, with its deviations.
    #[default]
    Tolerant,
}

//! Shorthands on generated types. They build and read values, and send nothing.

mod completions;
mod contents;
mod folding;
mod messages;
mod token_counts;
mod tools;
mod transcripts;

pub use folding::ChatCompletionFold;

//! Shorthands on generated types. They build and read values, and send nothing.

mod catalog;
mod completions;
mod contents;
mod fits;
mod folding;
mod json_output;
mod messages;
mod pricing;
mod token_counts;
mod tools;
mod transcripts;

pub use fits::{Support, Task, TaskSupport};
pub use folding::ChatCompletionAccumulator;

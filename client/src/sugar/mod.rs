//! Shorthands on generated types. They build and read values, and send nothing.

mod completions;
mod contents;
mod messages;
mod token_counts;
mod tools;

//! Documentation of generated code: comments from descriptions, and examples.

pub mod comment;
pub mod example;

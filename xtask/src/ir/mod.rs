//! The intermediate representation between progenitor's output and the emitted code.

pub mod input;
pub mod model;
pub mod names;
pub mod payload;

//! A table of made-up changes.

//! What is true of one API: its metadata, its operations, the kinds of its errors, and its key.

pub(crate) mod api_key;
pub(crate) mod error_kind;
pub(crate) mod operation;

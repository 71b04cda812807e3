//! Description of one API: metadata, operations, error kinds and the API key.

pub(crate) mod api_key;
pub(crate) mod error_kind;
pub(crate) mod operation;

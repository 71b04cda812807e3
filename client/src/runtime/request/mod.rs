//! A call as plain data, and the request that is built from it for each attempt.

mod build;
pub(crate) mod call;
pub(crate) mod call_options;
pub(crate) mod multipart;
pub(crate) mod upload;
pub(crate) mod upload_body;

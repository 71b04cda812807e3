//! The seam for generated code: everything that it may name, and nothing else may change under it.

pub use reqwest::Method;

pub use super::api::error_kind::ErrorKind;
pub use super::api::operation::{
    ApiMetadata, ErrorFields, ErrorRule, FileField, GenAiAttributes, Operation, StatusErrors,
};
pub use super::client::Client;
pub use super::client::builder::ClientBuilder;
pub use super::error::Error;
pub use super::request::call::Call;
pub use super::request::upload::Upload;
pub use super::response::Response;
pub use super::response::download::Download;
pub use super::response::selected::{ResponseVariant, SelectedResponse};
pub use super::retry::policy::RetryPolicy;
pub use super::stream::completion::{FinishTracker, StreamEvent};
pub use super::stream::typed::EventStream;
pub use super::tolerance::schema::{Described, Presence, Property, Schema};

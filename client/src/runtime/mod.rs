//! The runtime: performs the calls that generated code describes.
//!
//! It knows HTTP and the conventions of OpenAI-style APIs, and no endpoint. Each folder imports only from
//! the folders listed after it: `blocking`, `execute`, `stream`, `response`, `transport`, `telemetry`,
//! `request`, `client`, `retry`, `limit`, `tolerance`, `error`, then the leaves.

mod api;
#[cfg(feature = "blocking")]
pub mod blocking;
mod client;
pub mod codegen;
pub mod defaults;
mod error;
mod execute;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod http;
mod limit;
mod request;
mod response;
mod retry;
pub(crate) mod serde;
mod stream;
mod telemetry;
#[cfg(test)]
mod test_support;
mod tolerance;
mod transport;

pub use api::error_kind::ErrorKind;
pub use client::Client;
pub use client::builder::ClientBuilder;
pub use error::Error;
pub use error::not_retried::NotRetried;
pub use error::sanitize::sanitize_for_terminal;
pub use http::parts::ResponseParts;
pub use limit::concurrency::ConcurrencyLimit;
pub use request::{upload::Upload, upload_body::Progress};
pub use response::Response;
pub use response::download::Download;
pub use retry::attempt::Attempt;
pub use retry::policy::RetryPolicy;
pub use stream::completion::StreamEnd;
pub use stream::text::TextDeltaStream;
pub use stream::typed::EventStream;
pub use tolerance::deviation::{Deviation, DeviationAction, JsonType};

#[doc(hidden)]
pub use codegen::{
    ApiMetadata, Call, Described, ErrorFields, ErrorRule, FileField, FinishTracker,
    GenAiAttributes, Method, Operation, Presence, Property, ResponseVariant, Schema,
    SelectedResponse, StatusErrors, StreamEvent,
};
pub(crate) use request::call_options::call_options;
#[doc(hidden)]
pub use response::json::decode_roundtrip;
#[doc(hidden)]
pub use serde::lenient;
// A contract may have no enum or union of one of these kinds.
#[allow(unused_imports)]
pub(crate) use serde::enums::{closed_enum, open_enum, tagged_union, untagged_union};
pub(crate) use serde::object as serde_object;
pub(crate) use serde::object::object;

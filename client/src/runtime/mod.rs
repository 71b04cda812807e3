//! The runtime: performs the calls that generated code describes.
//!
//! It knows HTTP and no endpoint. Generated code fills the tables in [`operation`] and builds a
//! [`Call`]; a call goes through `perform.rs` and `transport.rs` to the server and through `decode.rs` back to the
//! caller, or through `events.rs` and `event_stream.rs` if it is streamed, or `download.rs`. What is
//! re-exported here without `doc(hidden)` is part of the crate's public API, the rest is the seam
//! between generated code and runtime and may change with any version.

mod answer_error;
#[doc(hidden)]
pub mod arguments;
mod attempts;
mod base_url;
#[cfg(feature = "blocking")]
pub mod blocking;
mod budget;
mod builder;
#[doc(hidden)]
pub mod call;
mod chosen;
mod chunks;
mod client;
mod concurrency;
mod deadline;
mod decode;
pub mod defaults;
mod download;
#[doc(hidden)]
pub mod drain;
pub(crate) mod enums;
mod error;
mod error_body;
mod event_stream;
mod events;
mod framing;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod head;
mod header;
mod key;
mod kind;
#[doc(hidden)]
pub mod lenient;
mod multipart;
mod one_line;
#[doc(hidden)]
pub mod operation;
mod parts;
mod perform;
mod progress;
mod request;
mod response;
mod retries;
mod retry_after;
mod saving;
mod sending;
#[cfg(feature = "tracing")]
mod sought;
#[cfg(test)]
mod specimens;
mod text_stream;
#[cfg_attr(not(feature = "tracing"), path = "untraced.rs")]
mod trace;
mod transport;
mod upload;
mod watched;

pub use attempts::Attempt;
pub use builder::ClientBuilder;
pub use client::Client;
pub use concurrency::ConcurrencyLimit;
pub use download::Download;
pub use error::Error;
pub use event_stream::EventStream;
pub use kind::ErrorKind;
pub use parts::{FinishTracker, StreamEnd, StreamEvent};
pub use progress::Progress;
pub use response::Response;
pub use retries::{NotRetried, RetryPolicy};
pub use text_stream::TextDeltaStream;
pub use upload::Upload;

#[doc(hidden)]
pub use arguments::Arguments;
#[doc(hidden)]
pub use call::Call;
#[doc(hidden)]
pub use chosen::{ResponseVariant, SelectedResponse};
#[doc(hidden)]
pub use decode::decode_to_value;
#[doc(hidden)]
pub use operation::{ApiMetadata, ErrorRule, FileField, GenAiAttributes, Operation, StatusErrors};
#[doc(hidden)]
pub use reqwest::Method;
// A contract may have no enum or union of one of these sorts.
#[allow(unused_imports)]
pub(crate) use enums::{closed_enum, open_enum, tagged_union, untagged_union};

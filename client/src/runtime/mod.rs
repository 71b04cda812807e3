//! The runtime: performs the calls that generated code describes.
//!
//! It knows HTTP and no endpoint. Generated code fills the tables in [`operation`] and builds a
//! [`Call`]; a call goes through `transport.rs` to the server and through `decode.rs` back to the
//! caller. What is re-exported here without `doc(hidden)` is part of the crate's public API, the
//! rest is the seam between generated code and runtime and may change with any version.

mod answer_error;
#[doc(hidden)]
pub mod arguments;
mod base_url;
mod builder;
#[doc(hidden)]
pub mod call;
mod client;
mod deadline;
mod decode;
pub mod defaults;
pub(crate) mod enums;
mod error;
mod error_body;
mod head;
mod header;
mod key;
mod kind;
#[doc(hidden)]
pub mod lenient;
#[doc(hidden)]
pub mod operation;
mod response;
mod retry_after;
mod transport;
mod watched;

pub use builder::ClientBuilder;
pub use client::Client;
pub use error::Error;
pub use kind::Kind;
pub use response::Response;

#[doc(hidden)]
pub use arguments::Arguments;
#[doc(hidden)]
pub use call::Call;
#[doc(hidden)]
pub use decode::decode_to_value;
#[doc(hidden)]
pub use operation::{Api, Documented, ErrorRule, Operation};
#[doc(hidden)]
pub use reqwest::Method;
// A contract may have no enum or union of one of these sorts.
#[allow(unused_imports)]
pub(crate) use enums::{closed_enum, open_enum, tagged_union};

//! Client for CometAPI, which serves the models of many providers behind one OpenAI-compatible
//! API. Unofficial: this project is not affiliated with CometAPI.
//!
//! ```no_run
//! use cometapi::ChatMessage;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), cometapi::Error> {
//! let client = cometapi::Client::from_env()?;
//! for model in &client.list_catalog_models().send().await?.data {
//!     println!("{}", model.id);
//! }
//! let reply = client
//!     .create_chat_completion()
//!     .model("your-model-id")
//!     .messages([ChatMessage::user("Say hello.")])
//!     .send()
//!     .await?;
//! println!("{}", reply.text().unwrap_or_default());
//! # Ok(())
//! # }
//! ```
//!
//! - [`Client`] has a method for each operation. It starts a [builder](operations); its setters
//!   are the fields of the request, its `with_` methods are options of the call.
//! - The [types] are those of the contract. A string of an enum or a part of a message that the
//!   contract doesn't list is kept as it came, and an unknown field of an answer is in
//!   [`Response::raw`]. An unknown field of a request is sent with `extra`.
//! - Every failure is an [`Error`]. [`Error::kind`] says what sort it is of; of an answer it keeps
//!   status, headers, request id and body, whatever the body is.
//! - Calls are [tried again](RetryPolicy) where that may help, within one deadline; after the first 429
//!   there is a [bound](ConcurrencyLimit) on calls in flight.
//! - [`defaults`] lists the timeouts and limits, which [`ClientBuilder`] changes.
//!
//! The key comes from `COMETAPI_KEY`, else `COMETAPI_API_KEY`, or from [`Client::new`]; the catalog
//! needs none. It is sent only to operations that ask for it, and never in clear text to another
//! host than this one.
//!
//! # Features
//!
//! - `rustls` (default): TLS by rustls, with the platform's certificates. With no TLS at all only
//!   `http://` can be reached, such as a mock: a call to `https://` fails to connect.
//! - `native-tls`: TLS by the platform.
//! - `blocking`: a client for programs that aren't async, `cometapi::blocking::Client`.
//! - `tracing`: a span for each call and in it an event for each attempt. The span is named and filled
//!   by OpenTelemetry's [conventions for generative AI][genai]: operation, model asked for, model and
//!   id of the answer, finish reasons, tokens, server, status, request id, and the [`ErrorKind`] of an error
//!   as `error.type`. Of a stream or a download it ends with it. An event has number, time taken, and
//!   of a failure its kind, status, request id and the pause before the next attempt. Never a key,
//!   header or body.
//!
//! # Types of other crates
//!
//! These are part of the API, so a new major version of one of these crates is a new one of this crate:
//!
//! - `reqwest::Client`, which a builder takes, `reqwest::StatusCode` and `reqwest::header::HeaderMap`,
//!   which are those of `http`.
//! - `bytes::Bytes`: bodies, pieces of downloads, and bytes to upload.
//! - `secrecy::SecretString`: a key may be given as one.
//! - `serde_json::Value` and `serde_json::Error`, `serde::Serialize`, `serde::Deserialize` and
//!   `serde::de::DeserializeOwned`: JSON, and types that become it or are made of it.
//! - `futures_core::Stream` and `futures_core::stream::FusedStream`: streams and downloads, and what an
//!   upload may be read from.
//! - `tokio::io::AsyncRead`: what an upload may be read from.
//!
//! The sources of an error are meant for people: which types they have may change with any version.
//!
//! [genai]: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/

#![warn(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// Generated and formatted by `cargo xtask generate`.
#[rustfmt::skip]
mod generated;
mod helpers;
#[doc(hidden)]
pub mod runtime;

#[doc(hidden)]
pub use generated::{API, dispatch};
pub use generated::{operations, types};
pub use helpers::{ChatCompletionAccumulator, Support, Task, TaskSupport};
#[cfg(feature = "blocking")]
#[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
pub use runtime::blocking;
pub use runtime::{
    Attempt, Client, ClientBuilder, ConcurrencyLimit, Download, Error, ErrorKind, EventStream,
    NotRetried, Progress, Response, RetryPolicy, StreamEnd, TextDeltaStream, Upload, defaults,
};
pub use types::ChatMessage;

/// The snippets of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The programs of the migration tables compile.
#[cfg(doctest)]
#[doc = include_str!("../MIGRATION.md")]
struct Migration;

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
//! - [`Client`] has a method for each operation, which returns a [builder](operations). Methods named after API fields
//!   set request fields; `with_*` methods set call options.
//! - The [types] are those of the API schema. Unknown enum values and content parts are preserved; unknown response
//!   fields are available from [`Response::raw`]. An unknown request field is sent with `extra`.
//! - Every failure is an [`Error`] with a [kind](Error::kind). It keeps status, headers, request id and body of the
//!   response, whatever the body is.
//! - Calls are [retried](RetryPolicy) within one deadline. After the first 429 the number of concurrent calls is
//!   [limited](ConcurrencyLimit).
//! - [`defaults`] lists the timeouts and limits, which [`ClientBuilder`] changes.
//!
//! The API key is read from `COMETAPI_KEY`, or else `COMETAPI_API_KEY`, or passed to [`Client::new`]; the catalog needs
//! none. It is sent only to operations that require it, and never unencrypted to another host.
//!
//! # Features
//!
//! - `rustls` (default): TLS by rustls, with the platform's certificates. Without a TLS feature, only `http://` URLs work
//!   (for example, a local mock).
//! - `native-tls`: TLS by the platform.
//! - `http2`: HTTP/2 where the server offers it. Off by default, because all streams then share the server's limit.
//!   Measured at 25 ms from a server with a limit of 100: of 50 streams at once after a first call each had its event
//!   after 55 ms instead of 196 ms, for a tenth of the CPU time; of 200 half waited for the others to end.
//! - `compression`: gzip and Brotli for JSON responses, never for streams and audio. Measured on a catalog of 302 rows: no
//!   more CPU time, and 54 ms with it and without where only distance counts; it is for links with little bandwidth.
//! - `blocking`: a client for programs that aren't async, `cometapi::blocking::Client`.
//! - `tracing`: a span for each call, and in it an event for each attempt. The span follows OpenTelemetry's
//!   [conventions for generative AI][genai]: operation, requested model, model and id of the response, finish reasons,
//!   tokens, server, status, request id, and the [`ErrorKind`] as `error.type`. The span of a stream or a download ends
//!   with it. An event has number and duration, and after a failure kind, status, request id and the pause before the
//!   next attempt. Neither contains a key, a header or a body.
//!
//! # Types of other crates
//!
//! These are part of the API, so a new major version of one of these crates is a new one of this crate:
//!
//! - `reqwest::Client`, which a builder takes, `reqwest::StatusCode` and `reqwest::header::HeaderMap`,
//!   which are those of `http`.
//! - `bytes::Bytes`: bodies, chunks of downloads, and bytes to upload.
//! - `secrecy::SecretString`: a key may be given as one.
//! - `serde_json::Value`, `serde_json::Map` and `serde_json::Error`, `serde::Serialize`, `serde::Deserialize` and
//!   `serde::de::DeserializeOwned`: JSON, and types that are encoded as or decoded from it.
//! - `futures_core::Stream` and `futures_core::stream::FusedStream`: streams and downloads, and what an
//!   upload may be read from.
//! - `tokio::io::AsyncRead`: what an upload may be read from, and a download as a reader.
//!
//! The types of an error's sources may change with any version.
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
pub use generated::{API, OPERATIONS};
pub use generated::{operations, types};
pub use helpers::{ChatCompletionAccumulator, Support, Task, TaskSupport};
#[cfg(feature = "blocking")]
#[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
pub use runtime::blocking;
pub use runtime::{
    Attempt, Client, ClientBuilder, ConcurrencyLimit, Deviation, DeviationAction, Download, Error,
    ErrorKind, EventStream, JsonType, NotRetried, Progress, Response, ResponseParts, RetryPolicy,
    StreamEnd, TextDeltaStream, Upload, defaults, sanitize_for_terminal,
};
pub use types::ChatMessage;

/// The snippets of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The snippets of the guide compile.
#[cfg(doctest)]
#[doc = include_str!("../GUIDE.md")]
struct Guide;

/// The programs of the migration tables compile.
#[cfg(doctest)]
#[doc = include_str!("../MIGRATION.md")]
struct Migration;

//! The client for programs that aren't async.
//!
//! [`Client`] has the operations of the async client, with the same builders: their `send` and
//! `stream` wait, instead of giving something to await. Whatever else is said of the async client is
//! true of this one: retries, deadlines, the bound on calls in flight and uploads are the same code.
//! So a reader to upload from is an async one here too; a path and bytes need none.
//!
//! ```no_run
//! use cometapi::{ChatMessage, blocking};
//!
//! fn main() -> Result<(), cometapi::Error> {
//!     let client = blocking::Client::from_env()?;
//!     let question = client
//!         .create_chat_completion()
//!         .model("your-model-id")
//!         .messages([ChatMessage::user("Say hello.")]);
//!
//!     let reply = question.clone().send()?;
//!     println!("{}", reply.text().unwrap_or_default());
//!
//!     for chunk in question.stream()?.into_text_deltas() {
//!         print!("{}", chunk?);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Any number of threads may use a client and its clones at the same time. Connections are looked
//! after by one thread, which all blocking clients of the program share.
//!
//! # Panics
//!
//! What waits panics in async code, as tokio's `block_on` does: it would hold up everything else
//! there. Use the async client, or tokio's `spawn_blocking`. The callbacks of a client (`on_attempt`,
//! `with_progress`) count as async code.

mod client;
mod download;
mod event_stream;

use std::future::Future;
use std::io;
use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::error::Error;

pub use client::{Client, ClientBuilder};
pub use download::Download;
pub use event_stream::{EventStream, TextDeltaStream};

/// Looks after connections and timers, also between calls: a server may close a connection while
/// no one waits. It lasts as long as the program, so nothing that uses it has to keep it.
static RUNTIME: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder
        .worker_threads(1)
        .thread_name(env!("CARGO_PKG_NAME"));
    builder.enable_all().build()
});

/// Waits for what the async client does.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    match &*RUNTIME {
        Ok(runtime) => runtime.block_on(future),
        // No client could be made, so nothing that waits either.
        Err(error) => panic!("failed to start the runtime of the blocking client: {error}"),
    }
}

/// Fails if the system has no thread to give.
fn ensure_runtime() -> Result<(), Error> {
    match &*RUNTIME {
        Ok(_) => Ok(()),
        Err(error) => {
            let message = format!("failed to start the runtime of the blocking client: {error}");
            Err(Error::new(ErrorKind::Configuration, message))
        }
    }
}

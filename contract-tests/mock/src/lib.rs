//! A server that responds from CometAPI's contract.
//!
//! It knows the contract and no client: each operation responds an example of its success, in the
//! form that the request requests; one that requests a key responses its documented 401 without one,
//! and its documented 400 if the request doesn't fit the contract, which says what is wrong and where.
//! Open sets take anything, and so do fields that the contract doesn't know. A request for no
//! operation of the contract is told which is nearest. Streams come event by event.
//!
//! A request may ask for another response: `Prefer: code=429` for the first example of that status,
//! `Prefer: example=NAME` for the example of that name, or both for one among several.
//!
//! What an operation responses in bytes, such as speech, the mock recognises when it is uploaded to
//! another: that one responses with the text that the bytes were made of. `spoken.rs` tells how.
//!
//! ```no_run
//! # async fn run() -> Result<(), cometapi_mock::StartError> {
//! let mock = cometapi_mock::Mock::start().await?;
//! println!("responding on {}", mock.url());
//! # Ok(())
//! # }
//! ```

mod builder;
mod fault;
mod prefer;
mod preferred;
mod remembered_audio;
mod request;
mod response;
mod route;
mod select_example;
mod server;
mod suggestion;
mod text;
mod validation;
mod validation_error;

use std::{fmt, io};

pub use builder::Builder;
pub use suggestion::suggest_route;

use server::Server;

/// A running mock; dropping it stops it, and closes its connections.
#[derive(Debug)]
pub struct Mock {
    server: Server,
}

/// Why a mock can't start: its contract can't be read or lacks a response, or its port is taken.
#[derive(Debug)]
pub struct StartError {
    message: String,
}

impl Mock {
    /// Plays this repository's contract on a free port of the loopback interface.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// A mock with a will of its own.
    pub fn builder<'c>() -> Builder<'c> {
        Builder::default()
    }

    /// Its address, without a path: what a client takes as its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }
}

impl StartError {
    fn contract(reason: impl fmt::Display) -> Self {
        Self {
            message: format!("the mock can't play this contract: {reason}"),
        }
    }

    fn port(port: u16, error: &io::Error) -> Self {
        Self {
            message: format!("the mock can't listen on port {port}: {error}"),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StartError {}

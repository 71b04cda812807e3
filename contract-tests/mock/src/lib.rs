//! HTTP server that returns the examples of CometAPI's contract.
//!
//! It knows the contract and no client. Each operation returns an example of its success, in the format that the request
//! selects. A request without a required API key gets the documented 401. A request that the contract doesn't allow gets
//! the documented 400, whose message says what is wrong and where; open enums accept any string, and unknown fields are
//! accepted. A request to an unknown path gets a 404 that suggests the closest operation. Streams are sent event by event.
//!
//! A request can choose another response: `Prefer: code=429` the first example of that status, `Prefer: example=NAME` the
//! example of that name, and both together one of several.
//!
//! The mock remembers the text that it generated audio from. If the audio is uploaded for transcription, the mock returns
//! that text; see `remembered_audio.rs`.
//!
//! ```no_run
//! # async fn run() -> Result<(), cometapi_mock::StartError> {
//! let mock = cometapi_mock::Mock::start().await?;
//! println!("listening on {}", mock.url());
//! # Ok(())
//! # }
//! ```

mod builder;
mod fault;
mod prefer;
mod remembered_audio;
mod request;
mod request_validator;
mod response;
mod route;
mod schema_validator;
mod select_example;
mod server;

use std::{fmt, io};

pub use builder::Builder;
pub use route::suggest_route;

use cometapi_contract::Contract;
use route::Router;
use server::Server;

/// A running mock. Dropping it stops it and closes its connections.
#[derive(Debug)]
pub struct Mock {
    server: Server,
}

/// The reason why a mock can't start: its contract can't be read or lacks an example, or its port is taken.
#[derive(Debug)]
pub struct StartError {
    message: String,
}

impl Mock {
    /// Serves this repository's contract on a free port of the loopback interface.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// A builder for a mock with other options.
    pub fn builder<'c>() -> Builder<'c> {
        Builder::default()
    }

    /// The base URL for clients, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Serves another contract from the next request on, also on connections that are open.
    pub fn serve(&self, contract: &Contract) -> Result<(), StartError> {
        self.server.set_router(Router::new(contract)?);
        Ok(())
    }
}

impl StartError {
    fn contract(reason: impl fmt::Display) -> Self {
        Self {
            message: format!("the mock can't serve this contract: {reason}"),
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

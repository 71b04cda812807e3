//! A server that answers from CometAPI's contract.
//!
//! It knows the contract and no client: each operation answers an example of its success, in the
//! form that the request asks for; one that asks for a key answers its documented 401 without one,
//! and its documented 400 if the request lacks what the contract requires. A request that the
//! contract doesn't know is told which operation is nearest. Streams come event by event.
//!
//! What an operation answers in bytes, such as speech, the mock recognises when it is uploaded to
//! another: that one answers with the text that the bytes were made of. `spoken.rs` tells how.
//!
//! ```no_run
//! # async fn run() -> Result<(), cometapi_mock::Unusable> {
//! let mock = cometapi_mock::Mock::start().await?;
//! println!("answering on {}", mock.url());
//! # Ok(())
//! # }
//! ```

mod answer;
mod asked;
mod nearest;
mod refusal;
mod reply;
mod route;
mod server;
mod spoken;

use std::fmt;
use std::time::Duration;

use cometapi_contract::Contract;

pub use nearest::nearest;

use route::Routes;
use server::Server;

/// Between the events of a stream: to be seen by people, and no burden to tests.
const PAUSE: Duration = Duration::from_millis(20);

/// A running mock; dropping it stops it, and closes its connections.
#[derive(Debug)]
pub struct Mock {
    server: Server,
}

/// A contract that can't be played: it can't be read, or lacks an answer.
#[derive(Debug)]
pub struct Unusable {
    message: String,
}

impl Mock {
    /// Plays this repository's contract on a free port of the loopback interface.
    pub async fn start() -> Result<Self, Unusable> {
        let contract = Contract::shipped().map_err(|error| Unusable::new(error.to_string()))?;
        Self::serving(&contract).await
    }

    /// Plays any contract on a free port of the loopback interface.
    pub async fn serving(contract: &Contract) -> Result<Self, Unusable> {
        Self::paced(contract, PAUSE).await
    }

    /// Plays any contract, with this pause before each event of a stream.
    pub async fn paced(contract: &Contract, pause: Duration) -> Result<Self, Unusable> {
        let routes = Routes::new(contract)?;
        let server = Server::start(routes, pause);
        let server = server.map_err(|error| Unusable::new(error.to_string()))?;
        Ok(Self { server })
    }

    /// Its address, without a path: what a client takes as its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }
}

impl Unusable {
    fn new(message: String) -> Self {
        Self { message }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the mock can't play this contract: {}", self.message)
    }
}

impl std::error::Error for Unusable {}

//! What a mock can be told before it starts.

use std::time::Duration;

use cometapi_contract::Contract;

use crate::fault::Faults;
use crate::route::Routes;
use crate::server::{Log, Server, ServerOptions};
use crate::{Mock, StartError};

/// Between the events of a stream: to be seen by people, and no burden to tests.
const PAUSE: Duration = Duration::from_millis(20);

/// A [`Mock`] that is about to start.
#[derive(Debug)]
#[must_use]
pub struct Builder<'c> {
    contract: Option<&'c Contract>,
    port: u16,
    manner: ServerOptions,
}

impl Default for Builder<'_> {
    fn default() -> Self {
        Self {
            contract: None,
            port: 0,
            manner: ServerOptions {
                latency: Duration::ZERO,
                pause: PAUSE,
                faults: Faults::new(0, 0),
                log: Log(Box::new(|_| {})),
            },
        }
    }
}

impl<'c> Builder<'c> {
    /// Plays this contract instead of the repository's.
    pub fn contract(mut self, contract: &'c Contract) -> Self {
        self.contract = Some(contract);
        self
    }

    /// Listens on this port instead of one that the system chooses.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Waits before each response.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.manner.latency = latency;
        self
    }

    /// Waits before each event of a stream, instead of 20 ms.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.manner.pause = pause;
        self
    }

    /// Lets this share of the responses fail, all of them from 100 on, chosen by the seed: a documented error that the contract
    /// calls retryable, a connection closed in place of a response or within its body.
    ///
    /// What a request requests by a `Prefer` header never fails.
    pub fn faults(mut self, percent: u8, seed: u64) -> Self {
        self.manner.faults = Faults::new(percent, seed);
        self
    }

    /// Tells `log` each response in one line: method, path and status.
    pub fn log(mut self, log: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.manner.log = Log(Box::new(log));
        self
    }

    /// Starts it on the loopback interface.
    pub async fn start(self) -> Result<Mock, StartError> {
        let routes = match self.contract {
            Some(contract) => Routes::new(contract)?,
            None => Routes::new(&Contract::bundled().map_err(StartError::contract)?)?,
        };
        let server = Server::start(routes, self.port, self.manner);
        let server = server.map_err(|error| StartError::port(self.port, &error))?;
        Ok(Mock { server })
    }
}

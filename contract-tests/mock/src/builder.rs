//! Options of a mock before it starts.

use std::time::Duration;

use cometapi_contract::Contract;

use crate::fault::FaultInjector;
use crate::route::Router;
use crate::server::{Log, Server, ServerOptions};
use crate::{Mock, StartError};

/// Builder of a [`Mock`].
#[derive(Debug)]
#[must_use]
pub struct Builder<'c> {
    contract: Option<&'c Contract>,
    port: u16,
    options: ServerOptions,
}

impl Default for Builder<'_> {
    fn default() -> Self {
        Self {
            contract: None,
            port: 0,
            options: ServerOptions {
                latency: Duration::ZERO,
                pause: Duration::from_millis(20),
                faults: FaultInjector::new(0, 0),
                log: Log(Box::new(|_| {})),
            },
        }
    }
}

impl<'c> Builder<'c> {
    /// Serves this contract instead of the repository's.
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
        self.options.latency = latency;
        self
    }

    /// Waits before each event of a stream, by default 20 ms.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.options.pause = pause;
        self
    }

    /// Lets this percentage of the responses fail, chosen by the seed; from 100 on all of them. A fault is a documented
    /// error that the contract calls retryable, or a connection closed in place of a response or within its body.
    ///
    /// A request with a `Prefer` header never fails.
    pub fn faults(mut self, percent: u8, seed: u64) -> Self {
        self.options.faults = FaultInjector::new(percent, seed);
        self
    }

    /// Calls `log` with a line for each response: method, path and status.
    pub fn log(mut self, log: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.options.log = Log(Box::new(log));
        self
    }

    /// Starts the mock on the loopback interface.
    pub async fn start(self) -> Result<Mock, StartError> {
        let router = match self.contract {
            Some(contract) => Router::new(contract)?,
            None => Router::new(&Contract::bundled().map_err(StartError::contract)?)?,
        };
        let server = Server::start(router, self.port, self.options);
        let server = server.map_err(|error| StartError::port(self.port, &error))?;
        Ok(Mock { server })
    }
}

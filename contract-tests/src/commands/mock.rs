//! `cargo contract mock`.

use std::process::ExitCode;
use std::time::Duration;

use cometapi_mock::Mock;

use super::{Result, print, runtime};

/// Respond from the contract's examples, for clients in any language
///
/// The first line on standard output is the URL; standard error has a line for each response. Any
/// key will do. A request chooses its response by the headers `Prefer: code=429` and `Prefer:
/// example=NAME`, or by both; the contract has the names. It runs until Ctrl-C.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Port of the loopback interface; by default the system chooses one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// Wait before each response, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Share of the responses that fail: a documented error that may pass, a connection closed in
    /// place of a response or within its body
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    faults: u8,
    /// Which ones fail; by chance by default
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Args {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let seed = self.seed.unwrap_or_else(|| fastrand::u64(..));
        let mock = Mock::builder()
            .port(self.port)
            .latency(Duration::from_millis(self.latency))
            .faults(self.faults, seed)
            .log(|line| eprintln!("{line}"));
        let mock = runtime()?.block_on(mock.start())?;
        if self.faults > 0 {
            eprintln!("{} % of the responses fail, --seed {seed}", self.faults);
        }
        print(&format!("{}\n", mock.url()));
        loop {
            // The mock has a thread of its own.
            std::thread::park();
        }
    }
}

//! `cargo contract soak`.

use std::alloc::System;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use cometapi_contract::Contract;
use contract_tests::soak;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::runtime::Runtime;

use super::{Output, Result};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Load the client, in front of a mock in a process of its own that fails a third of its responses
///
/// A wrong result is a finding, and so are sockets and tasks that are left open since the warm-up, or
/// more than 256 KiB of memory more.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// For how long, after a warm-up of two seconds
    #[arg(long, value_name = "N", default_value_t = 10)]
    seconds: u64,
    /// Which calls are made and which responses fail
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    output: Output,
}

/// The mock, for as long as it is needed.
struct MockProcess {
    child: Child,
    url: String,
}

impl Args {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let contract = Contract::bundled()?;
        let mock = MockProcess::start(self.seed)?;
        let time = Duration::from_secs(self.seconds);
        let load = soak::run(&contract, &mock.url, time, self.seed, allocated_bytes);
        let soaked = Runtime::new()?.block_on(load)?;
        if soaked.calls == 0 {
            return Err("no call was made".into());
        }
        let report = soaked.report();
        Ok(self.output.print(&report, report.findings.is_empty()))
    }
}

impl MockProcess {
    fn start(seed: u64) -> std::io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["mock", "--faults", "33", "--seed", &seed.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut url = String::new();
        if let Some(stdout) = child.stdout.as_mut() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        let url = url.trim().to_owned();
        Ok(Self { child, url })
    }
}

impl Drop for MockProcess {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn allocated_bytes() -> usize {
    let stats = INSTRUMENTED_SYSTEM.stats();
    // What was reallocated is in both already.
    stats
        .bytes_allocated
        .saturating_sub(stats.bytes_deallocated)
}

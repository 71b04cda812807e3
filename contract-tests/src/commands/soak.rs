//! `cargo contract soak`.

use std::alloc::System;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use cometapi_contract::Contract;
use contract_tests::report::{Colours, Format};
use contract_tests::soak;
use lexopt::{Arg, Parser, ValueExt};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use super::{one_of, print};
use crate::CommandError;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const USAGE: &str = "\
Loads the client, in front of a mock in a process of its own that fails a third of its responses.

Usage: cargo contract soak [OPTIONS]

  --seconds N   for how long, after a warm-up of two seconds; 10 by default
  --seed N      which calls are made and which responds fail; 1 by default
  --format      text (default), json, junit, github, markdown

Exits with 0 if no result was wrong and as many sockets and tasks are open as after the warm-up, with no
more than 256 KiB of memory more; 1 if not; 2 if it could not run.
";

/// The mock, for as long as it is needed.
struct Served {
    child: Child,
    url: String,
}

pub(crate) fn run(mut arguments: Parser) -> Result<ExitCode, CommandError> {
    let (mut seconds, mut seed, mut format) = (10, 1, Format::Text);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => {
                print(USAGE);
                return Ok(ExitCode::SUCCESS);
            }
            Arg::Long("seconds") => seconds = arguments.value()?.parse()?,
            Arg::Long("seed") => seed = arguments.value()?.parse()?,
            Arg::Long("format") => {
                format = one_of("format", &arguments.value()?.string()?, &Format::NAMES)?;
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let contract = Contract::bundled().map_err(|error| CommandError(error.to_string()))?;
    let served = Served::start(seed).map_err(|error| CommandError(error.to_string()))?;
    let runtime =
        tokio::runtime::Runtime::new().map_err(|error| CommandError(error.to_string()))?;
    let time = Duration::from_secs(seconds);
    let soaked = runtime.block_on(soak::run(&contract, &served.url, time, seed, live_bytes));
    let soaked = soaked.map_err(CommandError)?;
    if soaked.calls == 0 {
        return Err(CommandError("no call was made".to_owned()));
    }
    let report = soaked.report();
    print(&report.render(format, Colours::of_output()));
    Ok(match report.findings.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

impl Served {
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

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn live_bytes() -> usize {
    let stats = INSTRUMENTED_SYSTEM.stats();
    // What was reallocated is in both already.
    stats
        .bytes_allocated
        .saturating_sub(stats.bytes_deallocated)
}

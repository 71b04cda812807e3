//! `cargo contract soak`.

use std::alloc::System;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use cometapi_contract::Contract;
use contract_tests::soak::{self, Report};
use lexopt::{Arg, Parser, ValueExt};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use super::print;
use crate::CouldNotRun;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const USAGE: &str = "\
Loads the client, in front of a mock in a process of its own that fails a third of its answers.

Usage: cargo contract soak [--seconds N] [--seed N]

  --seconds N   for how long, after a warm-up of two seconds; 10 by default
  --seed N      which calls are made and which answers fail; 1 by default

Exits with 0 if no result was wrong and as many sockets and tasks are open as after the warm-up, with no
more than 256 KiB of memory more; 1 if not.
";

/// What the memory may have grown by.
const GROWTH: usize = 256 * 1024;

/// The mock, for as long as it is needed.
struct Served {
    child: Child,
    url: String,
}

pub(crate) fn run(mut arguments: Parser) -> Result<ExitCode, CouldNotRun> {
    let (mut seconds, mut seed) = (10, 1);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => {
                print(USAGE);
                return Ok(ExitCode::SUCCESS);
            }
            Arg::Long("seconds") => seconds = arguments.value()?.parse()?,
            Arg::Long("seed") => seed = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let contract = Contract::shipped().map_err(|error| CouldNotRun(error.to_string()))?;
    let served = Served::start(seed).map_err(|error| CouldNotRun(error.to_string()))?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| CouldNotRun(error.to_string()))?;
    let time = Duration::from_secs(seconds);
    let report = runtime.block_on(soak::run(&contract, &served.url, time, seed, live_bytes));
    let report = report.map_err(CouldNotRun)?;
    if report.calls == 0 {
        return Err(CouldNotRun("no call was made".to_owned()));
    }
    print(&text(&report, seed));
    let Report { before, after, .. } = &report;
    let is_clean = report.wrong.is_empty()
        && (before.sockets, before.tasks) == (after.sockets, after.tasks)
        && after.live_bytes <= before.live_bytes + GROWTH;
    Ok(if is_clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
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

fn text(report: &Report, seed: u64) -> String {
    let sockets = |sockets: Option<usize>| match sockets {
        Some(sockets) => sockets.to_string(),
        None => "not counted".to_owned(),
    };
    let Report {
        calls,
        retries,
        failed,
        wrong,
        before,
        after,
    } = report;
    let failed: Vec<String> = failed
        .iter()
        .map(|(kind, times)| format!("{kind} {times}"))
        .collect();
    let mut text = format!(
        "seed          {seed}\n\
         calls         {calls}\n\
         retries       {retries}\n\
         failed        {}\n\
         wrong         {}\n\
         sockets       {} after the warm-up, {} at the end\n\
         tasks         {} after the warm-up, {} at the end\n\
         live bytes    {} after the warm-up, {} at the end\n",
        failed.join(", "),
        wrong.len(),
        sockets(before.sockets),
        sockets(after.sockets),
        before.tasks,
        after.tasks,
        before.live_bytes,
        after.live_bytes,
    );
    for wrong in wrong.iter().take(20) {
        text.push_str(&format!("  {wrong}\n"));
    }
    text
}

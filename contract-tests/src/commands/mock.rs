//! `cargo contract mock`.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::process::ExitCode;
use std::time::Duration;

use cometapi_mock::Mock;
use lexopt::{Arg, Parser, ValueExt};

use super::{print, runtime};
use crate::CommandError;

const USAGE: &str = "\
Responds from the contract's examples, for clients in any language, until Ctrl-C.

Usage: cargo contract mock [OPTIONS]

  --port P          listen on this port of the loopback interface; the system chooses one by default
  --latency MS      wait before each response
  --faults PERCENT  let this share of the responses fail: a documented error that may pass, a connection
                    closed in place of a response or within its body
  --seed N          which ones fail; by chance by default

The first line on standard output is the URL; standard error has a line for each response. Any key
will do. A request chooses its response by the headers `Prefer: code=429` and `Prefer: example=NAME`,
or by both; the contract has the names.

Exits with 2 if it could not run.
";

#[derive(Default)]
struct Options {
    port: u16,
    latency: Duration,
    faults: u8,
    seed: Option<u64>,
}

pub(crate) fn run(arguments: Parser) -> Result<ExitCode, CommandError> {
    let Some(options) = Options::parse(arguments)? else {
        print(USAGE);
        return Ok(ExitCode::SUCCESS);
    };
    let by_chance = || RandomState::new().build_hasher().finish();
    let seed = options.seed.unwrap_or_else(by_chance);
    let runtime = runtime()?;
    let mock = Mock::builder()
        .port(options.port)
        .latency(options.latency)
        .faults(options.faults, seed)
        .log(|line| eprintln!("{line}"));
    let mock = runtime.block_on(mock.start());
    let mock = mock.map_err(|error| CommandError(error.to_string()))?;
    if options.faults > 0 {
        eprintln!("{} % of the responses fail, --seed {seed}", options.faults);
    }
    print(&format!("{}\n", mock.url()));
    loop {
        // The mock has a thread of its own.
        std::thread::park();
    }
}

impl Options {
    /// None if help is requested.
    fn parse(mut arguments: Parser) -> Result<Option<Self>, CommandError> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                Arg::Long("port") => options.port = arguments.value()?.parse()?,
                Arg::Long("latency") => {
                    options.latency = Duration::from_millis(arguments.value()?.parse()?);
                }
                Arg::Long("faults") => options.faults = arguments.value()?.parse()?,
                Arg::Long("seed") => options.seed = Some(arguments.value()?.parse()?),
                other => return Err(other.unexpected().into()),
            }
        }
        if options.faults > 100 {
            let reason = format!("--faults {} is more than all responses", options.faults);
            return Err(CommandError(reason));
        }
        Ok(Some(options))
    }
}

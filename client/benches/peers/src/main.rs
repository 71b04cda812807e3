//! What a call of `cometapi` costs, beside hand-written reqwest and async-openai. See `README.md`.

mod allocator;
#[cfg(feature = "async-openai")]
mod async_openai;
mod baseline;
mod bodies;
mod chart;
mod cometapi_client;
#[cfg(feature = "network")]
mod concurrency;
mod instructions;
mod lines;
mod measure;
#[cfg(feature = "network")]
mod network;
mod resource_usage;
mod scaling;
mod scenario;
mod stub;
mod table;
mod typed_baseline;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use lexopt::prelude::*;
use measure::{Bench, Effort};
use scenario::Problem;
use workload::Client;

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

const HELP: &str = "\
usage: peers [--quick] [--pairs N] [--only CASE] [--chart FILE]
       peers --growth
       peers --network [--python PATH]
       peers --concurrency [--seeds N]
       peers --instructions | --instructions=accept

  --quick       3 pairs of a quarter of a second each, to see that it works
  --pairs N     how often each client runs a case, in turn with the others; 15
  --only CASE   chat, catalog, stream, speech or transcription
  --chart FILE  writes the ratios as an SVG picture

  --growth               how costs grow with the response, the calls in flight and open streams
  --instructions         counts instructions under callgrind and compares them with the baseline;
                         exit code 1 if there are more of them
  --instructions=accept  makes what is counted the baseline

if built with `--features network`:

  --network      calls over TLS to a server that is 25 ms away; exit code 1 if the next stream of a client
                 takes longer than it may beside the others
  --python PATH  a Python with `openai`, to be one of the others
  --concurrency  what the limits of concurrent calls do in front of a server that takes 8 requests at a
                 time; exit code 1 if the adaptive one is more than 10 % below the fixed one
  --seeds N      repeats it with the seeds 1 to N; 5
";

fn main() -> Result<ExitCode, Problem> {
    resource_usage::raise_file_limit();
    let mut arguments = lexopt::Parser::from_env();
    let mut effort = Effort {
        pairs: 15,
        cpu: Duration::from_secs(1),
    };
    let (mut cases, mut picture) = (scenario::Scenario::ALL.to_vec(), None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("quick") => {
                effort = Effort {
                    pairs: 3,
                    cpu: Duration::from_millis(250),
                };
            }
            Long("pairs") => effort.pairs = arguments.value()?.parse()?,
            Long("only") => cases = vec![arguments.value()?.parse()?],
            Long("chart") => picture = Some(PathBuf::from(arguments.value()?)),
            Long("instructions") => {
                let accept = arguments
                    .optional_value()
                    .is_some_and(|how| how == "accept");
                return if accept {
                    instructions::accept()
                } else {
                    instructions::check()
                };
            }
            Long("growth") => {
                print!("{}", scaling::tables()?);
                return Ok(ExitCode::SUCCESS);
            }
            #[cfg(feature = "network")]
            Long("network") => return network::run(arguments),
            #[cfg(feature = "network")]
            Long("concurrency") => return concurrency::run(arguments),
            Long("help") => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            // The processes that this program starts.
            Value(subcommand) => return process(&subcommand.string()?, arguments),
            other => return Err(other.unexpected().into()),
        }
    }
    let bench = Bench::start()?;
    let series = cases.into_iter().map(|case| bench.series(case, effort));
    let series = series.collect::<Result<Vec<_>, _>>()?;
    println!("{}\n{}", table::ratios(&series), table::details(&series));
    if let Some(picture) = picture {
        std::fs::write(picture, chart::svg(&series))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What one of the processes does that this program starts.
fn process(subcommand: &str, mut arguments: lexopt::Parser) -> Result<ExitCode, Problem> {
    if subcommand == "stub" {
        stub::run()?;
        return Ok(ExitCode::SUCCESS);
    }
    #[cfg(feature = "network")]
    if subcommand == "network" {
        network::process(arguments)?;
        return Ok(ExitCode::SUCCESS);
    }
    let peer = arguments.value()?.parse()?;
    if matches!(subcommand, "flight" | "idle") {
        let number = arguments.value()?.parse()?;
        let base: String = arguments.value()?.parse()?;
        let shared: String = arguments.value()?.parse()?;
        let [first, second] = scaling::process(subcommand, peer, number, &base, &shared)?;
        println!("{first} {second}");
        return Ok(ExitCode::SUCCESS);
    }
    let case = arguments.value()?.parse()?;
    let base: String = arguments.value()?.parse()?;
    let file = PathBuf::from(arguments.value()?);
    let effort: u64 = arguments.value()?.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let client = Client::new(peer, &base, &file)?;
        match subcommand {
            "calls" => return workload::calls(&client, case, effort).await,
            "count" => allocator::count(),
            _ => {}
        }
        let least = Duration::from_micros(effort);
        println!("{}", workload::run(&client, case, least).await?.line());
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

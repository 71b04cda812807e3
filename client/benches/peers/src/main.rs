//! What a call of `cometapi` costs, beside hand-written reqwest and async-openai. See `README.md`.

mod allocator;
mod async_openai;
mod bodies;
mod case;
mod chart;
mod floor;
mod lines;
mod measure;
mod ours;
mod same_types;
mod stub;
mod table;
mod usage;
mod work;

use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;
use measure::{Bench, Effort};
use work::{Client, Problem};

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

const HELP: &str = "\
usage: peers [--quick] [--pairs N] [--only CASE] [--chart FILE]

  --quick       3 pairs of a quarter of a second each, to see that it works
  --pairs N     how often each client runs a case, in turn with the others; 15
  --only CASE   chat, catalog, stream, speech or transcription
  --chart FILE  writes the ratios as an SVG picture
";

fn main() -> Result<(), Problem> {
    usage::raise_file_limit();
    let mut arguments = lexopt::Parser::from_env();
    let mut effort = Effort {
        pairs: 15,
        cpu: Duration::from_secs(1),
    };
    let (mut cases, mut picture) = (case::Case::ALL.to_vec(), None);
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
            Long("help") => {
                print!("{HELP}");
                return Ok(());
            }
            // The processes that this program starts.
            Value(verb) if verb == "stub" => return Ok(stub::run()?),
            Value(verb) if verb == "time" => return work(arguments),
            Value(verb) if verb == "count" => {
                allocator::count();
                return work(arguments);
            }
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
    Ok(())
}

/// Makes the calls of one run and prints what they took.
fn work(mut arguments: lexopt::Parser) -> Result<(), Problem> {
    let peer = arguments.value()?.parse()?;
    let case = arguments.value()?.parse()?;
    let base: String = arguments.value()?.parse()?;
    let file = PathBuf::from(arguments.value()?);
    let least = Duration::from_micros(arguments.value()?.parse()?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let figures = runtime.block_on(async {
        let client = Client::new(peer, &base, &file)?;
        work::run(&client, case, least).await
    })?;
    println!("{}", figures.line());
    Ok(())
}

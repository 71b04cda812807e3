//! How costs grow: with the length of a response, with the calls in flight, with open streams.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::measure::{Bench, one};
use crate::resource_usage;
use crate::scenario::{Implementation, Problem, Scenario};
use crate::table::{median, time};
use crate::workload::Client;

const TIMES: usize = 3;
const CPU: Duration = Duration::from_millis(500);
const IN_FLIGHT: [usize; 4] = [1, 8, 64, 512];
const CALLS: u64 = 20_000;
const STREAMS: usize = 2000;

/// How the calls in flight share clients.
const SHARED: [&str; 2] = ["one", "clones"];

/// The tables of growth.
pub fn tables() -> Result<String, Problem> {
    let bench = Bench::start()?;
    let mut text = by_size(&bench)?;
    text.push('\n');
    text += &in_flight(&bench)?;
    text.push('\n');
    text += &open_streams(&bench)?;
    Ok(text)
}

/// CPU time for each chunk, row and MiB.
fn by_size(bench: &Bench) -> Result<String, Problem> {
    let sizes = [
        (Scenario::Stream, "chunks", [2000, 20_000, 200_000]),
        (Scenario::Catalog, "rows", [300, 3000, 30_000]),
        (Scenario::Speech, "MiB", [16, 256, 1024]),
    ];
    let mut text =
        String::from("| size of the response | CPU for each | peak memory |\n|---|---|---|\n");
    for (case, unit, sizes) in sizes {
        for size in sizes {
            let base = bench.address(size);
            let run = |_| {
                one(
                    "time",
                    Implementation::Cometapi,
                    case,
                    &base,
                    &bench.file(),
                    CPU,
                )
            };
            let runs = (0..TIMES).map(run).collect::<Result<Vec<_>, _>>()?;
            let each = median(runs.iter().map(|run| run.cpu_each())) / size as f64;
            let peak = median(runs.iter().map(|run| run.peak_kib as f64)) / 1024.0;
            let _ = writeln!(text, "| {size} {unit} | {} | {peak:.1} MiB |", time(each));
        }
    }
    Ok(text)
}

/// Calls a second with so many at a time.
fn in_flight(bench: &Bench) -> Result<String, Problem> {
    let mut text =
        String::from("| chats in flight | one client | a clone for each | minimal baseline |\n");
    text += "|---|---|---|---|\n";
    for number in IN_FLIGHT {
        let _ = write!(text, "| {number} |");
        let ways = [
            (Implementation::Cometapi, SHARED[0]),
            (Implementation::Cometapi, SHARED[1]),
            (Implementation::Minimal, SHARED[0]),
        ];
        for (peer, shared) in ways {
            let run = |_| child(bench, "flight", peer, &number.to_string(), shared);
            let runs = (0..TIMES).map(run).collect::<Result<Vec<_>, _>>()?;
            let of = |number: usize| median(runs.iter().map(|run| run[number]));
            let _ = write!(text, " {:.0}/s, {} CPU |", of(0), time(of(1)));
        }
        text.push('\n');
    }
    Ok(text)
}

/// What streams cost that are open and say nothing.
fn open_streams(bench: &Bench) -> Result<String, Problem> {
    let mut text = format!("| {STREAMS} idle streams | memory of each | CPU to drop all |\n");
    text += "|---|---|---|\n";
    for peer in [Implementation::AsyncOpenai, Implementation::Cometapi] {
        if let Some(why) = peer.cannot(Scenario::Stream) {
            let _ = writeln!(text, "| {} | {why} | |", peer.title());
            continue;
        }
        let run = |_| child(bench, "idle", peer, &STREAMS.to_string(), SHARED[0]);
        let runs = (0..TIMES).map(run).collect::<Result<Vec<_>, _>>()?;
        let of = |number: usize| median(runs.iter().map(|run| run[number]));
        let (kib, micros) = (of(0) / 1024.0, of(1));
        let _ = writeln!(
            text,
            "| {} | {kib:.1} KiB | {} |",
            peer.title(),
            time(micros)
        );
    }
    Ok(text)
}

/// The two numbers that a process of its own prints.
fn child(
    bench: &Bench,
    subcommand: &str,
    peer: Implementation,
    number: &str,
    shared: &str,
) -> Result<[f64; 2], Problem> {
    let output = Command::new(std::env::current_exe()?)
        .args([
            subcommand,
            &peer.to_string(),
            number,
            &bench.address(0),
            shared,
        ])
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let numbers = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<Vec<f64>, _>>()?;
    numbers
        .try_into()
        .map_err(|_| format!("{subcommand} {peer}: {}", output.status).into())
}

/// Does the work of such a process: what it measured are the two numbers.
pub fn process(
    subcommand: &str,
    peer: Implementation,
    number: usize,
    base: &str,
    shared: &str,
) -> Result<[f64; 2], Problem> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let client = Arc::new(Client::new(peer, base, Path::new(""))?);
    runtime.block_on(async {
        match subcommand {
            "idle" => idle(&client, number).await,
            _ => flight(&client, number, shared).await,
        }
    })
}

/// Calls a second, and CPU time of a call in microseconds.
async fn flight(client: &Arc<Client>, number: usize, shared: &str) -> Result<[f64; 2], Problem> {
    let left = Arc::new(AtomicU64::new(CALLS));
    let (cpu, wall) = (resource_usage::cpu(), Instant::now());
    let mut tasks = Vec::new();
    for _ in 0..number {
        let left = Arc::clone(&left);
        let client = match (shared, &**client) {
            ("clones", Client::Cometapi(ours)) => Arc::new(Client::Cometapi(ours.clone())),
            _ => Arc::clone(client),
        };
        tasks.push(tokio::spawn(async move {
            while left
                .fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1))
                .is_ok()
            {
                client.call(Scenario::Chat).await?;
            }
            Ok::<(), Problem>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    let calls = CALLS as f64;
    let cpu = (resource_usage::cpu() - cpu).as_secs_f64() * 1e6 / calls;
    Ok([calls / wall.elapsed().as_secs_f64(), cpu])
}

/// Bytes that are resident for each stream, and CPU time to drop all of them in microseconds.
async fn idle(client: &Client, number: usize) -> Result<[f64; 2], Problem> {
    // What is made once is there before the first is counted.
    drop(client.open().await?);
    let before = resource_usage::resident();
    let mut streams = Vec::with_capacity(number);
    for _ in 0..number {
        streams.push(client.open().await?);
    }
    let grown = resource_usage::resident().saturating_sub(before);
    let cpu = resource_usage::cpu();
    drop(streams);
    // Tasks of theirs end when it is their turn.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let cpu = resource_usage::cpu() - cpu;
    Ok([grown as f64 / number as f64, cpu.as_secs_f64() * 1e6])
}

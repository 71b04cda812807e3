//! Many streams at once on one client, over HTTP/1.1 and HTTP/2.

use std::fmt::Write;
use std::process::Command;
use std::time::Duration;

use futures_util::future::try_join_all;

use super::peer::{Client, Peer};
use super::servers::Servers;
use super::tls_server::Protocol;
use crate::resource_usage;
use crate::scenario::Problem;
use crate::table::median;

const STREAMS: [usize; 3] = [50, 200, 1000];

/// How a client comes to its streams, with what the process is called that does it. A client that has no connection yet doesn't
/// know that the server speaks HTTP/2.
const STARTS: [(&str, Protocol, &str); 3] = [
    ("HTTP/1.1", Protocol::Http1, "concurrent-http1"),
    ("HTTP/2", Protocol::Http2, "concurrent-http2"),
    ("HTTP/2, after a call", Protocol::Http2, AFTER_A_CALL),
];
const AFTER_A_CALL: &str = "concurrent-http2-after-a-call";

const PEERS: [Peer; 2] = [Peer::Cometapi, Peer::ReadsToEnd];

/// Between two events.
const PAUSE: Duration = Duration::from_millis(20);

/// How often each peer opens them, in turn with the other.
const TIMES: usize = 4;

/// Half of the streams had their first event by the first time, 99 in 100 by the second; times in milliseconds.
struct Run {
    half: f64,
    nearly_all: f64,
    cpu: f64,
    peak_mib: f64,
    connections: f64,
}

pub fn table(servers: &Servers) -> Result<String, Problem> {
    let mut text = String::from(
        "| streams at once | | | first event, p50 | p99 | CPU | peak memory | connections |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for streams in STREAMS {
        for (title, protocol, kind) in STARTS {
            let mut runs = PEERS.map(|peer| (peer, Vec::new()));
            for time in 0..TIMES {
                eprintln!(
                    "{streams} streams at once, {title}: {} of {TIMES}",
                    time + 1
                );
                // Who begins changes.
                for turn in 0..PEERS.len() {
                    let (peer, runs) = &mut runs[(time + turn) % PEERS.len()];
                    runs.push(Run::of(kind, *peer, protocol, streams, servers)?);
                }
            }
            for (peer, runs) in &runs {
                let of = |what: fn(&Run) -> f64| median(runs.iter().map(what));
                let _ = writeln!(
                    text,
                    "| {streams} | {title} | {} | {:.0} ms | {:.0} ms | {:.0} ms | {:.1} MiB | {:.0} |",
                    peer.title(),
                    of(|run| run.half),
                    of(|run| run.nearly_all),
                    of(|run| run.cpu),
                    of(|run| run.peak_mib),
                    of(|run| run.connections),
                );
            }
        }
    }
    Ok(text)
}

impl Run {
    fn of(
        kind: &str,
        peer: Peer,
        protocol: Protocol,
        streams: usize,
        servers: &Servers,
    ) -> Result<Self, Problem> {
        let base = servers.base(protocol, PAUSE);
        servers.proxy(protocol).take_connections();
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["network", kind, &peer.to_string(), &base]);
        let output = servers.output(command.arg(streams.to_string()))?;
        let numbers = output.split_whitespace().map(str::parse);
        let numbers = numbers.collect::<Result<Vec<f64>, _>>()?;
        let [half, nearly_all, cpu, peak_kib] = numbers[..] else {
            return Err(format!("{peer}: {output:?}").into());
        };
        Ok(Self {
            half: half / 1000.0,
            nearly_all: nearly_all / 1000.0,
            cpu: cpu / 1000.0,
            peak_mib: peak_kib / 1024.0,
            connections: servers.proxy(protocol).take_connections() as f64,
        })
    }
}

/// Opens the streams and reads them all; prints the times to the first event, the CPU time and the peak.
pub async fn run(kind: &str, client: &Client, streams: usize) -> Result<(), Problem> {
    if kind == AFTER_A_CALL {
        client.chat().await?;
    }
    let cpu = resource_usage::cpu();
    let calls = (0..streams).map(|_| {
        let client = client.clone();
        async move { tokio::spawn(async move { client.stream().await }).await? }
    });
    let times = try_join_all(calls).await?;
    let cpu = resource_usage::cpu() - cpu;
    let mut waits: Vec<Duration> = times
        .iter()
        .map(|times| times.first_event - times.called)
        .collect();
    waits.sort();
    let at = |hundredth: usize| waits[(streams - 1) * hundredth / 100].as_micros();
    println!(
        "{} {} {} {}",
        at(50),
        at(99),
        cpu.as_micros(),
        resource_usage::peak_kib()
    );
    Ok(())
}

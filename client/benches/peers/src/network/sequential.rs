//! Calls one after the other on one client: what a new connection costs, and who needs one.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::peer::{Client, Peer};
use super::servers::Servers;
use super::tls_server::Protocol;
use crate::scenario::Problem;
use crate::table::median;

/// Calls on one client.
const CALLS: usize = 20;

/// How often each peer makes them, in turn with the others.
const TIMES: usize = 5;

/// The most that `cometapi` may take of the time to the first event of a peer that needs a connection for each stream.
const OF_UNREAD: f64 = 0.5;

/// The same of one that reads to the end of a stream.
const OF_READ: f64 = 1.05;

/// The calls of one peer: medians in milliseconds.
struct Figures {
    peer: Peer,
    first_stream: f64,
    /// From the call to the first event, of the second to last stream.
    next_streams: f64,
    /// From the last event of a stream to the first of the next, which contains what a peer does in between.
    between_streams: f64,
    stream_connections: f64,
    first_chat: f64,
    next_chats: f64,
    chat_connections: f64,
}

/// The tables, and whether the goal is reached.
pub fn measure(servers: &Servers, python: Option<&PathBuf>) -> Result<(String, bool), Problem> {
    let peers = Peer::ALL.into_iter();
    let peers = peers.filter(|peer| python.is_some() || !peer.is_python());
    let mut runs: Vec<(Peer, Vec<Run>, Vec<Run>)> =
        peers.map(|peer| (peer, Vec::new(), Vec::new())).collect();
    for time in 0..TIMES {
        eprintln!("calls in sequence: {} of {TIMES}", time + 1);
        // Who begins changes, so that no one always follows the same.
        runs.rotate_left(1);
        for (peer, streams, chats) in &mut runs {
            streams.push(Run::of("stream", *peer, servers, python)?);
            chats.push(Run::of("chat", *peer, servers, python)?);
        }
    }
    runs.sort_by_key(|(peer, ..)| Peer::ALL.iter().position(|known| known == peer));
    let figures: Vec<Figures> = runs.iter().map(Figures::of).collect();
    let (goals, is_reached) = goals(&figures);
    Ok((format!("{}\n{goals}", table(&figures)), is_reached))
}

/// What one process measured: for each call the microseconds of each column.
struct Run {
    calls: Vec<Vec<f64>>,
    connections: u64,
}

impl Run {
    fn of(
        kind: &str,
        peer: Peer,
        servers: &Servers,
        python: Option<&PathBuf>,
    ) -> Result<Self, Problem> {
        let base = servers.base(Protocol::Http1, Duration::ZERO);
        let mut command = match python.filter(|_| peer.is_python()) {
            Some(python) => {
                let mut command = Command::new(python);
                let script = include_str!("openai_peer.py");
                command.args(["-c", script, &peer.to_string(), kind]);
                command
            }
            None => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["network", kind, &peer.to_string()]);
                command
            }
        };
        servers.proxy(Protocol::Http1).take_connections();
        let output = servers.output(command.args([&base, &CALLS.to_string()]))?;
        let numbers = |line: &str| {
            let numbers = line.split_whitespace().map(str::parse);
            numbers.collect::<Result<Vec<f64>, _>>()
        };
        let calls = output.lines().map(numbers).collect::<Result<Vec<_>, _>>()?;
        if calls.len() != CALLS {
            return Err(format!("{peer}: {} calls", calls.len()).into());
        }
        let connections = servers.proxy(Protocol::Http1).take_connections();
        Ok(Self { calls, connections })
    }
}

impl Figures {
    fn of((peer, streams, chats): &(Peer, Vec<Run>, Vec<Run>)) -> Self {
        let first = |runs: &[Run]| median(runs.iter().map(|run| run.calls[0][0])) / 1000.0;
        let next = |runs: &[Run], column: usize| {
            let calls = runs.iter().flat_map(|run| &run.calls[1..]);
            median(calls.map(|call| call[column])) / 1000.0
        };
        let connections = |runs: &[Run]| median(runs.iter().map(|run| run.connections as f64));
        Self {
            peer: *peer,
            first_stream: first(streams),
            next_streams: next(streams, 0),
            between_streams: next(streams, 1),
            stream_connections: connections(streams),
            first_chat: first(chats),
            next_chats: next(chats, 0),
            chat_connections: connections(chats),
        }
    }

    fn opens_one_for_each_stream(&self) -> bool {
        self.stream_connections >= CALLS as f64
    }
}

fn table(figures: &[Figures]) -> String {
    let mut text = format!(
        "| {CALLS} calls in sequence | first event, 1st stream | 2nd to {CALLS}th | beside cometapi | \
         between streams | connections | 1st chat | 2nd to {CALLS}th | connections |\n\
         |---|---|---|---|---|---|---|---|---|\n"
    );
    for row in figures {
        let _ = writeln!(
            text,
            "| {} | {:.0} ms | {:.1} ms | {:.2} | {:.1} ms | {:.0} | {:.0} ms | {:.1} ms | {:.0} |",
            row.peer.title(),
            row.first_stream,
            row.next_streams,
            row.next_streams / figures[0].next_streams,
            row.between_streams,
            row.stream_connections,
            row.first_chat,
            row.next_chats,
            row.chat_connections,
        );
    }
    text
}

/// A line for each peer that `cometapi` is held against.
fn goals(figures: &[Figures]) -> (String, bool) {
    let (mut text, mut is_reached) = (String::new(), true);
    let ours = &figures[0];
    for row in &figures[1..] {
        let most = if row.opens_one_for_each_stream() {
            OF_UNREAD
        } else {
            OF_READ
        };
        let share = ours.next_streams / row.next_streams;
        let passes = share <= most;
        is_reached &= passes;
        let _ = writeln!(
            text,
            "{}: {share:.2} of {}, at most {most}",
            if passes { "pass" } else { "fail" },
            row.peer.title(),
        );
    }
    (text, is_reached)
}

/// Makes the calls and prints microseconds, a line for each call.
pub async fn run(kind: &str, client: &Client, calls: usize) -> Result<(), Problem> {
    let mut last_event = None;
    for _ in 0..calls {
        if kind == "chat" {
            let called = std::time::Instant::now();
            client.chat().await?;
            println!("{}", called.elapsed().as_micros());
            continue;
        }
        let times = client.stream().await?;
        let before = last_event.replace(times.last_event).unwrap_or(times.called);
        println!(
            "{} {}",
            (times.first_event - times.called).as_micros(),
            (times.first_event - before).as_micros()
        );
    }
    Ok(())
}

//! The time to build a client, which reads the certificates that the system trusts.

use std::fmt::Write;
use std::time::Instant;

use super::peer::{Client, Peer};
use super::tls_server::Protocol;
use crate::resource_usage;
use crate::scenario::Problem;
use crate::table::median;

const TIMES: usize = 20;

/// Nothing is connected to.
const BASE: &str = "https://localhost:9";

pub fn table() -> Result<String, Problem> {
    let mut text = String::from("| a client is built | time | CPU |\n|---|---|---|\n");
    for peer in [Peer::Cometapi, Peer::ReadsToEnd, Peer::AsyncOpenai] {
        let (mut wall, mut cpu) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            let (begun, used) = (Instant::now(), resource_usage::cpu());
            drop(Client::new(peer, Protocol::Http1, BASE)?);
            wall.push(begun.elapsed().as_secs_f64() * 1000.0);
            cpu.push((resource_usage::cpu() - used).as_secs_f64() * 1000.0);
        }
        let title = match peer {
            Peer::ReadsToEnd => "reqwest",
            peer => peer.title(),
        };
        let (wall, cpu) = (median(wall.into_iter()), median(cpu.into_iter()));
        let _ = writeln!(text, "| {title} | {wall:.2} ms | {cpu:.2} ms |");
    }
    Ok(text)
}

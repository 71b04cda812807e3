//! The catalog over the network, with and without compression.

use std::fmt::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use super::peer::{Client, Peer, reqwest_client};
use super::servers::Servers;
use super::tls_server::Protocol;
use crate::resource_usage;
use crate::scenario::{KEY, Problem, Scenario};
use crate::table::median;

const CALLS: usize = 20;
const KINDS: [(&str, &str); 2] = [("catalog", "off"), ("catalog-gzip", "gzip")];

/// Bytes, time and CPU time of a call.
pub fn table(servers: &Servers) -> Result<String, Problem> {
    let mut text = format!(
        "| catalog, {} rows, {CALLS} calls on a connection | bytes of a response | time | CPU of a call |\n\
         |---|---|---|---|\n",
        Scenario::Catalog.size()
    );
    let proxy = servers.proxy(Protocol::Http1);
    for (kind, title) in KINDS {
        proxy.take_bytes_to_client();
        let base = servers.base(Protocol::Http1, Duration::ZERO);
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["network", kind, &Peer::Cometapi.to_string(), &base]);
        let output = servers.output(command.arg(CALLS.to_string()))?;
        let bytes = proxy.take_bytes_to_client() / (CALLS as u64 + 1);
        let _ = writeln!(
            text,
            "| {title} | {:.1} KiB | {} |",
            bytes as f64 / 1024.0,
            output.trim()
        );
    }
    Ok(text)
}

/// Reads the catalog so many times, after one time that opens the connection.
pub async fn run(kind: &str, base: &str, calls: usize) -> Result<(), Problem> {
    let client = if kind == KINDS[0].0 {
        Client::new(Peer::Cometapi, Protocol::Http1, base)?
    } else {
        // The feature `compression` would decide for the whole program; this is the same HTTP client.
        let builder = cometapi::Client::builder().api_key(KEY).base_url(base);
        Client::Cometapi(builder.http_client(reqwest_client()?).build()?)
    };
    let Client::Cometapi(client) = client else {
        return Err("only cometapi reads the catalog".into());
    };
    client.list_catalog_models().send().await?;
    let cpu = resource_usage::cpu();
    let mut times = Vec::new();
    for _ in 0..calls {
        let called = Instant::now();
        client.list_catalog_models().send().await?;
        times.push(called.elapsed().as_secs_f64() * 1000.0);
    }
    let cpu = (resource_usage::cpu() - cpu).as_secs_f64() * 1000.0 / calls as f64;
    println!("{:.1} ms | {cpu:.2} ms", median(times.into_iter()));
    Ok(())
}

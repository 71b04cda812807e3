//! Calls over TLS to a server that is 25 ms away: what each client makes of its connections.

mod catalog;
mod concurrent;
mod construction;
mod peer;
mod proxy;
mod sequential;
mod servers;
mod tls_server;

use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::*;

use crate::scenario::Problem;
use peer::Client;
use servers::Servers;
use tls_server::Protocol;

/// Prints the tables. The exit code is 1 if streams in sequence don't reach their goal.
pub fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Problem> {
    let mut python = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("python") => python = Some(PathBuf::from(arguments.value()?)),
            other => return Err(other.unexpected().into()),
        }
    }
    let construction = construction::table()?;
    let servers = Servers::start()?;
    let (sequential, is_reached) = sequential::measure(&servers, python.as_ref())?;
    println!("{sequential}");
    println!("{}", concurrent::table(&servers)?);
    println!("{construction}");
    print!("{}", catalog::table(&servers)?);
    Ok(match is_reached {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// One of the processes that `run` starts.
pub fn process(mut arguments: lexopt::Parser) -> Result<(), Problem> {
    let kind = arguments.value()?.string()?;
    let peer = arguments.value()?.parse()?;
    let base = arguments.value()?.string()?;
    let number: usize = arguments.value()?.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let protocol = match kind.as_str() {
            kind if kind.starts_with("concurrent-http2") => Protocol::Http2,
            _ => Protocol::Http1,
        };
        match kind.as_str() {
            "catalog" | "catalog-gzip" => catalog::run(&kind, &base, number).await,
            "stream" | "chat" => {
                sequential::run(&kind, &Client::new(peer, protocol, &base)?, number).await
            }
            _ => concurrent::run(&kind, &Client::new(peer, protocol, &base)?, number).await,
        }
    })
}

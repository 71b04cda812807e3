//! Transfers of any size take little memory, over TLS and with every feature of the transport.
//!
//! A test starts this program twice more: as the server, whose memory isn't the client's, and as the client.

mod server;
mod transfer;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};

use server::Protocol;
use transfer::Transfer;

/// How many MiB a transfer of any size may add.
const ALLOWED: u64 = 16;

const MIB: u64 = 1 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server", protocol, certificate] => {
            server::run(protocol.parse().unwrap(), certificate.as_ref());
        }
        ["client", transfer, url] => transfer::run(transfer.parse().unwrap(), url),
        _ => {
            let transfers = Transfer::ALL.into_iter();
            let trials = transfers.flat_map(|transfer| {
                Protocol::ALL.map(|protocol| {
                    let name = format!("{transfer}_over_{protocol}");
                    Trial::test(name, move || test(transfer, protocol))
                })
            });
            return libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code();
        }
    }
    ExitCode::SUCCESS
}

fn test(transfer: Transfer, protocol: Protocol) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let certificate = folder.path().join("certificate.pem");
    let program = std::env::current_exe()?;
    let mut server = Command::new(&program);
    server.args(["server", &protocol.to_string()]);
    let mut server = Process(
        server
            .arg(&certificate)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?,
    );
    let output = server.0.stdout.take().ok_or("no output")?;
    let mut url = String::new();
    BufReader::new(output).read_line(&mut url)?;
    // The client's own HTTP client trusts the certificate as it trusts those of the system.
    let output = Command::new(program)
        .args(["client", &transfer.to_string(), url.trim_end()])
        .env("SSL_CERT_FILE", &certificate)
        .env_remove("SSL_CERT_DIR")
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("the client: {}", output.status).into());
    }
    let added: u64 = String::from_utf8(output.stdout)?.trim().parse()?;
    if added >= ALLOWED * MIB {
        return Err(format!("{added} bytes were added").into());
    }
    Ok(())
}

/// A child that ends when its standard input does.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

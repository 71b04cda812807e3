//! What a large transfer adds to this process at its peak.
//!
//! Each transfer has a program of its own: the peak is that of all that a process has done.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use cometapi::Client;

/// How many MiB go over the wire, unless the variable says otherwise.
const LARGE: u64 = 256;
const VARIABLE: &str = "MEMORY_TEST_MIB";

/// What everything that is allocated once needs to be there.
const WARM_UP: u64 = 8;

/// How many MiB a transfer of any size may add.
const ALLOWED: u64 = 16;

pub const MIB: u64 = 1 << 20;

/// Transfers a little, then a lot, and compares the peaks.
pub async fn assert_modest(transfer: impl AsyncFn(&Client, u64)) {
    let server = Server::start();
    let builder = Client::builder().base_url(&server.url).api_key("sk-memory");
    let client = builder.build().unwrap();
    transfer(&client, WARM_UP).await;
    let before = peak();
    let large = std::env::var(VARIABLE).map_or(LARGE, |mib| mib.parse().expect(VARIABLE));
    transfer(&client, large).await;
    match before.zip(peak()) {
        None => contract_tests::skip("the peak of memory, which can be read on Linux only"),
        Some((before, after)) => {
            // The kernel counts pages per thread and adds them up late: the peak it shows can fall a little.
            let added = after.saturating_sub(before);
            assert!(added < ALLOWED * MIB, "{large} MiB added {added} bytes");
        }
    }
}

/// The most memory that this process has had, in bytes.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_bulk-server"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut url).unwrap();
        let url = url.trim_end().to_owned();
        Self { process, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

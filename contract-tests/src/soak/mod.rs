//! The client under a bounded load, in front of a server that fails at random.
//!
//! Proves that no result is wrong and that no socket, task or memory is left behind, for one seed and some
//! seconds. Can't prove that nothing leaks in a week.
//!
//! In reading order: `mod.rs` (the load), `report.rs`.

mod report;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::dispatch;
use crate::operation_input::OperationInput;
use cometapi::{Client, Error, ErrorKind, RetryPolicy};
use cometapi_contract::Contract;
use cometapi_mock::Mock;
use serde_json::Value;
use tokio::task::JoinSet;

pub use report::{ResourceUsage, SoakReport};

use crate::random::Random;
use crate::request::MinimalRequest;
use crate::server::{Server, Step};
use crate::test_client::value_of;

/// How many calls are in flight at a time.
const WORKERS: usize = 16;

/// How long the load runs before the state is first looked at: until buffers, pools and tables have
/// the size that they keep.
const WARM_UP: Duration = Duration::from_secs(2);

/// How long a connection is kept for the next call, so that none is left soon after the last.
const POOLED: Duration = Duration::from_millis(100);

/// What a server that fails in the middle of anything can make of a call.
const EXPECTED: [ErrorKind; 6] = [
    ErrorKind::RateLimited,
    ErrorKind::Server,
    ErrorKind::Gateway,
    ErrorKind::ConnectionClosed,
    ErrorKind::IncompleteBody,
    ErrorKind::IncompleteStream,
];

/// The contract's operations are the client's.
const GENERATED: &str = "an operation of the contract";

/// One way to call an operation, and what comes of it without a fault.
struct Call {
    name: String,
    operation: String,
    arguments: OperationInput,
    is_stream: bool,
    value: Value,
    /// A server whose responses deviate from the contract, and its client.
    deviating: Option<(Server, Client)>,
}

/// The same client all along, and what it counts.
struct LoadGenerator {
    client: Client,
    calls: Vec<Call>,
    retries: Arc<AtomicUsize>,
}

/// What one worker has seen.
#[derive(Default)]
struct WorkerStats {
    calls: usize,
    failed: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

/// Loads a server that responds from the contract and fails now and then, which runs elsewhere, for so
/// long. `live_bytes` tells how much memory is in use.
pub async fn run(
    contract: &Contract,
    url: &str,
    time: Duration,
    seed: u64,
    live_bytes: fn() -> usize,
) -> Result<SoakReport, String> {
    if report::open_sockets().is_none() {
        crate::skip("sockets, which can be counted on Linux only");
    }
    let load = Arc::new(LoadGenerator::new(contract, url).await?);
    load.run(WARM_UP, seed).await;
    let before = ResourceUsage::settled(live_bytes).await;
    let retries = load.retries.load(Ordering::Relaxed);
    let seen = load.run(time, seed.wrapping_add(1)).await;
    let retries = load.retries.load(Ordering::Relaxed) - retries;
    let WorkerStats {
        calls,
        failed,
        wrong,
    } = seen;
    Ok(SoakReport {
        seed,
        calls,
        retries,
        failed,
        wrong,
        before,
        after: ResourceUsage::settled(live_bytes).await,
    })
}

impl LoadGenerator {
    async fn new(contract: &Contract, url: &str) -> Result<Self, String> {
        let rendered = |error: Error| error.to_string();
        let faultless = Mock::builder().contract(contract).start().await;
        let faultless = faultless.map_err(|error| error.to_string())?;
        let teacher = client(&faultless.url()).build().map_err(rendered)?;
        let mut calls = Vec::new();
        for operation in contract.operations() {
            let probes = MinimalRequest::all(&operation).map_err(|error| error.to_string())?;
            for probe in probes {
                let mut call = Call {
                    name: probe.name(),
                    operation: operation.id().to_owned(),
                    arguments: OperationInput::new(probe.request).map_err(rendered)?,
                    is_stream: probe.is_stream,
                    value: Value::Null,
                    deviating: None,
                };
                call.value = call.make(&teacher).await.map_err(rendered)?;
                calls.extend(call.deviating(&teacher).await?);
                calls.push(call);
            }
        }
        if calls.is_empty() {
            return Err("the contract has no operation".to_owned());
        }
        let retries = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&retries);
        let http = reqwest::Client::builder()
            .no_proxy()
            .pool_idle_timeout(POOLED)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        let client = client(url).http_client(http).on_attempt(move |attempt| {
            counted.fetch_add(usize::from(attempt.retry_in().is_some()), Ordering::Relaxed);
        });
        Ok(Self {
            client: client.build().map_err(rendered)?,
            calls,
            retries,
        })
    }

    async fn run(self: &Arc<Self>, time: Duration, seed: u64) -> WorkerStats {
        let end = Instant::now() + time;
        let mut workers = JoinSet::new();
        for worker in 0..WORKERS {
            let load = Arc::clone(self);
            let random = Random::new(seed.wrapping_mul(31).wrapping_add(worker as u64));
            workers.spawn(async move { load.work(end, random).await });
        }
        let mut all = WorkerStats::default();
        while let Some(seen) = workers.join_next().await {
            match seen {
                Ok(seen) => all.add(seen),
                Err(panic) => all.wrong.push(panic.to_string()),
            }
        }
        all
    }

    async fn work(&self, end: Instant, mut random: Random) -> WorkerStats {
        let mut seen = WorkerStats::default();
        while Instant::now() < end {
            let call = &self.calls[random.below(self.calls.len())];
            seen.calls += 1;
            match call.make(&self.client).await {
                Ok(value) if value == call.value => {}
                Ok(_) => seen.wrong.push(format!("{}: another value", call.name)),
                Err(error) if EXPECTED.contains(&error.kind()) => {
                    *seen.failed.entry(error.kind().as_str()).or_default() += 1;
                }
                Err(error) => seen
                    .wrong
                    .push(format!("{}: {}: {error}", call.name, error.kind())),
            }
        }
        seen
    }
}

impl Call {
    /// The same call to a server that sends the first property of its response twice, first as null. Nothing if the
    /// response is not a JSON object.
    async fn deviating(&self, teacher: &Client) -> Result<Option<Self>, String> {
        let Some(first) = self.value.as_object().and_then(|value| value.keys().next()) else {
            return Ok(None);
        };
        let response = dispatch::call(teacher, &self.operation, &self.arguments).await;
        let response = response
            .expect(GENERATED)
            .map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&response.raw);
        let Some(properties) = text.trim_start().strip_prefix('{') else {
            return Ok(None);
        };
        let body = format!("{{{}:null,{properties}", Value::from(first.as_str()));
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json";
        let response = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let server = Server::start().await.map_err(|error| error.to_string())?;
        server.play([Step::Write(response.into())]);
        let client = client(&server.url())
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Some(Self {
            name: format!("{} (deviating)", self.name),
            operation: self.operation.clone(),
            arguments: self.arguments.clone(),
            is_stream: false,
            value: self.value.clone(),
            deviating: Some((server, client)),
        }))
    }

    /// What its caller gets.
    async fn make(&self, client: &Client) -> Result<Value, Error> {
        let client = self.deviating.as_ref().map_or(client, |(_, client)| client);
        let called = value_of(client, &self.operation, &self.arguments, self.is_stream);
        let (value, deviations) = called.await?;
        match deviations == usize::from(self.deviating.is_some()) {
            true => Ok(value),
            false => Err(Error::new(
                ErrorKind::Decode,
                format!("{deviations} deviations"),
            )),
        }
    }
}

impl WorkerStats {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.wrong.extend(other.wrong);
        for (kind, times) in other.failed {
            *self.failed.entry(kind).or_default() += times;
        }
    }
}

/// Pauses are short, and the budget is for other days: here everything is to be tried.
fn client(url: &str) -> cometapi::ClientBuilder {
    let (initial, max) = (Duration::from_millis(1), Duration::from_millis(20));
    let builder = Client::builder().base_url(url).api_key("sk-soak");
    builder
        .retry_policy(RetryPolicy::default().with_backoff(initial, max))
        .retry_budget(u32::MAX)
}

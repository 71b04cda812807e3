//! The work of one measured process: so many calls, one after the other.

use std::path::Path;
use std::time::{Duration, Instant};

#[cfg(feature = "async-openai")]
use crate::async_openai::AsyncOpenai;
use crate::baseline::Baseline;
use crate::cometapi_client::Cometapi;
use crate::scenario::{Implementation, Open, Problem, Scenario};
use crate::typed_baseline::TypedBaseline;
use crate::{allocator, resource_usage};

/// A client that is ready to call.
pub enum Client {
    Minimal(Baseline),
    TypedBaseline(TypedBaseline),
    #[cfg(feature = "async-openai")]
    AsyncOpenai(AsyncOpenai),
    Cometapi(Cometapi),
}

/// What the calls took.
#[derive(Clone, Copy, Debug)]
pub struct Measurement {
    pub calls: u64,
    pub cpu: Duration,
    pub wall: Duration,
    pub peak_kib: u64,
    pub allocations: u64,
    pub allocated_bytes: u64,
    /// What the calls returned; the same for all peers, or they did not do the same.
    pub check: u64,
}

impl Client {
    pub fn new(peer: Implementation, base: &str, file: &Path) -> Result<Self, Problem> {
        Ok(match peer {
            Implementation::Minimal => Self::Minimal(Baseline::new(base, file)?),
            Implementation::TypedBaseline => Self::TypedBaseline(TypedBaseline::new(base)?),
            #[cfg(feature = "async-openai")]
            Implementation::AsyncOpenai => Self::AsyncOpenai(AsyncOpenai::new(base, file)?),
            #[cfg(not(feature = "async-openai"))]
            Implementation::AsyncOpenai => return Err("not built".into()),
            Implementation::Cometapi => Self::Cometapi(Cometapi::new(base, file)?),
        })
    }

    pub async fn call(&self, case: Scenario) -> Result<u64, Problem> {
        match self {
            Self::Minimal(client) => client.call(case).await,
            Self::TypedBaseline(client) => client.call(case).await,
            #[cfg(feature = "async-openai")]
            Self::AsyncOpenai(client) => client.call(case).await,
            Self::Cometapi(client) => client.call(case).await,
        }
    }
}

/// Calls until the time is over, after a warm-up that isn't measured.
pub async fn run(client: &Client, case: Scenario, least: Duration) -> Result<Measurement, Problem> {
    let check = client.call(case).await?;
    let warm = resource_usage::cpu() + least / 20;
    while resource_usage::cpu() < warm {
        client.call(case).await?;
    }
    let (cpu, wall, heap) = (resource_usage::cpu(), Instant::now(), allocator::so_far());
    // Looking at the clock is no part of a call; once in a hundredth of the time is enough.
    let (mut calls, mut batch) = (0, 1);
    while resource_usage::cpu() - cpu < least {
        for _ in 0..batch {
            if client.call(case).await? != check {
                return Err("two calls returned different things".into());
            }
        }
        calls += batch;
        let taken = resource_usage::cpu() - cpu;
        batch = (calls as f64 * (least.as_secs_f64() / 100.0) / taken.as_secs_f64()).ceil() as u64;
    }
    let after = allocator::so_far();
    Ok(Measurement {
        calls,
        cpu: resource_usage::cpu() - cpu,
        wall: wall.elapsed(),
        peak_kib: resource_usage::peak_kib(),
        allocations: after.calls - heap.calls,
        allocated_bytes: after.bytes - heap.bytes,
        check,
    })
}

/// Calls so many times.
pub async fn calls(client: &Client, case: Scenario, calls: u64) -> Result<(), Problem> {
    for _ in 0..calls {
        client.call(case).await?;
    }
    Ok(())
}

impl Client {
    /// Opens a stream and reads its first chunk.
    pub async fn open(&self) -> Result<Open, Problem> {
        match self {
            #[cfg(feature = "async-openai")]
            Self::AsyncOpenai(client) => client.open().await,
            Self::Cometapi(client) => client.open().await,
            _ => Err("no stream to hold".into()),
        }
    }
}

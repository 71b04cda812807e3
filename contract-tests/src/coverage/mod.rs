//! How much of the contract the cases exercise.
//!
//! Proves that every documented response, property, enum value and union variant has an example that the
//! client was seen to handle: an item counts once a case that passes has shown it. Can't prove that the
//! outcome is right (the approved snapshots say so) or that the API sends it (`drift` does).
//!
//! In reading order: `items.rs` (what there is), `record.rs` (what a case has shown), `report.rs`.

mod items;
mod record;
mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use cometapi_contract::Contract;

use crate::cases::{Case, CaseRunner, Failure, Snapshots};

pub use items::{Category, CoverageItem};

/// What there is to exercise, and what was.
#[derive(Debug)]
pub struct Coverage {
    /// Every cell, with its line in the contract.
    items: BTreeMap<CoverageItem, usize>,
    seen: BTreeSet<CoverageItem>,
    failures: Vec<Failure>,
    file: String,
}

impl Coverage {
    /// Plays the cases of `contract` against a server that is said to follow it.
    pub async fn of(
        contract: &Contract,
        server: &str,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let accepted = Snapshots::read(&contract.operations())?;
        let cases = Case::all(contract)?;
        let stage = CaseRunner::start().await?;
        let (mut seen, mut failures) = (BTreeSet::new(), Vec::new());
        for case in &cases {
            match stage.play(case, &accepted, server).await {
                Ok(found) => record::record(case, &found, &mut seen),
                Err(failure) => failures.push(failure),
            }
        }
        Ok(Self {
            items: items::all(contract, &cases, &accepted),
            seen,
            failures,
            file: format!("openapi/{}", file_name(contract)),
        })
    }

    /// The items that no case has seen.
    pub fn missing(&self) -> impl Iterator<Item = &CoverageItem> {
        self.items.keys().filter(|cell| !self.seen.contains(cell))
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is nothing to exercise.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many of the items were seen, from 0 to 1.
    pub fn share(&self) -> f64 {
        let covered = self.len() - self.missing().count();
        covered as f64 / self.len() as f64
    }
}

fn file_name(contract: &Contract) -> String {
    let name = contract.file().file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

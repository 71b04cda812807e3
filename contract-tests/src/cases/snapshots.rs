//! What callers have to get: the snapshots that someone has read and accepted.
//!
//! They don't follow from the contract, so that a server which responds from another contract
//! can't change what is expected of it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use cometapi_contract::Operation;
use serde_json::Value;

/// The accepted outcomes, by the names of their cases.
#[derive(Debug)]
pub struct Snapshots {
    outcomes: BTreeMap<String, Value>,
}

impl Snapshots {
    /// Where the snapshots are.
    pub fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/snapshots")
    }

    /// Reads those about responses and requests of these operations.
    pub fn read(operations: &[Operation<'_>]) -> io::Result<Self> {
        let mut outcomes = BTreeMap::new();
        for entry in std::fs::read_dir(Self::folder())? {
            let path = entry?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            if path.extension().is_some_and(|end| end == "snap") && is_of(&name, operations) {
                let outcome = outcome(&std::fs::read_to_string(&path)?);
                let outcome = outcome.map_err(|error| {
                    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
                })?;
                outcomes.insert(name.into_owned(), outcome);
            }
        }
        Ok(Self { outcomes })
    }

    /// What the case of this name has to come to.
    pub fn get(&self, case: &str) -> Option<&Value> {
        self.outcomes.get(case)
    }

    /// The names of the cases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.outcomes.keys().map(String::as_str)
    }
}

/// Responses are named by operation, status and example, requests by `wire`, operation and example.
fn is_of(name: &str, operations: &[Operation<'_>]) -> bool {
    let name = name.strip_prefix("wire.").unwrap_or(name);
    operations.iter().any(|operation| {
        let rest = name.strip_prefix(operation.id());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// A snapshot has a head between two lines of dashes.
fn outcome(snapshot: &str) -> io::Result<Value> {
    let mut chunks = snapshot.splitn(3, "---\n");
    let content = chunks.nth(2);
    let content = content.ok_or_else(|| io::Error::other("a snapshot without its head"))?;
    Ok(serde_json::from_str(content)?)
}

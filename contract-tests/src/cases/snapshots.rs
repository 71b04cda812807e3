//! What callers have to get: the snapshots that someone has read and accepted. Those of responses are compared
//! here; those of requests are made here, for the tests to compare.
//!
//! They don't follow from the contract, so that a server which responds from another contract
//! can't change what is expected of it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use cometapi_contract::Operation;
use serde_json::{Value, json};

use super::Exchange;
use crate::request::Part;

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

/// A request as it went over the wire, fit for a snapshot: what changes from run to run or is secret is replaced.
///
/// # Panics
///
/// If a header was sent twice, or another API key than this one.
pub fn request_snapshot(sent: &Exchange, key: &str) -> Value {
    assert_eq!(
        sent.headers.len(),
        sent.headers.keys().count(),
        "a header was sent twice"
    );
    let headers = sent.headers.iter().map(|(name, value)| {
        let value = value.to_str().unwrap_or("[not text]");
        (name.as_str(), shown(name.as_str(), value, key))
    });
    let headers: BTreeMap<&str, String> = headers.collect();
    let body = match sent.form() {
        Some(form) => {
            let part = |part: &Part| json!({ "head": part.head, "body": part_body(&part.body) });
            form.parts.iter().map(part).collect()
        }
        None if sent.body.is_empty() => Value::Null,
        None => serde_json::from_slice(&sent.body)
            .unwrap_or_else(|_| String::from_utf8_lossy(&sent.body).into()),
    };
    json!({ "method": sent.method, "path": sent.path, "headers": headers, "body": body })
}

fn shown(name: &str, value: &str, key: &str) -> String {
    match name {
        "authorization" if value == format!("Bearer {key}") => "Bearer [key]".to_owned(),
        "authorization" => panic!("not the client's key: {value}"),
        "host" => "[host]".to_owned(),
        // What comes before the boundary is fixed, and so is the boundary's length.
        "content-type" if value.starts_with("multipart/") => {
            let (media_type, _) = value.split_once("boundary=").unwrap_or_default();
            format!("{media_type}boundary=[boundary]")
        }
        "user-agent" => value.replace(env!("CARGO_PKG_VERSION"), "[version]"),
        _ => value.to_owned(),
    }
}

/// Text as text; bytes by the file of the contract that they are.
fn part_body(bytes: &[u8]) -> Value {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return json!(text);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/examples/audio");
    let audio = std::fs::read_dir(folder).into_iter().flatten();
    let mut files = audio.filter_map(|entry| Some(entry.ok()?.path()));
    let same = files.find(|file| std::fs::read(file).is_ok_and(|own| own == bytes));
    let name = same.as_deref().and_then(Path::file_name);
    json!({ "bytes": bytes.len(), "file": name.map(|name| name.to_string_lossy()) })
}

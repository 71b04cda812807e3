//! The contract beside the API's own documents.

use std::fs;
use std::path::{Path, PathBuf};

use cometapi_contract::diff::{self, Change};
use cometapi_contract::{Contract, Operation};
use contract_report::{Report, Table};

/// Compares the contract with each document of a folder, by method and path. The documents are taken for the new ones: what they
/// have and the contract lacks is new.
pub fn compare(folder: &Path) -> Result<Report, String> {
    let contract = Contract::bundled().map_err(|error| error.to_string())?;
    let mut table = Table::new(["document", "operation", "what the document says"]);
    let (mut found, mut rows, mut documents) = (Vec::new(), Vec::new(), 0);
    for path in documents_in(folder)? {
        let document = Contract::read(&path).map_err(|error| error.to_string())?;
        documents += 1;
        let name = path
            .strip_prefix(folder)
            .unwrap_or(&path)
            .display()
            .to_string();
        for theirs in document.operations() {
            let address = format!("{} {}", theirs.method(), full_path(&document, &theirs));
            let Some(ours) = contract.operations().into_iter().find(|ours| {
                ours.method() == theirs.method() && ours.path() == full_path(&document, &theirs)
            }) else {
                rows.push((
                    name.clone(),
                    address,
                    "an operation that the contract lacks".to_owned(),
                ));
                continue;
            };
            found.push(ours.id().to_owned());
            for change in diff::compare_operations(&ours, &theirs) {
                rows.push((name.clone(), ours.id().to_owned(), sentence(&change)));
            }
        }
    }
    if documents == 0 {
        return Err(format!(
            "{}: there are no documents to compare with",
            folder.display()
        ));
    }
    for ours in contract
        .operations()
        .iter()
        .filter(|ours| !found.iter().any(|id| id == ours.id()))
    {
        rows.push((
            String::new(),
            ours.id().to_owned(),
            "no document has this operation".to_owned(),
        ));
    }
    for (document, operation, text) in &rows {
        table.add([document, operation, text]);
    }
    Ok(Report {
        command: "diff",
        summary: format!("{} differences from {documents} documents", rows.len()),
        tables: match rows.is_empty() {
            true => Vec::new(),
            false => vec![table],
        },
        ..Report::default()
    })
}

/// YAML and JSON files of a folder and its folders, in order.
fn documents_in(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut documents = Vec::new();
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension {
            _ if path.is_dir() => documents.extend(documents_in(&path)?),
            Some("yaml" | "yml" | "json") => documents.push(path),
            _ => {}
        }
    }
    documents.sort();
    Ok(documents)
}

/// The path with that of the document's first server, which may have the version.
fn full_path(document: &Contract, operation: &Operation<'_>) -> String {
    let server = document.pointer("/servers/0/url");
    let url = server
        .and_then(|url| url.value().as_str())
        .unwrap_or_default();
    let after_scheme = url.split_once("://").map_or("", |(_, rest)| rest);
    let base = after_scheme.split_once('/').map_or("", |(_, path)| path);
    match base.trim_end_matches('/') {
        "" => operation.path().to_owned(),
        base => format!("/{base}{}", operation.path()),
    }
}

fn sentence(change: &Change) -> String {
    let values = match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!(": {before} -> {after}"),
        (Some(value), None) | (None, Some(value)) => format!(": {value}"),
        (None, None) => String::new(),
    };
    let (subject, direction) = (&change.subject, change.direction.as_str());
    format!(
        "{}: {subject} {}{values} ({direction})",
        change.rule.id, change.rule.summary
    )
}

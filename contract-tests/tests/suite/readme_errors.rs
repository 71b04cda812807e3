//! The table of errors in the documentation is the contract's.

use std::collections::BTreeSet;
use std::fmt::Write;

use cometapi::OPERATIONS;

const ERRORS: &str = include_str!("../../../client/ERRORS.md");
const HEAD: &str = "| status | code | kind | retried | help |\n|---|---|---|---|---|\n";

/// The rules of all operations, each once, in the order of their statuses.
fn table() -> String {
    let mut statuses = BTreeSet::new();
    let mut rows = Vec::new();
    for documented in OPERATIONS.iter().flat_map(|operation| operation.errors) {
        for (place, rule) in documented.rules.iter().enumerate() {
            let code = rule
                .code
                .map_or("any".to_owned(), |code| format!("`{code}`"));
            let retried = if rule.retryable { "yes" } else { "no" };
            let row = format!(
                "| {} | {code} | `{}` | {retried} | {} |\n",
                documented.status, rule.kind, rule.help
            );
            if statuses.insert(row.clone()) {
                rows.push((documented.status, place, row));
            }
        }
    }
    rows.sort();
    let mut table = HEAD.to_owned();
    for (_, _, row) in rows {
        let _ = write!(table, "{row}");
    }
    table
}

#[test]
fn the_table_of_errors_is_the_contracts() {
    let table = table();
    assert!(
        ERRORS.contains(&table),
        "ERRORS.md lacks this table:\n{table}"
    );
    let rest = ERRORS.split_once(&table).unwrap().1;
    assert!(
        !rest.starts_with('|'),
        "the table of ERRORS.md has more rows"
    );
}

//! What the documentation shows is what there is.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::{Command, Output};

use cometapi::OPERATIONS;
use cometapi_mock::Mock;
use tempfile::TempDir;

const PEERS_README: &str = include_str!("../../../client/benches/peers/README.md");
const TYPED_BASELINE: &str = include_str!("../../../client/benches/peers/src/typed_baseline.rs");

#[test]
fn the_typed_baseline_is_shown_in_full() {
    let shown = format!("```rust\n{TYPED_BASELINE}```\n");
    assert!(
        PEERS_README.contains(&shown),
        "the README lacks typed_baseline.rs as it is"
    );
}

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

const README: &str = include_str!("../../README.md");
const DOCUMENTED: &str = "http://127.0.0.1:8080";

#[tokio::test]
async fn what_it_says_of_the_mock_holds() {
    if Command::new("curl").arg("--version").output().is_err() {
        return contract_tests::skip("what the README says of the mock, because curl is missing");
    }
    let mock = Mock::start().await.unwrap();
    let lines = README.lines().filter(|line| line.contains(DOCUMENTED));
    let lines = lines.filter_map(|line| line.strip_prefix("$ "));
    let folder = TempDir::new().unwrap();
    let mut message = Vec::new();
    for line in lines {
        let Output { status, stdout, .. } = Command::new("sh")
            .args(["-c", &line.replace(DOCUMENTED, &mock.url())])
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(status.success(), "{line}");
        message.push(String::from_utf8(stdout).unwrap());
    }
    let expected = [
        r#""success": true,"#,
        r#""content":"Hello"#,
        "data: [DONE]\n\n",
        "/messages/0/role: required, but missing",
        "",
        r#"{"text":"Hello from curl."}"#,
        "rate_limit_exceeded",
        "model_not_found",
    ];
    assert_eq!(message.len(), expected.len(), "{message:?}");
    for (message, expected) in message.iter().zip(expected) {
        assert!(
            message.contains(expected),
            "{expected} is missing in {message}"
        );
    }
}

// The migration tables: their right-hand sides stand in the programs below them, which are tests of the client's
// documentation.

const MIGRATION: &str = include_str!("../../../client/MIGRATION.md");

/// What stands between backticks in the last column of the tables that lead here.
fn offered() -> Vec<&'static str> {
    let tables = MIGRATION.split("```");
    let rows = tables.step_by(2).flat_map(str::lines);
    let cells = rows.filter_map(|line| line.strip_suffix(" |")?.rsplit_once(" | "));
    let cells = cells.map(|(_, here)| here);
    let code = cells.flat_map(|here| here.split('`').skip(1).step_by(2));
    code.collect()
}

fn without_whitespace(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn what_the_tables_offer_compiles() {
    let programs: String = MIGRATION.split("```").skip(1).step_by(2).collect();
    let programs = without_whitespace(&programs);
    // Names of programs and variables, which are no Rust.
    let is_rust = |code: &&&str| code.contains(['(', ':', '.']);
    let offered = offered();
    let missing: Vec<_> = offered
        .iter()
        .filter(is_rust)
        .filter(|code| !programs.contains(&without_whitespace(code)))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(offered.len() > 40, "{} were found", offered.len());
}

#[test]
fn the_twins_are_there() {
    let links = MIGRATION.split("](examples/").skip(1);
    let mut linked: Vec<_> = links
        .map(|rest| rest.split_once(')').unwrap().0.to_owned())
        .collect();
    linked.push("quickstart.rs".to_owned());
    linked.sort();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../client/examples");
    let files = std::fs::read_dir(examples).unwrap();
    let mut there: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    assert_eq!(linked, there);
}

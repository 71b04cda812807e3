//! `cargo xtask diff` as a program: its formats, its exit codes and what it can't compare.

mod support;

use std::fs;
use std::path::Path;

use cometapi_contract::Contract;
use cometapi_contract::diff::{Level, RULES};
use serde_json::{Value, json};
use support::{Run, contract, path, run, with, with_response_property};

/// Runs the comparison of two contracts.
fn diff(old: &Value, new: &Value, arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, contract: &Value| {
        let file = folder.path().join(name);
        fs::write(&file, serde_json::to_string_pretty(contract).unwrap()).unwrap();
        file
    };
    let (old, new) = (write("old.yaml", old), write("new.yaml", new));
    let mut all = vec!["diff", path(&old), path(&new)];
    all.extend(arguments);
    run(&all)
}

fn with_value(schema: Value) -> Value {
    with_response_property(schema)
}

fn number() -> Value {
    with_value(json!({"type": "integer", "description": "How many there are of it."}))
}

fn text() -> Value {
    with_value(json!({"type": "string", "description": "How many there are of it."}))
}

#[test]
fn a_change_says_what_it_does_to_programs_callers_and_version() {
    let run = diff(&number(), &text(), &[]);
    assert_eq!(run.code, 0, "{run:?}");
    for part in [
        "type-changed: `Reply.value` has another type: `integer` -> `string` (responses)",
        "programs that run: degraded",
        "Rust: `Reply::value`: `Option<i64>` becomes `Option<String>`",
        "version: major",
        "- `Reply::value`: before `Option<i64>`, after `Option<String>`.",
        "; breaking programs that run: 0; degrading them: 1; Rust items that differ: 1; a major version",
    ] {
        assert!(run.out.contains(part), "{part}\n{}", run.out);
    }
}

#[test]
fn a_version_that_is_too_low_fails_the_check_and_nothing_else() {
    let version =
        |contract: Value, version: &str| with(contract, "/info", "version", json!(version));
    for (old, new, code) in [
        ("0.1.0", "0.1.1", 1),
        ("0.1.0", "0.2.0", 0),
        ("1.2.0", "1.3.0", 1),
        ("1.2.0", "2.0.0", 0),
    ] {
        let (old, new) = (version(number(), old), version(text(), new));
        let checked = diff(&old, &new, &["--check"]);
        assert_eq!(checked.code, code, "{checked:?}");
        assert_eq!(
            checked.out.contains("has to be"),
            code == 1,
            "{}",
            checked.out
        );
        assert_eq!(diff(&old, &new, &[]).code, 0);
    }
}

#[test]
fn equal_contracts_need_no_version() {
    let run = diff(&number(), &number(), &["--check"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("are the same"), "{}", run.out);
}

#[test]
fn machines_can_read_it() {
    let run = diff(&number(), &text(), &["--format", "json"]);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    let change = &json["details"]["changes"][0];
    assert_eq!(change["rule"], "type-changed");
    assert_eq!(
        (&change["wire"], &change["level"], &change["rust"]),
        (&json!("degraded"), &json!("major"), &json!("major"))
    );
    assert_eq!(change["operations"], json!(["make_thing"]));
    assert_eq!(
        change["new"]["pointer"],
        "/components/schemas/Reply/properties/value"
    );
    assert!(change["new"]["line"].as_u64().unwrap() > 1);
    let github = diff(&number(), &text(), &["--format", "github"]);
    assert!(
        github.out.starts_with("::error title=version::"),
        "{}",
        github.out
    );
    assert!(github.out.contains("::warning file="), "{}", github.out);
    let junit = diff(&number(), &text(), &["--format", "junit"]);
    assert!(
        junit.out.contains("tests=\"2\"") && junit.out.contains("failures=\"1\""),
        "{}",
        junit.out
    );
    let markdown = diff(&number(), &text(), &["--format", "markdown"]);
    for part in ["| change", "### Changelog", "### Migration"] {
        assert!(markdown.out.contains(part), "{part}\n{}", markdown.out);
    }
}

#[test]
fn what_the_generator_refuses_is_compared_all_the_same() {
    let refused = with_value(
        json!({"type": ["integer", "string"], "description": "How many there are of it."}),
    );
    let run = diff(&number(), &refused, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("type-widened"), "{}", run.out);
    assert!(
        run.out.contains("The Rust API was not compared"),
        "{}",
        run.out
    );
}

#[test]
fn comparing_nothing_is_an_error() {
    let empty = with(contract(), "", "paths", json!({}));
    let runs = [
        diff(&contract(), &empty, &[]),
        run(&["diff", "no-such-file.yaml"]),
        run(&["diff", "git:no-such-revision"]),
        run(&["diff", "--vendor", "no-such-folder"]),
    ];
    for run in runs {
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.err.starts_with("xtask: "), "{run:?}");
    }
}

#[test]
fn documents_of_the_api_are_compared_by_operation() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, document: Value| {
        fs::write(folder.path().join(name), document.to_string()).unwrap();
    };
    // As the vendor writes them: 3.1, one operation each, with its own ids, and the version in the server's URL.
    write(
        "models.json",
        json!({
            "openapi": "3.1.0",
            "servers": [{"url": "https://api.cometapi.com/v1"}],
            "security": [{"bearer": []}],
            "paths": {"/models": {"get": {"operationId": "models", "responses": {"200": {"description": "It.", "content": {
                "application/json": {"schema": {"type": "object", "properties": {
                    "object": {"type": ["string", "null"]},
                    "data": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}}},
                }}},
            }}}}}},
        }),
    );
    write(
        "images.yaml",
        json!({"openapi": "3.1.0", "paths": {"/v1/images": {"post": {"responses": {}}}}}),
    );
    let run = run(&["diff", "--vendor", path(folder.path())]);
    assert_eq!(run.code, 0, "{run:?}");
    for part in [
        "images.yaml",
        "POST /v1/images",
        "an operation that the contract lacks",
        "type-changed: Model.id has another type: string -> integer (response)",
        "create_speech",
        "no document has this operation",
    ] {
        assert!(run.out.contains(part), "{part}\n{}", run.out);
    }
}

#[test]
fn each_rule_is_documented() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/DIFF.md");
    let documented = fs::read_to_string(file).unwrap();
    let (_, list) = documented.split_once("## Rules").unwrap();
    let rows: Vec<&str> = list
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let expected = RULES.iter().map(|rule| {
        let level = match rule.level {
            Level::None => "none",
            Level::Patch => "patch",
            Level::Minor => "minor",
            Level::Major => "major",
        };
        let behavior = rule.behavior.unwrap_or_default();
        format!(
            "| `{}` | {level} | {behavior} | {} |",
            rule.id, rule.summary
        )
    });
    let expected: Vec<String> = expected.collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_contract_has_the_version_of_the_crate() {
    let contract = Contract::bundled().unwrap();
    let version = contract.pointer("/info/version").unwrap();
    assert_eq!(version.value(), env!("CARGO_PKG_VERSION"));
}

#[test]
fn by_default_the_contract_is_compared_with_the_branch() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // A packed copy of the sources has no history.
    if !root.join(".git").exists() {
        return;
    }
    let run = run(&["diff", "--check", "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let json: Value = serde_json::from_str(&run.out).unwrap();
    assert!(json["details"]["changes"].is_array(), "{json}");
}

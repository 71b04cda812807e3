//! Snapshots whose names are known beforehand: all of the files are in use. `cargo insta review` accepts a changed one.

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::sync::LazyLock;

use contract_tests::cases::{CaseKind, Snapshots};
use serde_json::Value;

use super::KEY;
use super::cases::CASES;
use crate::{malformed_responses, malformed_streams, requests};

/// The names of all snapshots: those of the cases, which `tests/cases.rs` compares, and those of this program.
static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let cases = CASES.iter();
    let cases = cases.filter(|case| !matches!(case.purpose, CaseKind::Unauthorized));
    let cases = cases.map(|case| case.name.clone());
    let odd = malformed_responses::names().chain(malformed_streams::names());
    let mut names = BTreeSet::new();
    for name in cases.chain(requests::names()).chain(odd) {
        assert!(names.insert(name.clone()), "two snapshots are named {name}");
    }
    names
});

/// Compares one value with its snapshot.
#[track_caller]
pub(crate) fn check(name: &str, value: &Value) {
    assert!(NAMES.contains(name), "no snapshot is to be named {name}");
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_json_snapshot!(name, value));
}

/// Compares many values and tells all that differ, not only the first.
#[track_caller]
pub(crate) fn check_all(values: &[(String, Value)]) {
    let differs = |(name, value): &&(String, Value)| catch_unwind(|| check(name, value)).is_err();
    let different = values.iter().filter(differs).map(|(name, _)| name);
    let different: Vec<&String> = different.collect();
    assert!(
        different.is_empty(),
        "snapshots that differ: {different:#?}"
    );
}

fn files() -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(Snapshots::folder()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "snap"))
}

#[test]
fn no_snapshot_is_an_orphan_and_none_is_missing() {
    let name = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let files: BTreeSet<String> = files().map(name).collect();
    let orphans: Vec<_> = files.difference(&NAMES).collect();
    assert!(orphans.is_empty(), "without a case: {orphans:#?}");
    let missing: Vec<_> = NAMES.difference(&files).collect();
    assert!(missing.is_empty(), "without a snapshot: {missing:#?}");
}

#[test]
fn no_snapshot_shows_the_key() {
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(KEY), "{}", path.display());
    }
}

//! Snapshots whose names are known beforehand.

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::sync::LazyLock;

use serde_json::Value;

use crate::{malformed_responses, malformed_streams, requests};

use super::cases;

/// The names of all snapshots.
pub(crate) static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut names = BTreeSet::new();
    let operations = cases::operations();
    let responses = operations.iter().flat_map(cases::responses_of);
    let requests = operations.iter().flat_map(cases::requests_of);
    let streams = operations.iter().flat_map(cases::streams_of);
    let all = responses.chain(streams).map(|case| case.name);
    let all = all.chain(requests.map(|case| case.name));
    let odd = malformed_responses::names().chain(malformed_streams::names());
    for name in all.chain(requests::names()).chain(odd) {
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
    let different: Vec<&str> = values
        .iter()
        .filter(differs)
        .map(|(name, _)| &**name)
        .collect();
    assert!(
        different.is_empty(),
        "snapshots that differ: {different:#?}"
    );
}

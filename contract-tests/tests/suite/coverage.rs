//! `contract coverage`: what makes it fall.

use std::collections::BTreeSet;
use std::time::Duration;

use cometapi_contract::{Contract, Operation};
use cometapi_mock::Mock;
use contract_tests::cases::{Case, Snapshots};
use contract_tests::coverage::Coverage;
use contract_tests::report::{ColorChoice, Format};
use contract_tests::request;
use serde_json::Value;

use crate::support::cases::CONTRACT;
use crate::support::program::contract;

const VTT: &str =
    "/paths/~1v1~1audio~1transcriptions/post/responses/200/content/text~1vtt/examples/vtt";

/// The contract with one value changed or, if nothing is left of it, gone.
fn changed(pointer: &str, change: impl FnOnce(&mut Value)) -> Contract {
    let mut root = CONTRACT.root().value().clone();
    let value = root.pointer_mut(pointer).unwrap();
    change(value);
    if value.is_null() {
        let (object, key) = pointer.rsplit_once('/').unwrap();
        let object = root.pointer_mut(object).unwrap();
        object.as_object_mut().unwrap().shift_remove(key).unwrap();
    }
    CONTRACT.with_root(root)
}

/// The coverage of one contract by a server that follows another.
async fn measured(contract: &Contract, served: &Contract) -> Coverage {
    let mock = Mock::builder()
        .contract(served)
        .pause(Duration::ZERO)
        .start()
        .await
        .unwrap();
    Coverage::of(contract, &mock.url()).await.unwrap()
}

fn findings(coverage: &Coverage) -> String {
    let report = coverage.report();
    report.render(Format::Github, ColorChoice::Never)
}

#[test]
fn the_shipped_contract_is_covered() {
    let output = contract(&["coverage", "--format", "json"], b"");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["findings"], Value::Array(Vec::new()));
    assert!(report["passed"].as_u64().unwrap() > 1000);
    assert_eq!(output.status.code(), Some(0));
}

#[tokio::test]
async fn a_response_that_is_not_what_it_was_uncovers_its_cells() {
    let served = changed(VTT, |example| {
        *example = serde_json::json!({ "value": "WEBVTT\n\nnothing" });
    });
    let coverage = measured(&CONTRACT, &served).await;
    let found = findings(&coverage);
    assert!(coverage.share() < 1.0);
    assert!(
        found.contains("create_transcription.200.vtt: fails: .value is"),
        "{found}"
    );
}

#[tokio::test]
async fn without_an_example_it_falls() {
    let coverage = measured(&changed(VTT, |example| *example = Value::Null), &CONTRACT).await;
    let found = findings(&coverage);
    assert!(coverage.share() < 1.0);
    for finding in [
        "title=case::create_transcription.200.vtt: no example makes this case",
        "title=response::create_transcription 200 text/vtt: value: no case shows it",
    ] {
        assert!(found.contains(finding), "{found}");
    }
}

#[test]
fn every_example_makes_a_case_of_its_own() {
    let operations = CONTRACT.operations();
    let accepted = Snapshots::read(&operations).unwrap();
    let accepted: BTreeSet<&str> = accepted.names().collect();
    let examples = |operation: &Operation<'static>| {
        let mut examples = operation.examples();
        examples.extend(request::examples(operation));
        examples
    };
    let examples = operations.iter().flat_map(examples);
    let pointers: BTreeSet<String> = examples
        .map(|example| example.node.pointer().to_owned())
        .collect();
    assert!(pointers.len() > 100, "the contract has lost its examples");
    for pointer in pointers {
        let contract = changed(&pointer, |example| *example = Value::Null);
        let cases = Case::all(&contract).unwrap();
        let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        assert_ne!(accepted.difference(&names).count(), 0, "{pointer}");
    }
}

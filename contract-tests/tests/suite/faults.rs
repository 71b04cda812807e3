//! What a caller gets from a server that goes wrong, in every way: `contract faults`.

use std::collections::BTreeMap;

use cometapi::ErrorKind;
use serde_json::Value;

use crate::support::cases;
use crate::support::program::{contract, text};

/// What a case may come to besides an error of some kind.
const SUCCESSES: [&str; 3] = ["ok", "ok, half", "ok, endless"];

#[test]
fn every_fault_comes_to_what_the_table_says() {
    let output = contract(&["faults", "--format", "json"], b"");
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let matrix = report["matrix"].as_array().unwrap();
    let unexpected = matrix.iter().filter(|case| case["outcome"] == "unexpected");
    let unexpected: Vec<String> = unexpected.map(Value::to_string).collect();
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
    assert_eq!(
        (&report["misses"], output.status.code()),
        (&Value::from(0), Some(0))
    );
    assert_is_complete(matrix);
}

/// Every fault meets every operation, and each cell is a success, a kind, or the reason for neither.
fn assert_is_complete(matrix: &[Value]) {
    let mut met: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in matrix {
        let operations = met.entry(case["fault"].as_str().unwrap()).or_default();
        operations.push(case["operation"].as_str().unwrap());
        let expected = &case["expected"];
        let is_told = match case["outcome"].as_str() {
            Some("none") => case["reason"].is_string(),
            _ if expected["kind"].is_null() => {
                SUCCESSES.iter().any(|words| expected["text"] == *words)
            }
            _ => expected["attempts"].is_u64() && expected["retryable"].is_boolean(),
        };
        assert!(is_told, "{case}");
    }
    let every = operations();
    for (fault, operations) in &met {
        assert_eq!(*operations, every, "{fault}");
    }
    for status in 400..600 {
        let fault = format!("HTML under {status}");
        assert!(met.contains_key(fault.as_str()), "{fault}");
    }
    let without_a_response = [
        ErrorKind::Connect,
        ErrorKind::ConnectionClosed,
        ErrorKind::ResponseTimeout,
    ];
    for kind in without_a_response {
        let named = matrix
            .iter()
            .any(|case| case["expected"]["kind"] == kind.as_str());
        assert!(named, "nothing comes to {kind}");
    }
}

/// The columns that the contract makes.
fn operations() -> Vec<String> {
    let operations = cases::operations().into_iter();
    let columns = operations.flat_map(|operation| {
        let stream = format!("{} (stream)", operation.id());
        let is_streamed = cases::first_stream(operation.id()).is_some();
        [
            Some(operation.id().to_owned()),
            is_streamed.then_some(stream),
        ]
    });
    columns.flatten().collect()
}

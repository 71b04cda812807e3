//! What a caller gets from a server that goes wrong, in every way. `cargo contract faults` shows it as a table.

use std::collections::BTreeSet;

use cometapi::ErrorKind;
use contract_tests::faults::{self, CellResult, Outcome, Payload};

use crate::support::cases::{self, CONTRACT};

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_comes_to_what_the_table_says() {
    let matrix = faults::run(&CONTRACT, faults::table()).await.unwrap();
    let misses = matrix.misses();
    assert!(misses.is_empty(), "{misses:#?}");
    assert!(matrix.cases() > 2000, "{}", matrix.cases());
    assert_eq!(matrix.columns, columns());
    let mut kinds = BTreeSet::new();
    for row in &matrix.rows {
        assert_eq!(row.cells.len(), matrix.columns.len(), "{}", row.fault);
        for cell in &row.cells {
            match cell {
                CellResult::NotApplicable(reason) => assert!(!reason.is_empty(), "{row:?}"),
                CellResult::Executed { expected, .. } => match expected {
                    Outcome::Success { came, .. } => assert_ne!(*came, Payload::Different),
                    Outcome::Failure { kind, .. } => drop(kinds.insert(kind.as_str())),
                    other => panic!("{}: {other}", row.fault),
                },
            }
        }
    }
    for status in 400..600 {
        let name = format!("HTML under {status}");
        assert!(matrix.rows.iter().any(|row| row.fault == name), "{name}");
    }
    for kind in [
        ErrorKind::Connect,
        ErrorKind::ConnectionClosed,
        ErrorKind::ResponseTimeout,
    ] {
        assert!(kinds.contains(kind.as_str()), "nothing comes to {kind}");
    }
}

/// The columns that the contract makes.
fn columns() -> Vec<String> {
    let operations = cases::operations().into_iter();
    let columns = operations.flat_map(|operation| {
        let id = operation.id();
        let stream = cases::first_stream(id).map(|_| format!("{id} (stream)"));
        [Some(id.to_owned()), stream]
    });
    columns.flatten().collect()
}

//! Bodies and requests made from the contract: a few, in the suite; `cargo contract generated` makes
//! thousands.

use std::process::{Command, Output};

use contract_tests::property::{self, Sent};

use crate::support::cases::CONTRACT;

#[tokio::test]
async fn a_few_cases_hold() {
    let seed = 20_260_301;
    let tally = property::run(&CONTRACT, 300, seed).unwrap();
    let sent = property::send(&CONTRACT, 0, seed).await.unwrap();
    let findings = (&tally.findings, &sent.findings);
    assert!(
        findings.0.is_empty() && findings.1.is_empty(),
        "seed {seed}: {findings:#?}"
    );
    assert_eq!(tally.bodies, (300, 300));
    assert!(sent.requests > 100, "{}", sent.requests);
}

fn contract(arguments: &[&str]) -> Output {
    let mut process = Command::new(env!("CARGO_BIN_EXE_contract"));
    process.arg("property").args(arguments).output().unwrap()
}

#[test]
fn the_seed_decides_what_is_made() {
    let rows = |seed| {
        let tally = property::run(&CONTRACT, 60, seed).unwrap();
        assert_eq!(tally.bodies, (60, 60));
        property::json(&tally, &Sent::default())["rows"].clone()
    };
    assert_eq!(rows(1), rows(1));
    assert_ne!(rows(1), rows(2));
}

#[test]
fn the_table_is_for_people() {
    let output = contract(&["--cases", "60", "--seed", "3"]);
    let shown = String::from_utf8(output.stdout).unwrap();
    for expected in [
        "\nunknown field ",
        "\n0 unexplained\n",
        "\nseed 3\n",
        " null for absent: ",
    ] {
        assert!(
            shown.contains(expected),
            "{expected:?} is missing in\n{shown}"
        );
    }
}

#[test]
fn machines_can_read_it() {
    let output = contract(&["--cases", "5", "--format", "junit"]);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("failures=\"0\""), "{shown}");
    assert!(shown.contains("name=\"ChatCompletion: "), "{shown}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn unusable_arguments() {
    for arguments in [&["--cases", "x"][..], &["--format", "xml"], &["x"]] {
        let output = contract(arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{output:?}"
        );
    }
}

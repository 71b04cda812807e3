//! Bodies and requests made from the contract: a few, in the suite; `cargo contract property` makes
//! thousands.

use contract_tests::cases::{Case, CaseKind};
use contract_tests::property::{self, Replacements, Sent};
use contract_tests::report::{ColorChoice, Format, Table};

use crate::support::cases::{CASES, CONTRACT};

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

#[test]
fn the_seed_decides_what_is_made() {
    let rows = |seed| {
        let tally = property::run(&CONTRACT, 60, seed).unwrap();
        assert_eq!(tally.bodies, (60, 60));
        let report = property::report(&tally, &Sent::default(), &Replacements::default(), 0);
        report.tables.iter().map(Table::json).collect::<Vec<_>>()
    };
    assert_eq!(rows(1), rows(1));
    assert_ne!(rows(1), rows(2));
}

#[test]
fn people_and_machines_can_read_it() {
    let tally = property::run(&CONTRACT, 60, 3).unwrap();
    let report = property::report(&tally, &Sent::default(), &Replacements::default(), 3);
    for (format, expected) in [
        (Format::Text, "\nunknown field "),
        (Format::Text, " 0 unexplained\n"),
        (Format::Text, "\nseed 3\n"),
        (Format::Text, " null for absent "),
        (Format::Junit, "failures=\"0\""),
        (Format::Junit, "name=\"ChatCompletion\""),
    ] {
        let shown = report.render(format, ColorChoice::Never);
        assert!(
            shown.contains(expected),
            "{expected:?} is missing in\n{shown}"
        );
    }
}

#[test]
fn a_type_that_differs_from_the_contract_is_a_finding() {
    let mut root = CONTRACT.root().value().clone();
    let schemas = &mut root["components"]["schemas"];
    schemas["ChatCompletion"]["properties"]["object"]["type"] = "integer".into();
    let row = &mut schemas["CatalogModel"];
    let names = row["properties"].as_object().unwrap().keys();
    row["required"] = names.cloned().collect();
    let tally = property::run(&CONTRACT.with_root(root), 1500, 1).unwrap();
    let found = |schema: &str, problem: &str| {
        let mut findings = tally.findings.iter();
        findings.any(|finding| finding.schema == schema && finding.problem.contains(problem))
    };
    let (refused, taken) = ("a valid body is refused", "an invalid body is taken for");
    assert!(found("ChatCompletion", refused), "{:#?}", tally.findings);
    assert!(found("CatalogModel", taken), "{:#?}", tally.findings);
    assert!(!found("Model", ""), "{:#?}", tally.findings);
}

/// Values of another type than documented, in the tolerant client: every third example. The command plays all.
#[tokio::test]
async fn each_other_type_in_each_property_of_a_response_and_of_an_event() {
    let is_success = |case: &&Case<'_>| matches!(&case.purpose, CaseKind::Response(example) if example.status == "200");
    let cases = CASES.iter().filter(is_success).step_by(3);
    let cases: Vec<_> = cases.cloned().collect();
    let replacements = property::replace_all(&cases).await.unwrap();
    let findings: Vec<_> = replacements.findings.iter().take(3).collect();
    assert!(findings.is_empty(), "{findings:#?}");
    assert!(replacements.explained["one deviation"] > 2_000);
}

//! `contract mutants`: a few of them, of several kinds. The command itself plays all.

use contract_tests::mutants::{Mutant, OPERATORS, Outcome, run};
use serde_json::json;

use crate::support::cases::CONTRACT;

#[test]
fn one_of_several_kinds_is_caught_by_a_case() {
    let all = Mutant::all(&CONTRACT);
    assert!(all.len() >= 200, "only {} mutants", all.len());
    let one_of = |name: &str| {
        let of_kind: Vec<_> = all.iter().filter(|m| m.operator.name == name).collect();
        let middle = of_kind.get(of_kind.len() / 2).expect(name);
        (*middle).clone()
    };
    let kinds = OPERATORS.iter().step_by(4);
    let sample: Vec<_> = kinds.map(|operator| one_of(operator.name)).collect();
    let count = sample.len();
    let score = run(&CONTRACT, sample, 2).unwrap();
    assert_eq!(score.fates().len(), count);
    for fate in score.fates() {
        let mutant = &fate.mutant;
        let name = format!("{} {}", mutant.operator.name, mutant.site);
        assert!(
            matches!(fate.end, Outcome::Caught(_)),
            "{name}: {:?}",
            fate.end
        );
    }
}

#[test]
fn a_change_that_no_case_shows_is_a_finding_unless_its_reason_is_known() {
    let mut root = CONTRACT.root().value().clone();
    // No example has it.
    root["components"]["schemas"]["Model"]["properties"]["unseen"] = json!({"type": "string"});
    let contract = CONTRACT.with_root(root);
    let is_played = |mutant: &Mutant<'_>| {
        let is_equivalent = mutant
            .site
            .ends_with("CreateTranslationRequest/properties/temperature");
        mutant.site.ends_with("Model/properties/unseen") && mutant.operator.name == "drop-property"
            || is_equivalent && mutant.operator.name == "retype-property"
    };
    let played: Vec<_> = Mutant::all(&contract)
        .into_iter()
        .filter(is_played)
        .collect();
    assert_eq!(played.len(), 2);
    let report = run(&contract, played, 1).unwrap().report();
    let findings: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(
        findings[0].ends_with(
            "drop-property: /components/schemas/Model/properties/unseen: missed: no case fails"
        ),
        "{findings:?}"
    );
    assert!(
        report.notes[0].contains("no server can tell the type"),
        "{report:?}"
    );
}

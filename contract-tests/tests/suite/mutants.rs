//! `contract mutants`: a few of them, of several kinds. The command itself plays all.

use contract_tests::mutants::{Mutant, OPERATORS, Outcome, run};

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

//! `contract mutants`: a few of them, of every kind.

use contract_tests::mutants::{End, Mutant, OPERATORS, run};

use crate::support::cases::CONTRACT;

#[test]
fn one_of_every_kind_is_caught_by_a_case() {
    let all = Mutant::all(&CONTRACT);
    assert!(all.len() >= 200, "only {} mutants", all.len());
    let one_of = |name: &str| {
        let of_kind: Vec<_> = all.iter().filter(|m| m.operator.name == name).collect();
        let middle = of_kind.get(of_kind.len() / 2).expect(name);
        (*middle).clone()
    };
    let sample = OPERATORS.iter().map(|operator| one_of(operator.name));
    let score = run(&CONTRACT, sample.collect(), 2).unwrap();
    assert_eq!(score.fates().len(), OPERATORS.len());
    for fate in score.fates() {
        let mutant = &fate.mutant;
        let name = format!("{} {}", mutant.operator.name, mutant.site);
        assert!(matches!(fate.end, End::Caught(_)), "{name}: {:?}", fate.end);
    }
}

//! How many mutants were caught, and why not the others.

use std::collections::BTreeMap;

use cometapi_contract::Contract;
use serde_json::{Map, Value, json};

use super::{MutantResult, OPERATORS, Outcome};
use crate::report::{Finding, Report};

/// Why a mutant survives that no one should catch.
struct EquivalentMutant {
    operator: &'static str,
    /// How its site ends.
    site: &'static str,
    reason: &'static str,
}

const FORM: &str = "a form sends every field as text, so no server can tell the type";

const EQUIVALENT_MUTANTS: &[EquivalentMutant] = &[
    EquivalentMutant {
        operator: "retype-property",
        site: "CreateTranscriptionRequest/properties/temperature",
        reason: FORM,
    },
    EquivalentMutant {
        operator: "retype-property",
        site: "CreateTranslationRequest/properties/temperature",
        reason: FORM,
    },
    EquivalentMutant {
        operator: "retype-property",
        site: "CreateTranslationRequest/properties/timestamp_granularities[]",
        reason: FORM,
    },
];

const UNEXPLAINED: &str = "no case notices";

/// The fates of all mutants.
#[derive(Debug)]
pub struct MutationReport<'c> {
    contract: &'c Contract,
    fates: Vec<MutantResult<'c>>,
}

impl<'c> MutationReport<'c> {
    pub(super) fn new(contract: &'c Contract, mut fates: Vec<MutantResult<'c>>) -> Self {
        let order = |fate: &MutantResult<'_>| {
            let name = fate.mutant.operator.name;
            let operator = OPERATORS.iter().position(|known| known.name == name);
            (operator, fate.mutant.site.clone())
        };
        fates.sort_by_cached_key(order);
        Self { contract, fates }
    }

    /// What became of each mutant.
    pub fn fates(&self) -> &[MutantResult<'c>] {
        &self.fates
    }

    /// The share of the mutants that were caught, from 0 to 1.
    pub fn share(&self) -> f64 {
        self.caught() as f64 / self.fates.len() as f64
    }

    /// Those that no case has caught, with the reason.
    pub fn survivors(&self) -> impl Iterator<Item = (&MutantResult<'c>, &str)> {
        let survivors = self.fates.iter().filter(|fate| !fate.is_caught());
        survivors.map(|fate| (fate, reason(fate)))
    }

    /// For people and machines.
    pub fn report(&self) -> Report {
        let (mutants, caught) = (self.fates.len(), self.caught());
        let percent = self.share() * 100.0;
        let by_operator = self.by_operator();
        let operators: Map<String, Value> = by_operator
            .iter()
            .map(|(name, (caught, all))| {
                let score = *caught as f64 / *all as f64;
                let counts = json!({ "score": score, "mutants": all, "caught": caught });
                ((*name).to_owned(), counts)
            })
            .collect();
        let survivors: Vec<Value> = self
            .survivors()
            .map(|(fate, reason)| {
                let (operator, site) = (fate.mutant.operator.name, &fate.mutant.site);
                json!({ "operator": operator, "site": site, "reason": reason })
            })
            .collect();
        let fields = [
            ("score", json!(self.share())),
            ("mutants", json!(mutants)),
            ("caught", json!(caught)),
            ("operators", Value::Object(operators)),
            ("survivors", Value::Array(survivors)),
        ];
        let passed = self.fates.iter().filter_map(|fate| {
            let Outcome::Caught(failure) = &fate.end else {
                return None;
            };
            Some(format!("{} by {}", name(fate), failure.case))
        });
        let row = |(name, (caught, all)): (&&str, &(usize, usize))| {
            let percent = *caught as f64 / *all as f64 * 100.0;
            format!("{name:<28} {caught:>5} of {all:>5}  {percent:>5.1} %")
        };
        Report {
            command: "mutants".to_owned(),
            summary: format!("{caught} of {mutants} mutants caught, {percent:.1} %"),
            passed: passed.collect(),
            findings: self.findings(),
            table: by_operator.iter().map(row).collect(),
            fields: fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }

    fn caught(&self) -> usize {
        let caught = self.fates.iter().filter(|fate| fate.is_caught());
        caught.count()
    }

    /// How many were caught, of how many.
    fn by_operator(&self) -> BTreeMap<&'static str, (usize, usize)> {
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for fate in &self.fates {
            let (caught, all) = counts.entry(fate.mutant.operator.name).or_default();
            *caught += usize::from(fate.is_caught());
            *all += 1;
        }
        counts
    }

    fn findings(&self) -> Vec<Finding> {
        let file = self.contract.file().file_name().unwrap_or_default();
        let file = format!("openapi/{}", file.to_string_lossy());
        let finding = |(fate, reason): (&MutantResult<'_>, &str)| Finding {
            rule: fate.mutant.operator.name.to_owned(),
            subject: fate.mutant.site.clone(),
            message: format!("survives: {reason}"),
            place: Some((file.clone(), self.contract.line(&fate.mutant.site))),
        };
        self.survivors().map(finding).collect()
    }
}

impl MutantResult<'_> {
    fn is_caught(&self) -> bool {
        matches!(self.end, Outcome::Caught(_))
    }
}

fn name(fate: &MutantResult<'_>) -> String {
    format!("{} {}", fate.mutant.operator.name, fate.mutant.site)
}

fn reason<'f>(fate: &'f MutantResult<'_>) -> &'f str {
    if let Outcome::Unviable(reason) = &fate.end {
        return reason;
    }
    let explained = EQUIVALENT_MUTANTS.iter().find(|explained| {
        let operator = fate.mutant.operator.name;
        explained.operator == operator && fate.mutant.site.ends_with(explained.site)
    });
    explained.map_or(UNEXPLAINED, |explained| explained.reason)
}

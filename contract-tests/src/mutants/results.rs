//! How many mutants were caught, and why not the others.

use std::collections::BTreeMap;

use cometapi_contract::Contract;
use serde_json::{Value, json};

use super::{MutantResult, OPERATORS, Outcome, classes};
use crate::report::{Check, Finding, Report, Table};

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

    /// Those that no case has caught, with the reason, if there is one.
    pub fn survivors(&self) -> impl Iterator<Item = (&MutantResult<'c>, Option<&str>)> {
        let survivors = self.fates.iter().filter(|fate| !fate.is_caught());
        survivors.map(|fate| (fate, reason(fate)))
    }

    /// For people and machines.
    pub fn report(&self) -> Report {
        let (mutants, caught) = (self.fates.len(), self.caught());
        let percent = self.share() * 100.0;
        let by_operator = self.by_operator();
        let mut table = Table::new(["operator", "caught", "of", "%"]);
        for (name, (caught, all)) in &by_operator {
            let percent = *caught as f64 / *all as f64 * 100.0;
            table.add([
                *name,
                &caught.to_string(),
                &all.to_string(),
                &format!("{percent:.1}"),
            ]);
        }
        let passed = self.fates.iter().filter(|fate| fate.is_caught());
        let explained = self
            .survivors()
            .filter_map(|(fate, reason)| Some(format!("missed: {}: {}", name(fate), reason?)));
        Report {
            command: "mutants",
            summary: format!("{caught} of {mutants} mutants caught, {percent:.1} %"),
            passed: passed
                .map(|fate| Check::new(fate.mutant.operator.name, fate.mutant.site.as_str()))
                .collect(),
            findings: self.findings(),
            tables: vec![
                table,
                classes::table(&self.fates),
                classes::explained(&self.fates),
            ],
            notes: explained.collect(),
            details: json!({
                "score": self.share(),
                "mutants": mutants,
                "caught": caught,
                "survivors": self.survivors().map(survivor_json).collect::<Value>(),
            }),
            ..Report::default()
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

    /// What is missed without a reason, and reasons that no missed mutant has.
    fn findings(&self) -> Vec<Finding> {
        let file = self.contract.file().file_name().unwrap_or_default();
        let file = format!("openapi/{}", file.to_string_lossy());
        let unexplained = self.survivors().filter(|(_, reason)| reason.is_none());
        let missed = unexplained.map(|(fate, _)| Finding {
            location: Some((file.clone(), self.contract.line(&fate.mutant.site))),
            ..Finding::new(
                fate.mutant.operator.name,
                fate.mutant.site.as_str(),
                UNEXPLAINED,
            )
        });
        let is_stale = |known: &&EquivalentMutant| {
            let mut played = self.fates.iter().filter(|fate| known.is(fate)).peekable();
            played.peek().is_some() && played.all(MutantResult::is_caught)
        };
        let stale = EQUIVALENT_MUTANTS.iter().filter(is_stale);
        let stale = stale.map(|known| {
            let message = "is caught: remove it from the equivalent mutants";
            Finding::new(known.operator, known.site, message)
        });
        missed
            .chain(stale)
            .chain(classes::contradictions(&self.fates))
            .collect()
    }
}

const UNEXPLAINED: &str = "missed: no case fails";

impl EquivalentMutant {
    fn is(&self, fate: &MutantResult<'_>) -> bool {
        self.operator == fate.mutant.operator.name && fate.mutant.site.ends_with(self.site)
    }
}

impl MutantResult<'_> {
    pub(super) fn is_caught(&self) -> bool {
        matches!(self.end, Outcome::Caught(_))
    }
}

fn survivor_json((fate, reason): (&MutantResult<'_>, Option<&str>)) -> Value {
    json!({
        "operator": fate.mutant.operator.name,
        "site": fate.mutant.site,
        "reason": reason.unwrap_or(UNEXPLAINED),
    })
}

fn name(fate: &MutantResult<'_>) -> String {
    format!("{} {}", fate.mutant.operator.name, fate.mutant.site)
}

fn reason<'f>(fate: &'f MutantResult<'_>) -> Option<&'f str> {
    if let Outcome::Unviable(reason) = &fate.end {
        return Some(reason);
    }
    let known = EQUIVALENT_MUTANTS.iter().find(|known| known.is(fate));
    known.map(|known| known.reason)
}

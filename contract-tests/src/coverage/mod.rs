//! How much of the contract the cases exercise.
//!
//! Proves that every documented response, property, enum value and union variant has an example that the
//! client was seen to handle: an item counts once a case that passes has shown it. Can't prove that the
//! outcome is right (the approved snapshots say so) or that the API sends it (`drift` does).
//!
//! In reading order: `items.rs` (what there is), `record.rs` (what a case has shown).

mod items;
mod record;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use cometapi_contract::Contract;
use serde_json::{Value, json};

use crate::cases::{Case, CaseRunner, Failure, Snapshots};
use crate::report::{Check, Finding, Report, Table};

pub use items::{Category, CoverageItem};

/// What there is to exercise, and what was.
#[derive(Debug)]
pub struct Coverage {
    /// Every cell, with its line in the contract.
    items: BTreeMap<CoverageItem, usize>,
    seen: BTreeSet<CoverageItem>,
    failures: Vec<Failure>,
    file: String,
}

impl Coverage {
    /// Plays the cases of `contract` against a server that is said to follow it.
    pub async fn of(
        contract: &Contract,
        server: &str,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let accepted = Snapshots::read(&contract.operations())?;
        let cases = Case::all(contract)?;
        let stage = CaseRunner::start().await?;
        let (mut seen, mut failures) = (BTreeSet::new(), Vec::new());
        for case in &cases {
            match stage.play(case, &accepted, server).await {
                Ok(found) => record::record(case, &found, &mut seen),
                Err(failure) => failures.push(failure),
            }
        }
        Ok(Self {
            items: items::all(contract, &cases, &accepted),
            seen,
            failures,
            file: format!("openapi/{}", file_name(contract)),
        })
    }

    /// The items that no case has seen.
    pub fn missing(&self) -> impl Iterator<Item = &CoverageItem> {
        self.items.keys().filter(|cell| !self.seen.contains(cell))
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is nothing to exercise.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many of the items were seen, from 0 to 1.
    pub fn share(&self) -> f64 {
        let covered = self.len() - self.missing().count();
        covered as f64 / self.len() as f64
    }
}

fn file_name(contract: &Contract) -> String {
    let name = contract.file().file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

impl Coverage {
    /// For people and machines.
    pub fn report(&self) -> Report {
        let covered = |category: Option<Category>| {
            let is_own = |item: &&CoverageItem| category.is_none_or(|only| item.group == only);
            let own = self.items.keys().filter(is_own);
            own.fold((0, 0), |(items, covered), item| {
                (items + 1, covered + usize::from(self.seen.contains(item)))
            })
        };
        let mut table = Table::new(["category", "items", "covered"]);
        for category in Category::ALL {
            let (items, covered) = covered(Some(category));
            table.add([category.as_str(), &items.to_string(), &covered.to_string()]);
        }
        let (total, covered) = covered(None);
        let passed = self.items.keys().filter(|item| self.seen.contains(item));
        Report {
            command: "coverage",
            summary: format!("{covered} of {total} items, {:.1} %", self.share() * 100.0),
            passed: passed
                .map(|item| Check::new(item.group.as_str(), item.name()))
                .collect(),
            findings: self.missing().map(|item| self.finding(item)).collect(),
            tables: vec![table],
            details: json!({
                "coverage": self.share(),
                "items": total,
                "covered": covered,
                "table": self.items.keys().map(|item| self.item_json(item)).collect::<Value>(),
            }),
            ..Report::default()
        }
    }

    fn item_json(&self, item: &CoverageItem) -> Value {
        json!({
            "group": item.group.as_str(),
            "subject": item.subject,
            "aspect": item.aspect,
            "seen": self.seen.contains(item),
        })
    }

    fn finding(&self, item: &CoverageItem) -> Finding {
        let is_case = item.group == Category::Case;
        let mut failures = self.failures.iter();
        let failure = failures.find(|failure| is_case && failure.case == item.subject);
        let message = match failure {
            Some(failure) => format!("fails: {}", failure.reason),
            None if is_case => "no example makes this case".to_owned(),
            None => "no case shows it".to_owned(),
        };
        Finding {
            location: Some((self.file.clone(), self.items[item])),
            ..Finding::new(item.group.as_str(), item.name(), message)
        }
    }
}

impl CoverageItem {
    /// Its name within its category.
    fn name(&self) -> String {
        match self.group {
            Category::Case => self.subject.clone(),
            _ => format!("{}: {}", self.subject, self.aspect),
        }
    }
}

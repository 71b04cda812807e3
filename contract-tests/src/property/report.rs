//! The tally as a report.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::corruption::OPERATORS;
use super::leniency::LENIENCIES;
use super::{Finding, Replacements, Row, Sent, Tally};
use crate::report::{self, Check, Report, Table};

/// Longer bodies are cut for people.
const LONG: usize = 400;

/// Rows by schema and by operator, leniencies and findings. A schema without any of an operator has
/// passed it.
pub fn report(tally: &Tally, sent: &Sent, replaced: &Replacements, seed: u64) -> Report {
    let mut by_schema: BTreeMap<&str, Row> = BTreeMap::new();
    let mut by_operator: BTreeMap<&str, Row> = BTreeMap::new();
    let mut all = Row::default();
    for ((schema, operator), row) in &tally.rows {
        by_schema.entry(schema).or_default().add(row);
        by_operator.entry(operator).or_default().add(row);
        all.add(row);
    }
    let table = |name| Table::new([name, "applied", "valid", "rejected", "lenient"]);
    let (mut schemas, mut operators) = (table("schema"), table("operator"));
    for (schema, row) in &by_schema {
        schemas.add(row.cells(schema));
    }
    for name in OPERATORS.map(|operator| operator.name()) {
        if let Some(row) = by_operator.get(name) {
            operators.add(row.cells(name));
        }
    }
    operators.add(all.cells("all"));
    let mut leniencies = Table::new(["taken leniently", "", "because"]);
    for leniency in &LENIENCIES {
        let count = all.lenient.get(leniency.name).copied().unwrap_or_default();
        leniencies.add([&count.to_string(), leniency.name, leniency.reason]);
    }
    let (covered, pairs) = tally.covered;
    let (valid, invalid) = tally.bodies;
    let found = || {
        let findings = tally.findings.iter().chain(&sent.findings);
        findings.chain(&replaced.findings)
    };
    let mut tolerant = Table::new(["replaced value, read tolerantly", ""]);
    for (outcome, count) in &replaced.explained {
        tolerant.add([outcome, &count.to_string()]);
    }
    let replacements = replaced.explained.values().sum::<usize>() + replaced.findings.len();
    let mut findings: Vec<report::Finding> = found().map(Finding::reported).collect();
    let unused = LENIENCIES
        .iter()
        .filter(|leniency| !all.lenient.contains_key(leniency.name));
    if covered == pairs {
        let message = "nothing is taken leniently for this reason: remove it";
        findings.extend(unused.map(|one| report::Finding::new("leniency", one.name, message)));
    }
    let is_clean = |(schema, operator): &&(String, &'static str)| {
        !found().any(|finding| finding.schema == *schema && finding.operator == *operator)
    };
    let passed = tally.rows.keys().filter(is_clean);
    Report {
        command: "property",
        summary: format!(
            "{valid} valid bodies, {invalid} invalid ones, {} requests, {replacements} replacements, {} unexplained",
            sent.requests,
            findings.len()
        ),
        passed: passed
            .map(|(schema, operator)| Check::new(*operator, schema.as_str()))
            .collect(),
        findings,
        tables: vec![schemas, operators, leniencies, tolerant],
        notes: vec![
            format!("{covered} of {pairs} pairs of operator and place"),
            format!("seed {seed}"),
        ],
        details: json!({
            "rows": tally.rows.iter().map(row_json).collect::<Value>(),
            "pairs": pairs,
            "covered": covered,
            "valid": valid,
            "invalid": invalid,
            "requests": sent.requests,
            "replacements": replaced.explained,
            "seed": seed,
        }),
        ..Report::default()
    }
}

/// What became of the bodies of a schema and an operator.
fn row_json(((schema, operator), row): (&(String, &str), &Row)) -> Value {
    json!({
        "schema": schema,
        "operator": operator,
        "applied": row.applied,
        "valid": row.valid,
        "rejected": row.refused,
        "lenient": row.lenient,
    })
}

impl Finding {
    fn reported(&self) -> report::Finding {
        let body: String = self.body.chars().take(LONG).collect();
        let message = format!("at {:?}: {}\n  {body}", self.pointer, self.problem);
        report::Finding::new(self.operator, self.schema.as_str(), message)
    }
}

impl Row {
    fn add(&mut self, other: &Self) {
        self.applied += other.applied;
        self.valid += other.valid;
        self.refused += other.refused;
        for (name, count) in &other.lenient {
            *self.lenient.entry(name).or_default() += count;
        }
    }

    fn cells(&self, name: &str) -> [String; 5] {
        let lenient: usize = self.lenient.values().sum();
        let counts =
            [self.applied, self.valid, self.refused, lenient].map(|count| count.to_string());
        let [applied, valid, refused, lenient] = counts;
        [name.to_owned(), applied, valid, refused, lenient]
    }
}

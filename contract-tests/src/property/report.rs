//! The tally, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json as object};

use super::corruption::OPERATORS;
use super::leniency::LENIENCIES;
use super::{Finding, Row, Sent, Tally};
use crate::report::{self, Report};

/// So many findings are shown to people.
const SHOWN: usize = 20;

/// Longer bodies are cut for people.
const LONG: usize = 400;

/// Rows by schema and by operator, leniencies and findings.
pub fn text(tally: &Tally, sent: &Sent) -> String {
    let mut text = String::new();
    let mut by_schema: BTreeMap<&str, Row> = BTreeMap::new();
    let mut by_operator: BTreeMap<&str, Row> = BTreeMap::new();
    let mut all = Row::default();
    for ((schema, operator), row) in &tally.rows {
        by_schema.entry(schema).or_default().add(row);
        by_operator.entry(operator).or_default().add(row);
        all.add(row);
    }
    let head = ["", "applied", "valid", "refused", "lenient"].map(str::to_owned);
    line(&mut text, &head);
    for (schema, row) in &by_schema {
        line(&mut text, &row.cells(schema));
    }
    text.push('\n');
    for name in OPERATORS.map(|operator| operator.name()) {
        if let Some(row) = by_operator.get(name) {
            line(&mut text, &row.cells(name));
        }
    }
    text.push('\n');
    line(&mut text, &all.cells("all"));
    text.push('\n');
    for leniency in &LENIENCIES {
        let count = all.lenient.get(leniency.name).copied().unwrap_or_default();
        let _ = writeln!(text, "{count:>7} {}: {}", leniency.name, leniency.reason);
    }
    let (covered, pairs) = tally.covered;
    let (valid, invalid) = tally.bodies;
    let findings: Vec<&Finding> = tally.findings.iter().chain(&sent.findings).collect();
    let _ = writeln!(
        text,
        "\n{covered} of {pairs} pairs of operator and place\n{valid} valid bodies, {invalid} invalid \
         ones, {} requests\n{} unexplained",
        sent.requests,
        findings.len()
    );
    for finding in findings.iter().take(SHOWN) {
        let body: String = finding.body.chars().take(LONG).collect();
        let (schema, change, problem) = (&finding.schema, &finding.change, &finding.problem);
        let _ = writeln!(text, "\n{schema}, {change}\n  {problem}\n  {body}");
    }
    if findings.len() > SHOWN {
        let _ = writeln!(text, "\nand {} more", findings.len() - SHOWN);
    }
    text
}

/// The same, and each row of schema and operator.
pub fn json(tally: &Tally, sent: &Sent) -> Value {
    let row = |((schema, operator), row): (&(String, &str), &Row)| {
        object!({
            "schema": schema,
            "operator": operator,
            "applied": row.applied,
            "valid": row.valid,
            "refused": row.refused,
            "lenient": row.lenient,
        })
    };
    let finding = |finding: &Finding| {
        object!({
            "schema": finding.schema,
            "change": finding.change,
            "problem": finding.problem,
            "body": finding.body,
        })
    };
    let reasons = LENIENCIES.iter();
    let reasons: BTreeMap<&str, &str> = reasons
        .map(|leniency| (leniency.name, leniency.reason))
        .collect();
    let findings = tally.findings.iter().chain(&sent.findings);
    object!({
        "rows": tally.rows.iter().map(row).collect::<Value>(),
        "leniencies": reasons,
        "pairs": tally.covered.1,
        "covered": tally.covered.0,
        "valid": tally.bodies.0,
        "invalid": tally.bodies.1,
        "requests": sent.requests,
        "findings": findings.map(finding).collect::<Value>(),
    })
}

/// For machines that read findings: a row without any has passed.
pub fn report(tally: &Tally, sent: &Sent) -> Report {
    let findings: Vec<&Finding> = tally.findings.iter().chain(&sent.findings).collect();
    let (valid, invalid) = tally.bodies;
    let is_clean = |(schema, operator): &&(String, &'static str)| {
        let here =
            |finding: &&&Finding| finding.schema == *schema && finding.change.starts_with(operator);
        !findings.iter().any(|finding| here(&finding))
    };
    let passed = tally.rows.keys().filter(is_clean);
    Report {
        command: "property".to_owned(),
        summary: format!(
            "{valid} valid bodies, {invalid} invalid ones, {} requests, {} unexplained",
            sent.requests,
            findings.len()
        ),
        passed: passed
            .map(|(schema, operator)| format!("{schema}: {operator}"))
            .collect(),
        findings: findings.into_iter().map(Finding::reported).collect(),
        ..Report::default()
    }
}

impl Finding {
    fn reported(&self) -> report::Finding {
        report::Finding {
            rule: "unexplained".to_owned(),
            subject: self.schema.clone(),
            message: format!("{}: {}", self.change, self.problem),
            place: None,
        }
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

fn line(text: &mut String, [name, applied, valid, refused, lenient]: &[String; 5]) {
    let _ = writeln!(
        text,
        "{name:<28}{applied:>9}{valid:>9}{refused:>9}{lenient:>9}"
    );
}

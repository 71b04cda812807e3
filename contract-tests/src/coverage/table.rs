//! Coverage as a report.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Cell, Coverage, Group};
use crate::report::{Finding, Report};

impl Coverage {
    /// For people and machines.
    pub fn report(&self) -> Report {
        let findings = self.findings();
        let covered = self.len() - self.missing().count();
        let percent = self.share() * 100.0;
        let total = self.len();
        let groups: Map<String, Value> =
            Group::ALL.iter().map(|group| self.group(*group)).collect();
        let fields = [
            ("coverage", json!(self.share())),
            ("cells", json!(total)),
            ("covered", json!(covered)),
            ("groups", Value::Object(groups)),
            (
                "table",
                self.rows().into_iter().map(|row| row.json()).collect(),
            ),
            ("findings", findings.iter().map(Finding::json).collect()),
        ];
        let passed = self.cells.keys().filter(|cell| self.seen.contains(cell));
        Report {
            verb: "coverage".to_owned(),
            summary: format!("{covered} of {total} cells, {percent:.1} %"),
            passed: passed.map(Cell::to_string).collect(),
            findings,
            table: self.rows().iter().map(Row::text).collect(),
            fields: fields
                .map(|(name, value)| (name.to_owned(), value))
                .into_iter()
                .collect(),
        }
    }

    fn group(&self, group: Group) -> (String, Value) {
        let own = self.cells.keys().filter(|cell| cell.group == group);
        let (cells, covered) = own.fold((0, 0), |(cells, covered), cell| {
            (cells + 1, covered + usize::from(self.seen.contains(cell)))
        });
        let counts = json!({ "cells": cells, "covered": covered });
        (group.as_str().to_owned(), counts)
    }

    fn findings(&self) -> Vec<Finding> {
        let finding = |cell: &Cell| {
            let failure = self
                .failures
                .iter()
                .find(|failure| cell.group == Group::Case && failure.case == cell.subject);
            Finding {
                rule: cell.group.as_str().to_owned(),
                subject: cell.subject.clone(),
                message: match failure {
                    Some(failure) => format!("fails: {}", failure.reason),
                    None if cell.group == Group::Case => "no example makes this case".to_owned(),
                    None => format!("no case shows: {}", cell.facet),
                },
                place: Some((self.file.clone(), self.cells[cell])),
            }
        };
        self.missing().map(finding).collect()
    }

    fn rows(&self) -> Vec<Row<'_>> {
        let mut rows: BTreeMap<(Group, &str), Vec<(&str, bool)>> = BTreeMap::new();
        for cell in self.cells.keys() {
            let facets = rows.entry((cell.group, &cell.subject)).or_default();
            facets.push((&cell.facet, self.seen.contains(cell)));
        }
        let row = |((group, subject), facets)| Row {
            group,
            subject,
            facets,
        };
        rows.into_iter().map(row).collect()
    }
}

/// The facets of a subject, each with whether it was seen.
struct Row<'c> {
    group: Group,
    subject: &'c str,
    facets: Vec<(&'c str, bool)>,
}

impl Row<'_> {
    fn text(&self) -> String {
        let facet = |(name, is_seen): &(&str, bool)| match is_seen {
            true => format!("[x] {name}"),
            false => format!("[ ] {name}"),
        };
        let facets: Vec<String> = self.facets.iter().map(facet).collect();
        let (group, subject) = (self.group.as_str(), self.subject);
        format!("{group:<18} {subject:<60} {}", facets.join("  "))
    }

    fn json(&self) -> Value {
        let facets = self.facets.iter();
        let facets: Map<String, Value> = facets
            .map(|(name, is_seen)| ((*name).to_owned(), json!(is_seen)))
            .collect();
        json!({ "group": self.group.as_str(), "subject": self.subject, "seen": facets })
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {}: {}",
            self.group.as_str(),
            self.subject,
            self.facet
        )
    }
}

//! Coverage as a report.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Category, Coverage, CoverageItem};
use crate::report::{Check, Finding, Report, Table, fields};

impl Coverage {
    /// For people and machines.
    pub fn report(&self) -> Report {
        let findings = self.findings();
        let covered = self.len() - self.missing().count();
        let (share, total) = (self.share(), self.len());
        let groups: Map<String, Value> = Category::ALL
            .iter()
            .map(|group| self.group(*group))
            .collect();
        let rows = self.rows();
        let mut table = Table::new(["category", "items", "covered"]);
        for (category, counts) in &groups {
            table.add([
                category,
                &counts["items"].to_string(),
                &counts["covered"].to_string(),
            ]);
        }
        let fields = fields([
            ("coverage", json!(share)),
            ("items", json!(total)),
            ("covered", json!(covered)),
            ("groups", Value::Object(groups)),
            ("table", rows.iter().map(Row::json).collect()),
            ("findings", findings.iter().map(Finding::json).collect()),
        ]);
        let passed = self.items.keys().filter(|item| self.seen.contains(item));
        Report {
            command: "coverage",
            summary: format!("{covered} of {total} items, {:.1} %", share * 100.0),
            passed: passed
                .map(|item| Check::new(item.group.as_str(), item.name()))
                .collect(),
            findings,
            tables: vec![table],
            fields,
            ..Report::default()
        }
    }

    fn group(&self, group: Category) -> (String, Value) {
        let own = self.items.keys().filter(|cell| cell.group == group);
        let (items, covered) = own.fold((0, 0), |(items, covered), cell| {
            (items + 1, covered + usize::from(self.seen.contains(cell)))
        });
        let counts = json!({ "items": items, "covered": covered });
        (group.as_str().to_owned(), counts)
    }

    fn findings(&self) -> Vec<Finding> {
        let finding = |item: &CoverageItem| {
            let is_case = item.group == Category::Case;
            let mut failures = self.failures.iter();
            let failure = failures.find(|failure| is_case && failure.case == item.subject);
            let message = match failure {
                Some(failure) => format!("fails: {}", failure.reason),
                None if is_case => "no example makes this case".to_owned(),
                None => "no case shows it".to_owned(),
            };
            let location = Some((self.file.clone(), self.items[item]));
            Finding {
                location,
                ..Finding::new(item.group.as_str(), item.name(), message)
            }
        };
        self.missing().map(finding).collect()
    }

    fn rows(&self) -> Vec<Row<'_>> {
        let mut rows: BTreeMap<(Category, &str), Vec<(&str, bool)>> = BTreeMap::new();
        for cell in self.items.keys() {
            let aspects = rows.entry((cell.group, &cell.subject)).or_default();
            aspects.push((&cell.aspect, self.seen.contains(cell)));
        }
        let row = |((group, subject), aspects)| Row {
            group,
            subject,
            aspects,
        };
        rows.into_iter().map(row).collect()
    }
}

/// The aspects of a subject, each with whether it was seen.
struct Row<'c> {
    group: Category,
    subject: &'c str,
    aspects: Vec<(&'c str, bool)>,
}

impl Row<'_> {
    fn json(&self) -> Value {
        let aspects = self.aspects.iter();
        let aspects: Map<String, Value> = aspects
            .map(|(name, is_seen)| ((*name).to_owned(), json!(is_seen)))
            .collect();
        json!({ "group": self.group.as_str(), "subject": self.subject, "seen": aspects })
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

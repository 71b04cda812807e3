//! Coverage as a report.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Category, Coverage, CoverageItem};
use crate::report::{Finding, Report};

impl Coverage {
    /// For people and machines.
    pub fn report(&self) -> Report {
        let findings = self.findings();
        let covered = self.len() - self.missing().count();
        let percent = self.share() * 100.0;
        let total = self.len();
        let groups: Map<String, Value> = Category::ALL
            .iter()
            .map(|group| self.group(*group))
            .collect();
        let fields = [
            ("coverage", json!(self.share())),
            ("items", json!(total)),
            ("covered", json!(covered)),
            ("groups", Value::Object(groups)),
            (
                "table",
                self.rows().into_iter().map(|row| row.json()).collect(),
            ),
            ("findings", findings.iter().map(Finding::json).collect()),
        ];
        let passed = self.items.keys().filter(|cell| self.seen.contains(cell));
        Report {
            command: "coverage".to_owned(),
            summary: format!("{covered} of {total} items, {percent:.1} %"),
            passed: passed.map(CoverageItem::to_string).collect(),
            findings,
            table: self.rows().iter().map(Row::text).collect(),
            fields: fields
                .map(|(name, value)| (name.to_owned(), value))
                .into_iter()
                .collect(),
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
        let finding = |cell: &CoverageItem| {
            let failure = self
                .failures
                .iter()
                .find(|failure| cell.group == Category::Case && failure.case == cell.subject);
            Finding {
                rule: cell.group.as_str().to_owned(),
                subject: cell.subject.clone(),
                message: match failure {
                    Some(failure) => format!("fails: {}", failure.reason),
                    None if cell.group == Category::Case => "no example makes this case".to_owned(),
                    None => format!("no case shows: {}", cell.aspect),
                },
                place: Some((self.file.clone(), self.items[cell])),
            }
        };
        self.missing().map(finding).collect()
    }

    fn rows(&self) -> Vec<Row<'_>> {
        let mut rows: BTreeMap<(Category, &str), Vec<(&str, bool)>> = BTreeMap::new();
        for cell in self.items.keys() {
            let facets = rows.entry((cell.group, &cell.subject)).or_default();
            facets.push((&cell.aspect, self.seen.contains(cell)));
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
    group: Category,
    subject: &'c str,
    facets: Vec<(&'c str, bool)>,
}

impl Row<'_> {
    fn text(&self) -> String {
        let aspect = |(name, is_seen): &(&str, bool)| match is_seen {
            true => format!("[x] {name}"),
            false => format!("[ ] {name}"),
        };
        let facets: Vec<String> = self.facets.iter().map(aspect).collect();
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

impl std::fmt::Display for CoverageItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {}: {}",
            self.group.as_str(),
            self.subject,
            self.aspect
        )
    }
}

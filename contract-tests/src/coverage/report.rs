//! Coverage as a report.

use super::{Category, Coverage, CoverageItem};
use crate::report::{Check, Finding, Report, Table};

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
            ..Report::default()
        }
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

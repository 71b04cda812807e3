//! How client and service got on, beside what the comparison claims.

use cometapi_contract::diff::WireClass;

use super::Compatibility;
use crate::report::{Check, Finding, Report, Table};

const ENDS: [&str; 5] = ["same", "differs", "deviates", "fails", "not documented"];

impl Compatibility {
    /// For people and machines. A finding is a claim that the cases contradict.
    pub fn report(&self) -> Report {
        let mut table = Table::new(["operation", "claimed", "shown"].into_iter().chain(ENDS));
        let (mut findings, mut passed, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        for operation in &self.operations {
            let (claimed, shown) = (self.claim(operation), self.shown(operation));
            let counts = self.counts(operation);
            let ends = ENDS.map(|end| counts.get(end).copied().unwrap_or_default().to_string());
            let row = [
                operation.clone(),
                claimed.as_str().to_owned(),
                shown.as_str().to_owned(),
            ];
            table.add(row.into_iter().chain(ends));
            if claimed > shown {
                let claimed = claimed.as_str();
                notes.push(format!("{operation}: {claimed} by the comparison, and no case shows it: do its examples follow the schema?"));
            }
            match claimed < shown {
                true => findings.push(Finding::new(
                    "class",
                    operation.as_str(),
                    format!(
                        "is {} by its cases, and {} by the comparison",
                        shown.as_str(),
                        claimed.as_str()
                    ),
                )),
                false => passed.push(Check::new("class", operation.as_str())),
            }
        }
        for case in &self.cases {
            if let (Some(reason), class) = (case.end.reason(), case.end.class())
                && class > WireClass::Unaffected
            {
                notes.push(format!("{}: {}: {reason}", case.name, case.end.name()));
            }
        }
        let count = |class| {
            self.cases
                .iter()
                .filter(|case| case.end.class() == class)
                .count()
        };
        Report {
            command: "diff",
            summary: format!(
                "of {} cases {} fail and {} deviate; {} claims of the comparison are contradicted",
                self.cases.len(),
                count(WireClass::Broken),
                count(WireClass::Degraded),
                findings.len()
            ),
            passed,
            findings,
            tables: vec![table],
            notes,
            ..Report::default()
        }
    }
}

//! The matrix as it is printed.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::fault::Family;
use super::matrix::{CellResult, Matrix};
use crate::report::{Finding, Report};

/// A fault and its cells, or the members of a family that come to the same.
struct Line {
    name: String,
    numbers: Vec<u16>,
    cells: Vec<String>,
}

impl Matrix {
    /// Every case, without grouping.
    pub fn json(&self) -> Value {
        let cases = self.verdicts().map(|(fault, operation, verdict)| match verdict {
            CellResult::NotApplicable(reason) => {
                json!({ "fault": fault, "operation": operation, "outcome": "none", "reason": reason })
            }
            CellResult::Executed { expected, got } => json!({
                "fault": fault,
                "operation": operation,
                "outcome": if expected == got { "expected" } else { "unexpected" },
                "expected": expected.json(),
                "got": got.json(),
            }),
        });
        json!({ "cases": self.cases(), "misses": self.misses().len(), "matrix": cases.collect::<Vec<_>>() })
    }

    /// For people: aligned, the operations as numbers.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (place, column) in self.columns.iter().enumerate() {
            let _ = writeln!(text, "{:>3} {column}", place + 1);
        }
        let numbers = (1..=self.columns.len()).map(|number| number.to_string());
        let lines: Vec<Vec<String>> = self.lines("", numbers).collect();
        let width = |column: usize| {
            let cells = lines.iter().map(|line| line[column].chars().count());
            cells.max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..=self.columns.len()).map(width).collect();
        for line in &lines {
            let cells = line.iter().zip(&widths);
            let cells: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            let _ = write!(text, "\n{}", cells.join("  ").trim_end());
        }
        text.push_str("\n\n");
        text.push_str(&self.summary());
        text
    }

    /// A table of Markdown.
    pub fn markdown(&self) -> String {
        let lines = self.lines("fault", self.columns.iter().cloned());
        let mut lines: Vec<Vec<String>> = lines.collect();
        lines.insert(1, vec!["---".to_owned(); self.columns.len() + 1]);
        let lines = lines.iter();
        let lines = lines.map(|line| format!("| {} |\n", line.join(" | ")));
        format!("{}\n{}", lines.collect::<String>(), self.summary())
    }

    /// For machines that read findings: a case as expected has passed.
    pub fn report(&self) -> Report {
        let passed = self
            .verdicts()
            .filter_map(|(fault, operation, verdict)| match verdict {
                CellResult::Executed { expected, got } if expected == got => {
                    Some(format!("{fault}, {operation}"))
                }
                _ => None,
            });
        let misses = self.misses();
        let findings = misses.iter().map(|miss| Finding {
            rule: "unexpected-outcome".to_owned(),
            subject: format!("{}, {}", miss.fault, miss.operation),
            message: format!("expected {:#}, got {:#}", miss.expected, miss.got),
            place: None,
        });
        Report {
            command: "faults".to_owned(),
            summary: format!("{} cases, {} not as expected", self.cases(), misses.len()),
            passed: passed.collect(),
            findings: findings.collect(),
            ..Report::default()
        }
    }

    /// The cells of a header, then those of each line.
    fn lines(
        &self,
        corner: &str,
        header: impl Iterator<Item = String>,
    ) -> impl Iterator<Item = Vec<String>> {
        let mut lines: Vec<Line> = Vec::new();
        for row in &self.rows {
            let cells = row.verdicts.iter().map(CellResult::cell);
            let Some(Family { name, number }) = row.family else {
                lines.push(Line {
                    name: row.fault.clone(),
                    numbers: Vec::new(),
                    cells: cells.collect(),
                });
                continue;
            };
            // The number stands in the name.
            let number_told = format!(" {number}");
            let cells: Vec<String> = cells
                .map(|cell| cell.replacen(&number_told, "", 1))
                .collect();
            let mut kin = lines.iter_mut().filter(|line| !line.numbers.is_empty());
            match kin.find(|line| line.name == name && line.cells == cells) {
                Some(line) => line.numbers.push(number),
                None => lines.push(Line {
                    name: name.to_owned(),
                    numbers: vec![number],
                    cells,
                }),
            }
        }
        let header = [corner.to_owned()].into_iter().chain(header);
        let lines = lines.into_iter().map(|line| {
            let name = format!("{} {}", line.name, ranges(&line.numbers));
            let name = name.trim_end().to_owned();
            [name].into_iter().chain(line.cells).collect()
        });
        [header.collect()].into_iter().chain(lines)
    }

    fn summary(&self) -> String {
        let mut text =
            String::from("↻n  another attempt may succeed, and so many were made in all\n");
        for reason in self.reasons() {
            let _ = writeln!(text, "-   {reason}");
        }
        text.push('\n');
        let misses = self.misses();
        for miss in &misses {
            let (fault, operation) = (miss.fault, miss.operation);
            let _ = writeln!(
                text,
                "{fault}, {operation}: expected {:#}, got {:#}",
                miss.expected, miss.got
            );
        }
        let cases = self.cases();
        let _ = match misses.len() {
            0 => writeln!(text, "{cases} cases, all as expected"),
            misses => writeln!(text, "{misses} of {cases} cases not as expected"),
        };
        text
    }
}

impl CellResult {
    fn cell(&self) -> String {
        match self {
            Self::NotApplicable(_) => "-".to_owned(),
            Self::Executed { expected, got } if expected == got => got.to_string(),
            Self::Executed { got, .. } => format!("✗ {got}"),
        }
    }
}

/// `400, 402-404` for numbers in ascending order.
fn ranges(numbers: &[u16]) -> String {
    let runs = numbers.chunk_by(|before, after| before + 1 == *after);
    let runs = runs.map(|run| match run {
        [first, .., last] => format!("{first}-{last}"),
        single => single.iter().map(u16::to_string).collect(),
    });
    runs.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::matrix::Row;
    use crate::faults::outcome::{Outcome, Payload};

    const FINE: Outcome = Outcome::Success {
        came: Payload::Complete,
        attempts: 1,
    };
    const HALF: Outcome = Outcome::Success {
        came: Payload::Partial,
        attempts: 1,
    };

    fn ran(expected: Outcome, got: Outcome) -> CellResult {
        CellResult::Executed { expected, got }
    }

    fn row(fault: &str, number: Option<u16>, verdicts: [CellResult; 2]) -> Row {
        Row {
            fault: fault.to_owned(),
            family: number.map(|number| Family {
                name: "kin",
                number,
            }),
            verdicts: verdicts.to_vec(),
        }
    }

    fn matrix() -> Matrix {
        let fine = || ran(FINE, FINE);
        Matrix {
            columns: vec!["one".to_owned(), "two".to_owned()],
            rows: vec![
                row(
                    "alone",
                    None,
                    [fine(), CellResult::NotApplicable("no such thing")],
                ),
                row("kin 1", Some(1), [fine(), fine()]),
                row("kin 2", Some(2), [fine(), ran(HALF, FINE)]),
                row("kin 3", Some(3), [fine(), fine()]),
            ],
        }
    }

    #[test]
    fn kin_that_come_to_the_same_are_one_line() {
        let expected = "\
| fault | one | two |
| --- | --- | --- |
| alone | ok | - |
| kin 1, 3 | ok | ok |
| kin 2 | ok | ✗ ok |

↻n  another attempt may succeed, and so many were made in all
-   no such thing

kin 2, two: expected ok, half, got ok
1 of 7 cases not as expected
";
        assert_eq!(matrix().markdown(), expected);
    }

    #[test]
    fn text_is_aligned() {
        let text = matrix().text();
        let table = text.split("\n\n").nth(1).unwrap();
        let expected = "          1   2\nalone     ok  -\nkin 1, 3  ok  ok\nkin 2     ok  ✗ ok";
        assert_eq!(table, expected);
    }

    #[test]
    fn json_has_every_case() {
        let json = matrix().json();
        let cases = json["matrix"].as_array().unwrap();
        let outcomes: Vec<_> = cases
            .iter()
            .map(|case| case["outcome"].as_str().unwrap())
            .collect();
        let mut expected = ["expected"; 8];
        (expected[1], expected[5]) = ("none", "unexpected");
        assert_eq!(outcomes, expected);
    }

    #[test]
    fn numbers_in_a_row_are_a_range() {
        assert_eq!(ranges(&[400]), "400");
        assert_eq!(
            ranges(&[400, 401, 403, 405, 406, 407]),
            "400-401, 403, 405-407"
        );
    }
}

//! The matrix: a row for each fault, a column for each operation.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::fault::{Family, Fault};
use super::outcome::Outcome;
use super::subject::Subject;

/// What came of every fault for every operation.
#[derive(Debug)]
pub struct Matrix {
    /// The operations.
    pub columns: Vec<String>,
    /// The faults, in the order of the table.
    pub rows: Vec<Row>,
}

/// What came of one fault.
#[derive(Debug)]
pub struct Row {
    /// The fault.
    pub fault: String,
    family: Option<Family>,
    /// One for each column.
    pub verdicts: Vec<Verdict>,
}

/// What came of one fault for one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was run.
    Ran {
        /// What the table says.
        expected: Outcome,
        /// What a caller got.
        got: Outcome,
    },
    /// There is no such case, and why.
    Meaningless(&'static str),
}

/// A case that did not come out as the table says.
#[derive(Debug)]
pub struct Miss<'m> {
    /// The fault.
    pub fault: &'m str,
    /// The operation.
    pub operation: &'m str,
    /// What the table says.
    pub expected: &'m Outcome,
    /// What a caller got.
    pub got: &'m Outcome,
}

impl Matrix {
    /// The verdicts stand in the order of the faults, those of one in the order of the subjects.
    pub(super) fn new(
        subjects: &[impl AsRef<Subject>],
        faults: &[impl AsRef<Fault>],
        verdicts: Vec<Verdict>,
    ) -> Self {
        let columns: Vec<String> = subjects
            .iter()
            .map(|subject| subject.as_ref().name())
            .collect();
        let rows = faults.iter().zip(verdicts.chunks(columns.len()));
        let row = |(fault, verdicts): (&_, &[Verdict])| {
            let fault: &Fault = AsRef::as_ref(fault);
            Row {
                fault: fault.name.clone(),
                family: fault.family,
                verdicts: verdicts.to_vec(),
            }
        };
        let rows = rows.map(row).collect();
        Self { columns, rows }
    }

    /// How many cases were run.
    pub fn cases(&self) -> usize {
        self.verdicts()
            .filter(|(.., verdict)| matches!(verdict, Verdict::Ran { .. }))
            .count()
    }

    /// The cases that did not come out as the table says.
    pub fn misses(&self) -> Vec<Miss<'_>> {
        let misses = self
            .verdicts()
            .filter_map(|(fault, operation, verdict)| match verdict {
                Verdict::Ran { expected, got } if expected != got => Some(Miss {
                    fault,
                    operation,
                    expected,
                    got,
                }),
                _ => None,
            });
        misses.collect()
    }

    /// Why there are cases that were not run.
    pub fn reasons(&self) -> BTreeSet<&'static str> {
        let reasons = self.verdicts().filter_map(|(.., verdict)| match verdict {
            Verdict::Meaningless(reason) => Some(*reason),
            Verdict::Ran { .. } => None,
        });
        reasons.collect()
    }

    /// Every case, without grouping.
    pub fn json(&self) -> Value {
        let cases = self.verdicts().map(|(fault, operation, verdict)| match verdict {
            Verdict::Meaningless(reason) => {
                json!({ "fault": fault, "operation": operation, "outcome": "none", "reason": reason })
            }
            Verdict::Ran { expected, got } => json!({
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
        let header = [String::new()].into_iter().chain(numbers).collect();
        let lines: Vec<Vec<String>> = [header].into_iter().chain(self.lines()).collect();
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
        let header = ["fault".to_owned()]
            .into_iter()
            .chain(self.columns.iter().cloned());
        let rule = vec!["---".to_owned(); self.columns.len() + 1];
        let lines = [header.collect(), rule].into_iter().chain(self.lines());
        let lines = lines.map(|line| format!("| {} |\n", line.join(" | ")));
        format!("{}\n{}", lines.collect::<String>(), self.summary())
    }

    /// A fault and its cells; members of a family that come to the same are one line.
    fn lines(&self) -> Vec<Vec<String>> {
        let mut lines: Vec<(Option<&'static str>, Vec<u16>, Vec<String>)> = Vec::new();
        for row in &self.rows {
            let cells: Vec<String> = row.verdicts.iter().map(Verdict::cell).collect();
            let Some(Family { name, number }) = row.family else {
                lines.push((None, Vec::new(), [vec![row.fault.clone()], cells].concat()));
                continue;
            };
            // The number stands in the name.
            let number_told = format!(" {number}");
            let cells: Vec<String> = cells
                .iter()
                .map(|cell| cell.replacen(&number_told, "", 1))
                .collect();
            let mut alike = lines.iter_mut();
            let alike = alike.find(|(family, _, line)| *family == Some(name) && line[1..] == cells);
            match alike {
                Some((_, numbers, _)) => numbers.push(number),
                None => lines.push((
                    Some(name),
                    vec![number],
                    [vec![String::new()], cells].concat(),
                )),
            }
        }
        let named = lines.into_iter().map(|(family, numbers, mut line)| {
            if let Some(family) = family {
                line[0] = format!("{family} {}", ranges(&numbers));
            }
            line
        });
        named.collect()
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

    fn verdicts(&self) -> impl Iterator<Item = (&str, &str, &Verdict)> {
        self.rows.iter().flat_map(|row| {
            let cells = self.columns.iter().zip(&row.verdicts);
            cells.map(|(column, verdict)| (row.fault.as_str(), column.as_str(), verdict))
        })
    }
}

impl Verdict {
    fn cell(&self) -> String {
        match self {
            Self::Meaningless(_) => "-".to_owned(),
            Self::Ran { expected, got } if expected == got => got.to_string(),
            Self::Ran { got, .. } => format!("✗ {got}"),
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
    use crate::faults::outcome::Came;

    const FINE: Outcome = Outcome::Success {
        came: Came::All,
        attempts: 1,
    };
    const HALF: Outcome = Outcome::Success {
        came: Came::Half,
        attempts: 1,
    };

    fn ran(expected: Outcome, got: Outcome) -> Verdict {
        Verdict::Ran { expected, got }
    }

    fn row(fault: &str, number: Option<u16>, verdicts: [Verdict; 2]) -> Row {
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
                    [fine(), Verdict::Meaningless("no such thing")],
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

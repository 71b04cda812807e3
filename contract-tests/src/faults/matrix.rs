//! The matrix, a row for each fault and a column for each operation, and its report.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::fault::Outcome;
use super::fault::{Family, Fault};
use super::operations::Target;
use crate::report::{Check, Finding, Report, Table};

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
    pub cells: Vec<CellResult>,
}

/// What came of one fault for one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellResult {
    /// It was run.
    Executed {
        /// What the table says.
        expected: Outcome,
        /// What a caller got.
        got: Outcome,
    },
    /// There is no such case, and why.
    NotApplicable(&'static str),
}

/// Fault and operation, with the expected outcome and the one that came.
pub type Case<'m> = (&'m str, &'m str, &'m Outcome, &'m Outcome);

/// A fault and its cells, or the members of a family that have the same.
struct Line {
    name: String,
    numbers: Vec<u16>,
    cells: Vec<String>,
}

impl Matrix {
    /// The cells stand in the order of the faults, those of one in the order of the targets.
    pub(super) fn new(
        targets: &[Arc<Target>],
        faults: &[Arc<Fault>],
        cells: &[CellResult],
    ) -> Self {
        let rows = faults.iter().zip(cells.chunks(targets.len()));
        let rows = rows.map(|(fault, cells)| Row {
            fault: fault.name.clone(),
            family: fault.family,
            cells: cells.to_vec(),
        });
        Self {
            columns: targets.iter().map(|target| target.name()).collect(),
            rows: rows.collect(),
        }
    }

    /// How many cases were run.
    pub fn cases(&self) -> usize {
        self.executed().count()
    }

    /// The cases that did not come out as the table says.
    pub fn misses(&self) -> Vec<Case<'_>> {
        let executed = self.executed();
        executed
            .filter(|(.., expected, got)| expected != got)
            .collect()
    }

    fn executed(&self) -> impl Iterator<Item = Case<'_>> {
        self.rows.iter().flat_map(|row| {
            let cells = self.columns.iter().zip(&row.cells);
            cells.filter_map(|(operation, cell)| match cell {
                CellResult::Executed { expected, got } => {
                    Some((&*row.fault, &**operation, expected, got))
                }
                CellResult::NotApplicable(_) => None,
            })
        })
    }

    /// A case as expected has passed.
    pub fn report(&self) -> Report {
        let passed = self
            .executed()
            .filter(|(.., expected, got)| expected == got);
        let misses = self.misses();
        let findings = misses.iter().map(|(fault, operation, expected, got)| {
            Finding::new(
                *fault,
                *operation,
                format!("expected {expected:#}, got {got:#}"),
            )
        });
        let cases = self.cases();
        Report {
            command: "faults",
            summary: match misses.len() {
                0 => format!("{cases} cases, all as expected"),
                missed => format!("{missed} of {cases} cases not as expected"),
            },
            passed: passed
                .map(|(fault, operation, ..)| Check::new(fault, operation))
                .collect(),
            findings: findings.collect(),
            tables: vec![self.table()],
            notes: self.legend(),
            details: json!({ "cases": cases, "misses": misses.len(), "matrix": self.json() }),
            ..Report::default()
        }
    }

    /// Every cell, for machines.
    fn json(&self) -> Value {
        let cells = self.rows.iter().flat_map(|row| {
            let cells = self.columns.iter().zip(&row.cells);
            cells.map(|(operation, cell)| match cell {
                CellResult::NotApplicable(reason) => json!({
                    "fault": row.fault,
                    "operation": operation,
                    "outcome": "none",
                    "reason": reason,
                }),
                CellResult::Executed { expected, got } => json!({
                    "fault": row.fault,
                    "operation": operation,
                    "outcome": if expected == got { "expected" } else { "unexpected" },
                    "expected": expected.json(),
                    "got": got.json(),
                }),
            })
        });
        cells.collect()
    }

    /// The operations are numbers, which the legend explains.
    fn table(&self) -> Table {
        let numbers = (1..=self.columns.len()).map(|number| number.to_string());
        let mut table = Table::new(["fault".to_owned()].into_iter().chain(numbers));
        for line in self.lines() {
            table.add(line);
        }
        table
    }

    fn legend(&self) -> Vec<String> {
        let columns = self.columns.iter().enumerate();
        let columns = columns.map(|(index, name)| format!("{}   {name}", index + 1));
        let retried = "↻n  another attempt may succeed, and so many were made in all".to_owned();
        let reasons = self.rows.iter().flat_map(|row| &row.cells);
        let reasons = reasons.filter_map(|cell| match cell {
            CellResult::NotApplicable(reason) => Some(format!("-   {reason}")),
            CellResult::Executed { .. } => None,
        });
        let reasons: BTreeSet<String> = reasons.collect();
        columns.chain([retried]).chain(reasons).collect()
    }

    /// The cells of each line.
    fn lines(&self) -> impl Iterator<Item = Vec<String>> {
        let mut lines: Vec<Line> = Vec::new();
        for row in &self.rows {
            let cells = row.cells.iter().map(CellResult::cell);
            let Some(Family { name, number }) = row.family else {
                lines.push(Line {
                    name: row.fault.clone(),
                    numbers: Vec::new(),
                    cells: cells.collect(),
                });
                continue;
            };
            // The number is in the name.
            let number_in_cell = format!(" {number}");
            let cells: Vec<String> = cells
                .map(|cell| cell.replacen(&number_in_cell, "", 1))
                .collect();
            let mut family = lines.iter_mut().filter(|line| !line.numbers.is_empty());
            match family.find(|line| line.name == name && line.cells == cells) {
                Some(line) => line.numbers.push(number),
                None => lines.push(Line {
                    name: name.to_owned(),
                    numbers: vec![number],
                    cells,
                }),
            }
        }
        lines.into_iter().map(|line| {
            let name = format!("{} {}", line.name, ranges(&line.numbers));
            let name = name.trim_end().to_owned();
            [name].into_iter().chain(line.cells).collect()
        })
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
    use crate::faults::fault::Payload;
    use crate::report::{ColorChoice, Format};

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

    fn row(fault: &str, number: Option<u16>, cells: [CellResult; 2]) -> Row {
        Row {
            fault: fault.to_owned(),
            family: number.map(|number| Family {
                name: "kin",
                number,
            }),
            cells: cells.to_vec(),
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
    fn members_of_a_family_with_the_same_cells_are_one_line() {
        let report = matrix().report();
        let expected = "\
fault     1   2
alone     ok  -
kin 1, 3  ok  ok
kin 2     ok  ✗ ok

1   one
2   two
↻n  another attempt may succeed, and so many were made in all
-   no such thing
kin 2: two: expected ok, half, got ok
faults: 1 of 7 cases not as expected
";
        assert_eq!(report.render(Format::Text, ColorChoice::Never), expected);
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

//! The matrix as a report.

use serde_json::{Value, json};

use super::fault::Family;
use super::matrix::{CellResult, Matrix};
use crate::report::{Check, Finding, Report, Table, fields};

/// A fault and its cells, or the members of a family that have the same.
struct Line {
    name: String,
    numbers: Vec<u16>,
    cells: Vec<String>,
}

impl Matrix {
    /// A row for each fault, a column for each operation. A case as expected has passed.
    pub fn report(&self) -> Report {
        let is_expected = |(.., result): &(&str, &str, &CellResult)| matches!(result, CellResult::Executed { expected, got } if expected == got);
        let passed = self.verdicts().filter(is_expected);
        let misses = self.misses();
        let findings = misses.iter().map(|miss| {
            let message = format!("expected {:#}, got {:#}", miss.expected, miss.got);
            Finding::new(miss.fault, miss.operation, message)
        });
        let cases = self.verdicts().map(|(fault, operation, result)| match result {
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
        Report {
            command: "faults",
            summary: match misses.len() {
                0 => format!("{} cases, all as expected", self.cases()),
                missed => format!("{missed} of {} cases not as expected", self.cases()),
            },
            passed: passed
                .map(|(fault, operation, _)| Check::new(fault, operation))
                .collect(),
            findings: findings.collect(),
            tables: vec![self.table()],
            notes: self.legend(),
            fields: fields([
                ("cases", json!(self.cases())),
                ("misses", json!(misses.len())),
                ("matrix", cases.collect::<Vec<Value>>().into()),
            ]),
        }
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
        let reasons = self
            .reasons()
            .into_iter()
            .map(|reason| format!("-   {reason}"));
        columns.chain([retried]).chain(reasons).collect()
    }

    /// The cells of each line.
    fn lines(&self) -> impl Iterator<Item = Vec<String>> {
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
    use crate::faults::matrix::Row;
    use crate::faults::outcome::{Outcome, Payload};
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
    fn json_has_every_case() {
        let report = matrix().report();
        let cases = report.fields["matrix"].as_array().unwrap();
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

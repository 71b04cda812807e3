//! The matrix: a row for each fault, a column for each operation.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fault::{Family, Fault};
use super::operations::Target;
use super::outcome::Outcome;

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
    pub(super) family: Option<Family>,
    /// One for each column.
    pub verdicts: Vec<CellResult>,
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

/// A case that did not come out as the table says.
#[derive(Debug)]
pub struct Mismatch<'m> {
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
        subjects: &[Arc<Target>],
        faults: &[Arc<Fault>],
        verdicts: &[CellResult],
    ) -> Self {
        let rows = faults.iter().zip(verdicts.chunks(subjects.len()));
        let rows = rows.map(|(fault, verdicts)| Row {
            fault: fault.name.clone(),
            family: fault.family,
            verdicts: verdicts.to_vec(),
        });
        Self {
            columns: subjects.iter().map(|subject| subject.name()).collect(),
            rows: rows.collect(),
        }
    }

    /// How many cases were run.
    pub fn cases(&self) -> usize {
        self.verdicts()
            .filter(|(.., verdict)| matches!(verdict, CellResult::Executed { .. }))
            .count()
    }

    /// The cases that did not come out as the table says.
    pub fn misses(&self) -> Vec<Mismatch<'_>> {
        let misses = self
            .verdicts()
            .filter_map(|(fault, operation, verdict)| match verdict {
                CellResult::Executed { expected, got } if expected != got => Some(Mismatch {
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
            CellResult::NotApplicable(reason) => Some(*reason),
            CellResult::Executed { .. } => None,
        });
        reasons.collect()
    }

    /// Every fault and operation with what came of them.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = (&str, &str, &CellResult)> {
        self.rows.iter().flat_map(|row| {
            let cells = self.columns.iter().zip(&row.verdicts);
            cells.map(|(column, verdict)| (row.fault.as_str(), column.as_str(), verdict))
        })
    }
}

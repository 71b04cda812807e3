//! Whether the comparison of two contracts and the cases agree about a change.
//!
//! A case that fails under a change that no program should notice contradicts the comparison. A change that no case notices is
//! a finding anyway.

use std::collections::BTreeMap;

use cometapi_contract::diff::WireClass;

use super::MutantResult;
use crate::report::{Finding, Table};

/// Changes that a case notices although a program goes on: the case looks at more than a program needs.
const SEEN_BY_CASES_ALONE: &[(&str, &str)] = &[
    (
        "success-status-changed",
        "the case asserts the status, a client takes every success",
    ),
    (
        "error-status-removed",
        "the case asks for a response that is no longer there",
    ),
    (
        "error-media-type-changed",
        "the case asserts the media type, a client reads the error's body whatever it is",
    ),
    (
        "auth-not-required",
        "the case asserts that a request without a key is refused",
    ),
    ("enum-closed", "the case plays values that aren't listed"),
    (
        "null-added",
        "the case expects the value that is null now, which a client reads as absent",
    ),
    (
        "property-became-required",
        "the case expects the property to be absent",
    ),
];

/// The worst of what the comparison says.
fn class(fate: &MutantResult<'_>) -> Option<WireClass> {
    let changes = fate.changes.iter();
    let of_api = changes.filter(|change| !change.rule.is_text());
    of_api.map(|change| change.wire).max()
}

/// The mutants by class, and how many of them the cases have caught.
pub(super) fn table(fates: &[MutantResult<'_>]) -> Table {
    let mut counts: BTreeMap<Option<WireClass>, (usize, usize)> = BTreeMap::new();
    for fate in fates {
        let (caught, all) = counts.entry(class(fate)).or_default();
        *caught += usize::from(fate.is_caught());
        *all += 1;
    }
    let mut table = Table::new(["for running programs", "caught", "of"]);
    for (class, (caught, all)) in counts {
        let name = class.map_or("no change", WireClass::as_str);
        table.add([name, &caught.to_string(), &all.to_string()]);
    }
    table
}

/// Where comparison and cases disagree without a reason.
pub(super) fn contradictions<'f>(
    fates: &'f [MutantResult<'_>],
) -> impl Iterator<Item = Finding> + use<'f> {
    fates.iter().filter_map(|fate| {
        let message = match class(fate) {
            None => "the contracts compare as equal".to_owned(),
            Some(WireClass::Unaffected) if fate.is_caught() && !is_explained(fate) => {
                "a case fails, but the comparison says that programs are unaffected".to_owned()
            }
            _ => return None,
        };
        let (rule, subject) = (fate.mutant.operator.name, fate.mutant.site.as_str());
        Some(Finding::new(rule, subject, message))
    })
}

fn is_explained(fate: &MutantResult<'_>) -> bool {
    explanation(fate).is_some()
}

/// The rule, and why a case notices what a program doesn't.
fn explanation(fate: &MutantResult<'_>) -> Option<(&'static str, &'static str)> {
    let mut known = SEEN_BY_CASES_ALONE.iter().copied();
    known.find(|(rule, _)| fate.changes.iter().any(|change| change.rule.id == *rule))
}

/// How many mutants each reason explains.
pub(super) fn explained(fates: &[MutantResult<'_>]) -> Table {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let unaffected = fates
        .iter()
        .filter(|fate| class(fate) == Some(WireClass::Unaffected));
    for explanation in unaffected
        .filter(|fate| fate.is_caught())
        .filter_map(explanation)
    {
        *counts.entry(explanation).or_default() += 1;
    }
    let mut table = Table::new(["seen by cases alone", "", "because"]);
    for ((rule, reason), count) in counts {
        table.add([rule, &count.to_string(), reason]);
    }
    table
}

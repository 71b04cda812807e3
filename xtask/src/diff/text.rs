//! What to write into the changelog, and what to tell callers who must act.

use cometapi_contract::diff::{Direction, Level};

use super::assessment::{AssessedChange, Assessment};

/// A change in one sentence.
pub fn sentence(assessed: &AssessedChange) -> String {
    let change = &assessed.change;
    let subject = match change.subject.as_str() {
        "" => "The contract".to_owned(),
        subject => format!("`{subject}`"),
    };
    let values = match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!(": `{before}` -> `{after}`"),
        (Some(value), None) | (None, Some(value)) => format!(": `{value}`"),
        (None, None) => String::new(),
    };
    let direction = match change.direction {
        Direction::Request => " (requests)",
        Direction::Response => " (responses)",
        Direction::Both => "",
    };
    format!("{subject} {}{values}{direction}", change.rule.summary)
}

/// The lines of the changelog, in the order of the contract. What only a reader of the contract sees has none.
pub fn changelog(assessment: &Assessment<'_>) -> Vec<String> {
    let told = assessment
        .changes
        .iter()
        .filter(|it| it.level() > Level::Patch);
    let changes = told.map(|it| format!("- {}.", sentence(it)));
    let others = assessment
        .other_items
        .iter()
        .map(|item| format!("- {item}."));
    let mut lines = Vec::new();
    for line in changes.chain(others) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// What callers have to change, with before and after.
pub fn migration(assessment: &Assessment<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let of_changes = assessment.changes.iter().flat_map(|it| &it.items);
    let items = of_changes.chain(&assessment.other_items);
    for item in items.filter(|item| item.level == Level::Major) {
        lines.push(match (&item.before, &item.after) {
            (Some(before), Some(after)) => {
                format!("- `{}`: before `{before}`, after `{after}`.", item.path)
            }
            (_, None) => format!("- `{}` is gone: remove what uses it.", item.path),
            (None, Some(after)) => format!(
                "- `{}` is new: `{after}`. List it where all are listed.",
                item.path
            ),
        });
    }
    let silent = |it: &&AssessedChange| {
        it.change.rule.level == Level::Major
            && it.items.iter().all(|item| item.level < Level::Major)
    };
    for change in assessment.changes.iter().filter(silent) {
        lines.push(format!(
            "- {}. It still compiles: look at each call.",
            sentence(change)
        ));
    }
    lines.dedup();
    lines
}

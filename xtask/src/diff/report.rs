//! The comparison, in the formats that people and machines read.

use cometapi_contract::diff::{Level, WireClass};
use contract_report::{Check, Finding, Format, Report, Severity, Table};
use serde_json::{Value, json};

use super::assessment::{AssessedChange, Assessment};
use super::public_items::ApiChange;
use super::text;
use super::version::Verdict;

pub fn render(assessment: &Assessment<'_>, verdict: &Verdict, format: Format) -> Report {
    let mut report = Report {
        command: "diff",
        summary: summary(assessment, verdict),
        findings: version(verdict).into_iter().collect(),
        details: json!({
            "old": assessment.old_label,
            "new": assessment.new_label,
            "wire": assessment.wire().as_str(),
            "level": level(verdict.level),
            "old_version": verdict.old,
            "new_version": verdict.new,
            "wanted_version": verdict.wanted,
            "not_generated": assessment.not_generated,
            "changes": assessment.changes.iter().map(change_json).collect::<Value>(),
            "other_items": assessment.other_items.iter().map(item_json).collect::<Value>(),
            "changelog": text::changelog(assessment),
            "migration": text::migration(assessment),
        }),
        ..Report::default()
    };
    let version_check = Check::new("version", "info.version");
    if verdict.wanted.is_none() {
        report.passed.push(version_check);
    }
    match format {
        Format::Text => report.notes = blocks(assessment),
        Format::Markdown => report.tables.extend(table(assessment)),
        Format::Github => report.findings.extend(annotations(assessment)),
        Format::Junit => report.passed.extend(unaffected(assessment)),
        Format::Json => {}
    }
    if matches!(format, Format::Text | Format::Markdown) {
        let (heading, end) = match format {
            Format::Markdown => ("### ", "\n"),
            _ => ("", ""),
        };
        for (title, lines) in [
            ("Changelog", text::changelog(assessment)),
            ("Migration", text::migration(assessment)),
        ] {
            if !lines.is_empty() {
                report
                    .notes
                    .push(format!("{heading}{title}\n{end}{}\n", lines.join("\n")));
            }
        }
        if let Some(reason) = &assessment.not_generated {
            report
                .notes
                .push(format!("The Rust API was not compared: {reason}\n"));
        }
    }
    report
}

fn summary(assessment: &Assessment<'_>, verdict: &Verdict) -> String {
    let (old, new) = (assessment.old_label, assessment.new_label);
    if assessment.changes.is_empty() && assessment.other_items.is_empty() {
        return format!("{old} and {new} are the same");
    }
    let count = |class| {
        assessment
            .changes
            .iter()
            .filter(|it| it.change.wire == class)
            .count()
    };
    let items: usize = assessment.changes.iter().map(|it| it.items.len()).sum();
    format!(
        "changes from {old} to {new}: {}; breaking programs that run: {}; degrading them: {}; Rust items that differ: {}; {}",
        assessment.changes.len(),
        count(WireClass::Broken),
        count(WireClass::Degraded),
        items + assessment.other_items.len(),
        match verdict.level {
            Level::None => "no new version needed",
            Level::Patch => "a patch version",
            Level::Minor => "a minor version",
            Level::Major => "a major version",
        }
    )
}

fn version(verdict: &Verdict) -> Option<Finding> {
    let wanted = verdict.wanted.as_ref()?;
    let message = format!(
        "is {}, and has to be {wanted} at least: the last one was {}, and the changes ask for a {} version",
        verdict.new,
        verdict.old,
        level(verdict.level)
    );
    Some(Finding::new("version", "info.version", message))
}

fn level(level: Level) -> &'static str {
    match level {
        Level::None => "none",
        Level::Patch => "patch",
        Level::Minor => "minor",
        Level::Major => "major",
    }
}

/// Each change in a few lines. Texts and examples are counted only.
fn blocks(assessment: &Assessment<'_>) -> Vec<String> {
    let (texts, others): (Vec<_>, Vec<_>) = assessment.changes.iter().partition(|it| is_text(it));
    let mut blocks = Vec::new();
    for it in others {
        let change = &it.change;
        let (old, new) = (&change.old, &change.new);
        let mut lines = vec![
            format!(
                "{}:{}: {}: {}",
                assessment.new_label,
                new.line,
                change.rule.id,
                text::sentence(it)
            ),
            format!(
                "  was at {}:{} {}",
                assessment.old_label, old.line, old.pointer
            ),
            format!("  programs that run: {}", change.wire.as_str()),
        ];
        for item in &it.items {
            lines.push(format!("  Rust: {item}"));
        }
        if let Some(behavior) = change.rule.behavior {
            lines.push(format!("  behaviour: {behavior}"));
        }
        lines.push(format!("  version: {}\n", level(it.level())));
        blocks.push(lines.join("\n"));
    }
    if !assessment.other_items.is_empty() {
        let items = assessment
            .other_items
            .iter()
            .map(|item| format!("  Rust: {item}\n"));
        blocks.push(format!(
            "Rust items that differ beside these:\n{}",
            items.collect::<String>()
        ));
    }
    if !texts.is_empty() {
        blocks.push(format!(
            "{} changes of descriptions and examples\n",
            texts.len()
        ));
    }
    blocks
}

fn is_text(it: &AssessedChange) -> bool {
    matches!(
        it.change.rule.id,
        "documentation-changed" | "example-changed"
    ) && it.items.is_empty()
}

fn table(assessment: &Assessment<'_>) -> Option<Table> {
    let mut table = Table::new(["change", "programs that run", "Rust", "version", "line"]);
    let mut is_empty = true;
    for it in assessment.changes.iter().filter(|it| !is_text(it)) {
        is_empty = false;
        let items: Vec<String> = it.items.iter().map(ToString::to_string).collect();
        table.add([
            text::sentence(it),
            it.change.wire.as_str().to_owned(),
            items.join("; "),
            level(it.level()).to_owned(),
            it.change.new.line.to_string(),
        ]);
    }
    for item in &assessment.other_items {
        is_empty = false;
        let level = level(item.level).to_owned();
        table.add([
            "Rust alone".to_owned(),
            String::new(),
            item.to_string(),
            level,
            String::new(),
        ]);
    }
    (!is_empty).then_some(table)
}

fn annotations<'a>(assessment: &'a Assessment<'_>) -> impl Iterator<Item = Finding> + 'a {
    let told = assessment.changes.iter().filter(|it| !is_text(it));
    told.map(|it| Finding {
        location: Some((assessment.new_label.to_owned(), it.change.new.line)),
        severity: match (it.change.wire, it.level()) {
            (WireClass::Unaffected, Level::None | Level::Patch | Level::Minor) => Severity::Notice,
            _ => Severity::Warning,
        },
        ..Finding::new(
            it.change.rule.id,
            it.change.subject.as_str(),
            text::sentence(it),
        )
    })
}

fn unaffected<'a>(assessment: &'a Assessment<'_>) -> impl Iterator<Item = Check> + 'a {
    let changes = assessment.changes.iter();
    changes.map(|it| Check::new(it.change.rule.id, it.change.subject.as_str()))
}

fn change_json(it: &AssessedChange) -> Value {
    let change = &it.change;
    json!({
        "rule": change.rule.id,
        "subject": change.subject,
        "direction": change.direction.as_str(),
        "before": change.before,
        "after": change.after,
        "old": { "pointer": change.old.pointer, "line": change.old.line },
        "new": { "pointer": change.new.pointer, "line": change.new.line },
        "operations": change.operations,
        "wire": change.wire.as_str(),
        "rust": level(it.rust()),
        "behavior": change.rule.behavior,
        "level": level(it.level()),
        "items": it.items.iter().map(item_json).collect::<Value>(),
        "text": text::sentence(it),
    })
}

fn item_json(item: &ApiChange) -> Value {
    json!({
        "item": item.path.to_string(),
        "before": item.before,
        "after": item.after,
        "level": level(item.level),
    })
}

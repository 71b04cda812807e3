//! Annotations of GitHub's workflows.

use std::fmt::Write as _;

use super::{MAX_SHOWN, Report};

pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    for finding in report.findings.iter().take(MAX_SHOWN) {
        let location = finding.location.as_ref();
        let location = location.map(|(file, line)| format!("file={},line={line},", property(file)));
        let message = data(&format!("{}: {}", finding.subject, finding.message));
        let (location, title) = (location.unwrap_or_default(), property(&finding.rule));
        let _ = writeln!(text, "::error {location}title={title}::{message}");
    }
    let more = report.not_shown().map(|more| format!(", {more}"));
    let summary = data(&format!("{}{}", report.summary, more.unwrap_or_default()));
    let _ = writeln!(text, "::notice title={}::{summary}", report.command);
    text
}

fn property(text: &str) -> String {
    escape(text, &['%', '\r', '\n', ':', ','])
}

fn data(text: &str) -> String {
    escape(text, &['%', '\r', '\n'])
}

/// As workflow commands want it: percent and two digits.
fn escape(text: &str, special: &[char]) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match special.contains(&character) {
            true => {
                let _ = write!(escaped, "%{:02X}", u32::from(character));
            }
            false => escaped.push(character),
        }
    }
    escaped
}

//! Reports in the formats of CI servers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::{Check, MAX_SHOWN, Report, Severity};

/// JUnit's XML: a test for each check. Its class and name are the same whether it passes or fails.
pub(super) fn junit(report: &Report) -> String {
    let passed = report
        .passed
        .iter()
        .map(|check| (check.clone(), Vec::new()));
    let mut tests: BTreeMap<Check, Vec<&str>> = passed.collect();
    for finding in &report.findings {
        tests
            .entry(finding.check())
            .or_default()
            .push(&finding.message);
    }
    let mut suite = TestSuite::new(report.command);
    for (check, messages) in tests {
        let status = match messages.first() {
            None => TestCaseStatus::success(),
            Some(first) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_type(check.rule.as_str()).set_message(*first);
                status.set_description(messages.join("\n"));
                status
            }
        };
        suite.add_test_case(test_case(report, &check, status));
    }
    for (check, reason) in &report.skipped {
        let mut status = TestCaseStatus::skipped();
        status.set_message(reason.as_str());
        suite.add_test_case(test_case(report, check, status));
    }
    for (check, reason) in &report.errors {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(reason.as_str());
        status.set_description(reason.as_str());
        suite.add_test_case(test_case(report, check, status));
    }
    let mut xml = quick_junit::Report::new(report.command);
    xml.add_test_suite(suite);
    let text = xml.to_string();
    text.expect("text can be written as XML")
}

fn test_case(report: &Report, check: &Check, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(check.subject.as_str(), status);
    case.set_classname(format!("{}.{}", report.command, check.rule));
    case
}

/// Annotations of GitHub's workflows.
pub(super) fn github(report: &Report) -> String {
    let mut text = String::new();
    for finding in report.findings.iter().take(MAX_SHOWN) {
        let location = finding.location.as_ref();
        let location = location.map(|(file, line)| format!("file={},line={line},", property(file)));
        let message = data(&format!("{}: {}", finding.subject, finding.message));
        let (location, title) = (location.unwrap_or_default(), property(&finding.rule));
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
        };
        let _ = writeln!(text, "::{level} {location}title={title}::{message}");
    }
    for (check, reason) in &report.errors {
        let message = data(&format!("{}: {reason}", check.subject));
        let _ = writeln!(text, "::warning title={}::{message}", property(&check.rule));
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

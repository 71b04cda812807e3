//! JUnit's XML, as CI servers read it.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::{Check, Report};

/// A test for each check. Its class and name are the same whether it passes or fails.
pub(super) fn render(report: &Report) -> String {
    let passed = report
        .passed
        .iter()
        .map(|check| (check.clone(), Vec::new()));
    let mut tests: BTreeMap<Check, Vec<&str>> = passed.collect();
    for finding in &report.findings {
        let check = Check::new(finding.rule.clone(), finding.subject.clone());
        tests.entry(check).or_default().push(&finding.message);
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
        let mut case = TestCase::new(check.subject.as_str(), status);
        case.set_classname(format!("{}.{}", report.command, check.rule));
        suite.add_test_case(case);
    }
    let mut xml = quick_junit::Report::new(report.command);
    xml.add_test_suite(suite);
    let text = xml.to_string();
    text.expect("text can be written as XML")
}

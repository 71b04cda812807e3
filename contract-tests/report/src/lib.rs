//! What a check has found, in the formats that people and machines read.
//!
//! `lib.rs` holds the report and its text, JSON and Markdown; `ci.rs` the formats of CI servers.

mod ci;

use std::fmt::Write as _;
use std::io::IsTerminal;

use clap::ValueEnum;
use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use serde_json::{Value, json};

/// People read so many findings; JSON and JUnit have all of them.
const MAX_SHOWN: usize = 50;

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables and findings, for people
    #[default]
    Text,
    /// One object on one line
    Json,
    /// XML for CI servers
    Junit,
    /// Annotations of GitHub's workflows
    Github,
    /// For a summary or a comment
    Markdown,
}

/// Whether a text has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorChoice {
    /// Escape sequences of terminals.
    Always,
    /// Nothing but text.
    Never,
}

/// One thing that was checked. Rule and subject name it in every run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Check {
    /// What was checked.
    pub rule: String,
    /// What it was checked of.
    pub subject: String,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Notice,
    /// To be looked at.
    Warning,
    /// A failure.
    #[default]
    Error,
}

/// Something that isn't as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: String,
    /// What breaks it.
    pub subject: String,
    /// How.
    pub message: String,
    /// How much it matters.
    pub severity: Severity,
    /// File and line to look at.
    pub location: Option<(String, usize)>,
    /// The check that it fails; that of its rule and subject by default.
    pub check: Option<Check>,
}

/// What a command has checked, and found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The command.
    pub command: &'static str,
    /// The result in a line.
    pub summary: String,
    /// What is as it should be.
    pub passed: Vec<Check>,
    /// What isn't.
    pub findings: Vec<Finding>,
    /// What was left out on purpose, and why.
    pub skipped: Vec<(Check, String)>,
    /// What could not be checked, and why.
    pub errors: Vec<(Check, String)>,
    /// Counts and results.
    pub tables: Vec<Table>,
    /// Remarks below the tables.
    pub notes: Vec<String>,
    /// What the JSON has beside what every command has; null for nothing.
    pub details: Value,
}

impl ColorChoice {
    /// Colours on a terminal, unless `NO_COLOR` is set.
    pub fn of_output() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match std::io::stdout().is_terminal() && !unwanted {
            true => Self::Always,
            false => Self::Never,
        }
    }
}

impl Report {
    /// The whole report, ending in a line break.
    pub fn render(&self, format: Format, color: ColorChoice) -> String {
        match format {
            Format::Text => self.text(color),
            Format::Json => format!("{}\n", self.json()),
            Format::Junit => ci::junit(self),
            Format::Github => ci::github(self),
            Format::Markdown => self.markdown(),
        }
    }

    fn text(&self, color: ColorChoice) -> String {
        let (start, end) = match (color, self.findings.is_empty()) {
            (ColorChoice::Never, _) => ("", ""),
            (ColorChoice::Always, true) => ("\x1b[32m", "\x1b[0m"),
            (ColorChoice::Always, false) => ("\x1b[31m", "\x1b[0m"),
        };
        let mut text = String::new();
        for table in &self.tables {
            let _ = writeln!(text, "{}\n", table.text());
        }
        for note in &self.notes {
            let _ = writeln!(text, "{note}");
        }
        for finding in self.findings.iter().take(MAX_SHOWN) {
            let _ = writeln!(text, "{start}{finding}{end}");
        }
        if let Some(more) = self.not_shown() {
            let _ = writeln!(text, "{more}");
        }
        let _ = writeln!(text, "{start}{}: {}{end}", self.command, self.summary);
        text
    }

    fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n{}\n", self.command, self.summary);
        if !self.findings.is_empty() {
            let mut table = Table::new(["rule", "subject", "finding"]);
            for finding in self.findings.iter().take(MAX_SHOWN) {
                table.add([&finding.rule, &finding.subject, &finding.message]);
            }
            let _ = writeln!(text, "\n{}", table.markdown());
        }
        if let Some(more) = self.not_shown() {
            let _ = writeln!(text, "\n{more}");
        }
        for table in &self.tables {
            let _ = writeln!(text, "\n{}", table.markdown());
        }
        for note in &self.notes {
            let _ = writeln!(text, "\n{note}");
        }
        text
    }

    /// The same keys for every command.
    fn json(&self) -> Value {
        json!({
            "command": self.command,
            "summary": self.summary,
            "passed": self.passed.len(),
            "findings": self.findings.iter().map(Finding::json).collect::<Value>(),
            "skipped": self.skipped.iter().map(unchecked_json).collect::<Value>(),
            "errors": self.errors.iter().map(unchecked_json).collect::<Value>(),
            "tables": self.tables.iter().map(Table::json).collect::<Value>(),
            "notes": self.notes,
            "details": self.details,
        })
    }

    fn not_shown(&self) -> Option<String> {
        let more = self.findings.len().checked_sub(MAX_SHOWN)?;
        (more > 0).then(|| format!("and {more} more"))
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some((file, line)) = &self.location {
            write!(f, "{file}:{line}: ")?;
        }
        write!(f, "{}: {}: {}", self.rule, self.subject, self.message)
    }
}

impl Check {
    /// The check of a rule and a subject.
    pub fn new(rule: impl Into<String>, subject: impl Into<String>) -> Self {
        Self {
            rule: rule.into(),
            subject: subject.into(),
        }
    }
}

impl Finding {
    /// A finding without a place in a file.
    pub fn new(
        rule: impl Into<String>,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.into(),
            subject: subject.into(),
            message: message.into(),
            severity: Severity::Error,
            location: None,
            check: None,
        }
    }

    /// The check that it fails.
    fn check(&self) -> Check {
        let own = || Check::new(self.rule.clone(), self.subject.clone());
        self.check.clone().unwrap_or_else(own)
    }

    fn json(&self) -> Value {
        let location = self.location.as_ref();
        json!({
            "rule": self.rule,
            "subject": self.subject,
            "message": self.message,
            "severity": match self.severity {
                Severity::Notice => "notice",
                Severity::Warning => "warning",
                Severity::Error => "error",
            },
            "file": location.map(|(file, _)| file),
            "line": location.map(|(_, line)| line),
        })
    }
}

fn unchecked_json((check, reason): &(Check, String)) -> Value {
    json!({ "rule": check.rule, "subject": check.subject, "reason": reason })
}

/// A header, and rows of as many cells.
#[derive(Clone, Debug)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// One without rows. A header of blanks is not shown in text.
    pub fn new<C: Into<String>>(header: impl IntoIterator<Item = C>) -> Self {
        Self {
            header: header.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn add<C: ToString>(&mut self, row: impl IntoIterator<Item = C>) {
        self.rows
            .push(row.into_iter().map(|cell| cell.to_string()).collect());
    }

    /// Header and rows.
    pub fn json(&self) -> Value {
        json!({ "header": self.header, "rows": self.rows })
    }

    /// Aligned columns without lines.
    fn text(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING).add_rows(&self.rows);
        if self.header.iter().any(|cell| !cell.is_empty()) {
            table.set_header(&self.header);
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        table.trim_fmt()
    }

    /// A table of Markdown.
    fn markdown(&self) -> String {
        let escaped = |cell: &String| cell.replace('|', "\\|").replace('\n', " ");
        let rows = self.rows.iter();
        let rows = rows.map(|row| row.iter().map(escaped).collect::<Vec<_>>());
        let mut table = comfy_table::Table::new();
        table
            .load_style(ASCII_MARKDOWN)
            .set_header(&self.header)
            .add_rows(rows);
        table.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let finding = Finding {
            rule: "enum".to_owned(),
            subject: "A|B <\"x\">".to_owned(),
            message: "100% wrong,\nindeed".to_owned(),
            severity: Severity::Error,
            location: Some(("a,b.yaml".to_owned(), 7)),
            check: None,
        };
        let mut table = Table::new(["name", "count"]);
        table.add(["a|b", "1"]);
        Report {
            command: "coverage",
            summary: "half".to_owned(),
            passed: vec![Check::new("case", "a & b")],
            findings: vec![finding],
            skipped: vec![(Check::new("case", "paid"), "it costs money".to_owned())],
            errors: vec![(Check::new("case", "silent"), "no response".to_owned())],
            tables: vec![table],
            notes: vec!["a note".to_owned()],
            details: Value::Null,
        }
    }

    #[test]
    fn each_format_escapes_what_it_must() {
        let render = |format| report().render(format, ColorChoice::Never);
        assert_eq!(
            render(Format::Text),
            "name  count\na|b   1\n\na note\na,b.yaml:7: enum: A|B <\"x\">: 100% wrong,\nindeed\n\
             coverage: half\n"
        );
        assert_eq!(
            render(Format::Json),
            r#"{"command":"coverage","summary":"half","passed":1,"findings":[{"rule":"enum","subject":"A|B <\"x\">","#
                .to_owned()
                + r#""message":"100% wrong,\nindeed","severity":"error","file":"a,b.yaml","line":7}],"#
                + r#""skipped":[{"rule":"case","subject":"paid","reason":"it costs money"}],"#
                + r#""errors":[{"rule":"case","subject":"silent","reason":"no response"}],"#
                + r#""tables":[{"header":["name","count"],"rows":[["a|b","1"]]}],"notes":["a note"],"details":null}"#
                + "\n"
        );
        assert_eq!(
            render(Format::Github),
            "::error file=a%2Cb.yaml,line=7,title=enum::A|B <\"x\">: 100%25 wrong,%0Aindeed\n\
             ::warning title=case::silent: no response\n::notice title=coverage::half\n"
        );
        assert_eq!(
            render(Format::Markdown),
            "## coverage\n\nhalf\n\n| rule | subject    | finding            |\n\
             |------|------------|--------------------|\n\
             | enum | A\\|B <\"x\"> | 100% wrong, indeed |\n\n| name | count |\n|------|-------|\n\
             | a\\|b | 1     |\n\na note\n"
        );
    }

    #[test]
    fn junit_has_a_test_for_each_check_under_the_same_name_in_every_run() {
        let mut failing = report();
        failing
            .findings
            .push(Finding::new("enum", "A|B <\"x\">", "and more"));
        let mut passing = report();
        passing.findings.clear();
        passing.passed.push(Check::new("enum", "A|B <\"x\">"));
        let parse = |report: &Report| {
            let xml = report.render(Format::Junit, ColorChoice::Never);
            quick_junit::Report::deserialize_from_str(&xml).unwrap()
        };
        let (failing, passing) = (parse(&failing), parse(&passing));
        let names = |report: &quick_junit::Report| {
            let cases = report.test_suites[0].test_cases.iter();
            let name = |case: &quick_junit::TestCase| {
                (
                    case.classname.clone().unwrap().to_string(),
                    case.name.to_string(),
                )
            };
            cases.map(name).collect::<Vec<_>>()
        };
        assert_eq!(names(&failing), names(&passing));
        assert_eq!((failing.tests, failing.failures), (4, 1));
        assert_eq!((passing.tests, passing.failures), (4, 0));
        assert_eq!((passing.errors, passing.skipped), (1, 1));
    }

    #[test]
    fn colours_are_red_for_findings_and_green_for_none() {
        let mut report = report();
        let failing = report.render(Format::Text, ColorChoice::Always);
        assert!(failing.contains("\x1b[31m"));
        report.findings.clear();
        let clean = report.render(Format::Text, ColorChoice::Always);
        assert!(
            clean.ends_with("\x1b[32mcoverage: half\x1b[0m\n"),
            "{clean:?}"
        );
    }

    #[test]
    fn people_are_spared_most_of_many_findings() {
        let mut report = report();
        report.findings = vec![report.findings[0].clone(); MAX_SHOWN + 2];
        for format in [Format::Text, Format::Github, Format::Markdown] {
            let text = report.render(format, ColorChoice::Never);
            assert!(text.contains("and 2 more"), "{text}");
        }
    }
}

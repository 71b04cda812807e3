//! What a subcommand has found, in the forms that people and machines read.

use std::fmt::Write as _;
use std::io::IsTerminal;

use serde_json::{Map, Value, json};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One object on one line.
    Json,
    /// JUnit's XML, for CI servers.
    Junit,
    /// Annotations of GitHub's workflows.
    Github,
    /// For a summary or a comment.
    Markdown,
}

/// Whether a text has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// Escape sequences of terminals.
    On,
    /// Nothing but text.
    Off,
}

/// Something that isn't as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of finding it is, as machines sort it.
    pub rule: String,
    /// What it is about.
    pub subject: String,
    /// What is wrong with it.
    pub message: String,
    /// File and line to look at.
    pub place: Option<(String, usize)>,
}

/// What a subcommand has looked at, and found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The subcommand.
    pub command: String,
    /// The result in a line.
    pub summary: String,
    /// Names of what was found right.
    pub passed: Vec<String>,
    /// What wasn't.
    pub findings: Vec<Finding>,
    /// What people look at first, line by line.
    pub table: Vec<String>,
    /// What the JSON has.
    pub fields: Map<String, Value>,
}

impl Format {
    /// The formats by their names.
    pub const NAMES: [(&str, Self); 5] = [
        ("text", Self::Text),
        ("json", Self::Json),
        ("junit", Self::Junit),
        ("github", Self::Github),
        ("markdown", Self::Markdown),
    ];
}

impl Colours {
    /// On a terminal, unless `NO_COLOR` is set.
    pub fn of_output() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match std::io::stdout().is_terminal() && !unwanted {
            true => Self::On,
            false => Self::Off,
        }
    }
}

impl Report {
    /// The whole report, ending in a line break.
    pub fn render(&self, format: Format, colours: Colours) -> String {
        match format {
            Format::Text => self.text(colours),
            Format::Json => format!("{}\n", Value::Object(self.fields.clone())),
            Format::Junit => self.junit(),
            Format::Github => self.github(),
            Format::Markdown => self.markdown(),
        }
    }

    fn text(&self, colours: Colours) -> String {
        let (mark, end) = match (colours, self.findings.is_empty()) {
            (Colours::Off, _) => ("", ""),
            (Colours::On, true) => ("\x1b[32m", "\x1b[0m"),
            (Colours::On, false) => ("\x1b[31m", "\x1b[0m"),
        };
        let mut text = String::new();
        for line in &self.table {
            let _ = writeln!(text, "{line}");
        }
        for finding in &self.findings {
            let _ = writeln!(text, "{mark}{}{end}", finding.line());
        }
        let _ = writeln!(text, "{mark}{}: {}{end}", self.command, self.summary);
        text
    }

    fn junit(&self) -> String {
        let (failures, command) = (self.findings.len(), xml(&self.command));
        let tests = self.passed.len() + failures;
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuite name=\"{command}\" tests=\"{tests}\" failures=\"{failures}\">\n"
        );
        for name in &self.passed {
            let name = xml(name);
            let _ = writeln!(
                text,
                "  <testcase classname=\"{command}\" name=\"{name}\"/>"
            );
        }
        for finding in &self.findings {
            let (subject, message) = (xml(&finding.subject), xml(&finding.message));
            let class = xml(&format!("{}.{}", self.command, finding.rule));
            let _ = writeln!(
                text,
                "  <testcase classname=\"{class}\" name=\"{subject}\">\
                 <failure message=\"{message}\"/></testcase>"
            );
        }
        text.push_str("</testsuite>\n");
        text
    }

    fn github(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            let place = finding.place.as_ref();
            let place = place.map(|(file, line)| {
                format!(
                    "file={},line={line},",
                    escaped(file, &['%', '\r', '\n', ':', ','])
                )
            });
            let title = escaped(&finding.rule, &['%', '\r', '\n', ':', ',']);
            let message = format!("{}: {}", finding.subject, finding.message);
            let message = escaped(&message, &['%', '\r', '\n']);
            let place = place.unwrap_or_default();
            let _ = writeln!(text, "::error {place}title={title}::{message}");
        }
        let summary = escaped(&self.summary, &['%', '\r', '\n']);
        let _ = writeln!(text, "::notice title={}::{summary}", self.command);
        text
    }

    fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n{}\n", self.command, self.summary);
        if !self.findings.is_empty() {
            text.push_str("\n| rule | subject | finding |\n|---|---|---|\n");
        }
        for finding in &self.findings {
            let cells = [&finding.rule, &finding.subject, &finding.message];
            let cells = cells.map(|cell| cell.replace('|', "\\|").replace('\n', " "));
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        if !self.table.is_empty() {
            let _ = write!(text, "\n```text\n{}\n```\n", self.table.join("\n"));
        }
        text
    }
}

impl Finding {
    fn line(&self) -> String {
        let place = self.place.as_ref();
        let place = place.map(|(file, line)| format!("{file}:{line}: "));
        let place = place.unwrap_or_default();
        format!("{place}{}: {}: {}", self.rule, self.subject, self.message)
    }

    /// The same as JSON.
    pub fn json(&self) -> Value {
        let place = self.place.as_ref();
        json!({
            "rule": self.rule,
            "subject": self.subject,
            "message": self.message,
            "file": place.map(|(file, _)| file),
            "line": place.map(|(_, line)| line),
        })
    }
}

fn xml(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML has no way to write most control characters.
            character if character.is_control() => escaped.push(' '),
            character => escaped.push(character),
        }
    }
    escaped
}

/// As GitHub's workflow commands want it: percent and two digits.
fn escaped(text: &str, special: &[char]) -> String {
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

#[cfg(test)]
mod tests {
    use super::{Colours, Finding, Format, Report};

    fn report() -> Report {
        let finding = Finding {
            rule: "enum".to_owned(),
            subject: "A|B <\"x\">".to_owned(),
            message: "100% wrong,\nindeed".to_owned(),
            place: Some(("a,b.yaml".to_owned(), 7)),
        };
        Report {
            command: "coverage".to_owned(),
            summary: "half".to_owned(),
            passed: vec!["a & b".to_owned()],
            findings: vec![finding],
            table: vec!["row".to_owned()],
            fields: serde_json::Map::from_iter([("share".to_owned(), 0.5.into())]),
        }
    }

    #[test]
    fn each_format_escapes_what_it_must() {
        let render = |format| report().render(format, Colours::Off);
        assert_eq!(
            render(Format::Text),
            "row\na,b.yaml:7: enum: A|B <\"x\">: 100% wrong,\nindeed\ncoverage: half\n"
        );
        assert_eq!(render(Format::Json), "{\"share\":0.5}\n");
        assert_eq!(
            render(Format::Github),
            "::error file=a%2Cb.yaml,line=7,title=enum::A|B <\"x\">: 100%25 wrong,%0Aindeed\n\
             ::notice title=coverage::half\n"
        );
        assert_eq!(
            render(Format::Junit),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuite name=\"coverage\" tests=\"2\" failures=\"1\">\n  \
             <testcase classname=\"coverage\" name=\"a &amp; b\"/>\n  \
             <testcase classname=\"coverage.enum\" name=\"A|B &lt;&quot;x&quot;&gt;\">\
             <failure message=\"100% wrong, indeed\"/></testcase>\n</testsuite>\n"
        );
        assert_eq!(
            render(Format::Markdown),
            "## coverage\n\nhalf\n\n| rule | subject | finding |\n|---|---|---|\n\
             | enum | A\\|B <\"x\"> | 100% wrong, indeed |\n\n```text\nrow\n```\n"
        );
    }

    #[test]
    fn colours_are_red_for_findings_and_green_for_none() {
        let mut report = report();
        assert!(
            report
                .render(Format::Text, Colours::On)
                .contains("\x1b[31m")
        );
        report.findings.clear();
        let clean = report.render(Format::Text, Colours::On);
        assert_eq!(clean, "row\n\x1b[32mcoverage: half\x1b[0m\n");
    }
}

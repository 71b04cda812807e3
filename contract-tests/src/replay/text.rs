//! What the client made of a response, for people.

use cometapi::runtime::StreamEnd;
use cometapi::{Deviation, Error};
use serde_json::Value;

use super::Recording;
use crate::outcome_json::{Outcome, retry_after_ms, stream_outcome};
use crate::outcome_json::{Shape, Streamed};

/// How many characters of a body or value are worth a look.
const SHOWN: usize = 2000;

/// A few aligned lines: what was responded, what the client makes of it, what to do.
pub fn text(operation: &str, recording: &Recording, outcome: &Outcome) -> String {
    let mut lines = Lines::of(operation, recording);
    match outcome {
        Ok(response) => {
            lines.add("outcome", "ok: the client takes it");
            lines.add_if("request id", response.request_id.as_deref());
            lines.add_deviations(&response.deviations);
            lines.add_block("value", &format!("{:#}", response.value));
        }
        Err(error) => {
            add_error(&mut lines, "error", error);
            lines.add_block("body", &String::from_utf8_lossy(&recording.body));
        }
    }
    lines.text
}

/// The same for a stream.
pub fn stream_text(
    operation: &str,
    recording: &Recording,
    shape: &Shape,
    streamed: &Streamed,
) -> String {
    let mut lines = Lines::of(operation, recording);
    let (drained, events) = match streamed {
        Ok(opened) => opened,
        Err(error) => {
            add_error(&mut lines, "error", error);
            lines.add_block("body", &String::from_utf8_lossy(&recording.body));
            return lines.text;
        }
    };
    match &drained.outcome {
        Ok(marker) => {
            let end = match marker {
                StreamEnd::Sentinel => "its end was marked",
                StreamEnd::DoneEvent => "its last event said so",
                _ => "nothing marked its end, but all of its parts were finished",
            };
            lines.add(
                "outcome",
                &format!("stream_ok: the stream is complete, {end}"),
            );
            lines.add_if("request id", drained.request_id.as_deref());
        }
        Err(error) => add_error(&mut lines, stream_outcome(Some(error)), error),
    }
    lines.add_deviations(&drained.deviations);
    lines.add("events", &events.len().to_string());
    let text = shape.summarize(events);
    if !text.finish_reasons.is_empty() {
        lines.add("finished", &Value::from(text.finish_reasons).to_string());
    }
    lines.add_block("text", &text.text);
    if drained.outcome.is_err() {
        lines.add_block("body", &String::from_utf8_lossy(&recording.body));
    }
    lines.text
}

fn add_error(lines: &mut Lines, outcome: &str, error: &Error) {
    lines.add("outcome", &format!("{outcome}: {}", error.kind()));
    lines.add("message", error.message());
    lines.add_if("code", error.code());
    lines.add_if("type", error.error_type());
    lines.add_if("parameter", error.param());
    lines.add_if("request id", error.request_id());
    let retry = match (error.is_retryable(), retry_after_ms(error)) {
        (false, _) => "no".to_owned(),
        (true, None) => "yes, with backoff".to_owned(),
        (true, Some(wait)) => format!("yes, after the {wait} ms that the response requests"),
    };
    lines.add("retry", &retry);
    lines.add("advice", error.help());
    lines.add_if("see", error.docs_url());
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn of(operation: &str, recording: &Recording) -> Self {
        let mut lines = Self::default();
        lines.add("operation", operation);
        let media_type = recording.values("content-type").next();
        let media_type = media_type.map_or("no content type".into(), String::from_utf8_lossy);
        let (status, size) = (recording.status, recording.body.len());
        lines.add("response", &format!("{status}, {media_type}, {size} bytes"));
        lines
    }

    fn add(&mut self, name: &str, value: &str) {
        self.push(name, &harmless(value, |c| c.is_control()));
    }

    fn add_if(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    fn add_deviations(&mut self, deviations: &[Deviation]) {
        for deviation in deviations {
            self.add("deviation", &deviation.to_string());
        }
    }

    /// A value of several lines, cut where it gets long.
    fn add_block(&mut self, name: &str, value: &str) {
        let value = value.trim_end();
        if value.is_empty() {
            return;
        }
        let shown: String = value.chars().take(SHOWN).collect();
        let left_out = value.chars().count() - shown.chars().count();
        let shown = harmless(&shown, |c| c.is_control() && c != '\n');
        self.push(name, "");
        for line in shown.lines() {
            self.push_line(&format!("  {line}"));
        }
        if left_out > 0 {
            self.push_line(&format!("  ({left_out} more characters)"));
        }
    }

    fn push(&mut self, name: &str, value: &str) {
        self.push_line(&format!("{name:<12}{value}"));
    }

    fn push_line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// A server's text can't move the cursor of the terminal it is shown on.
fn harmless(text: &str, unfit: impl Fn(char) -> bool) -> String {
    text.replace(unfit, " ")
}

//! Doc comments from what the contract says.

use cometapi_contract::Node;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

/// The width of a line of text, without indentation and slashes.
const WIDTH: usize = 88;

/// A doc comment; nothing for an empty text.
pub fn comment(text: &str) -> TokenStream {
    if text.trim().is_empty() {
        return TokenStream::new();
    }
    let lines = wrapped(text).into_iter().map(|line| match line.as_str() {
        "" => String::new(),
        line => format!(" {line}"),
    });
    quote!(#(#[doc = #lines])*)
}

/// What a schema says of itself: description, limits, the API's default.
pub fn schema_text(schema: &Node<'_>) -> String {
    let own = schema.str("description");
    let inner = schema.resolved();
    let description = own.or_else(|| inner.str("description"));
    let mut text = escaped(description.unwrap_or_default().trim_end());
    let limits = limits(schema, &text);
    if !limits.is_empty() {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&limits.join(" "));
    }
    text
}

/// Text of the contract, in which rustdoc shall find neither links nor tags.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut in_code = false;
    for (index, c) in text.char_indices() {
        in_code ^= c == '`';
        let is_link = c == '<' && text[index..].starts_with("<http");
        if !in_code && matches!(c, '[' | '<') && !is_link {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// The same, or the schema's bare name if it says nothing.
pub fn schema_text_or_key(schema: &Node<'_>) -> String {
    match schema_text(schema) {
        text if text.is_empty() => format!("`{}`.", schema.key()),
        text => text,
    }
}

/// The limits of a schema, which the API checks and the client doesn't, unless the description or
/// the Rust type has them already.
fn limits(schema: &Node<'_>, description: &str) -> Vec<String> {
    let is_unsigned = schema
        .str("format")
        .is_some_and(|format| format.starts_with("uint"));
    let value = |key: &str| {
        let value = schema.get(key).map(|node| plain(node.value()));
        value.filter(|value| !(is_unsigned && key == "minimum" && value == "0"))
    };
    let mut sentences = Vec::new();
    for (low, high, unit) in [
        ("minimum", "maximum", None),
        ("minLength", "maxLength", Some("character")),
        ("minItems", "maxItems", Some("item")),
        ("minProperties", "maxProperties", Some("entry")),
    ] {
        let numbers = description.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'));
        let numbers: Vec<&str> = numbers.map(|number| number.trim_end_matches('.')).collect();
        let is_documented = |bound: &Option<String>| {
            bound
                .as_ref()
                .is_none_or(|bound| numbers.contains(&bound.as_str()))
        };
        let (low, high) = (value(low), value(high));
        if is_documented(&low) && is_documented(&high) {
            continue;
        }
        sentences.push(match (low, high) {
            (Some(low), Some(high)) => format!("From {low} to {}.", counted(&high, unit)),
            (Some(low), None) => format!("At least {}.", counted(&low, unit)),
            (_, high) => format!("At most {}.", counted(&high.unwrap_or_default(), unit)),
        });
    }
    if let Some(default) = value("default") {
        sentences.push(format!("The API takes `{default}` if it is missing."));
    }
    sentences
}

fn counted(number: &str, unit: Option<&str>) -> String {
    match (unit, number) {
        (None, number) => number.to_owned(),
        (Some(unit), "1") => format!("1 {unit}"),
        (Some("entry"), number) => format!("{number} entries"),
        (Some(unit), number) => format!("{number} {unit}s"),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Plain paragraphs filled to the width; whatever else Markdown has stays as it is.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut in_code = false;
    for block in text.trim_end().split("\n\n") {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let fences = block
            .lines()
            .filter(|line| line.trim_start().starts_with("```"))
            .count();
        if in_code || fences > 0 || !block.lines().all(is_prose) {
            lines.extend(block.lines().map(|line| line.trim_end().to_owned()));
        } else {
            fill(block, &mut lines);
        }
        in_code ^= fences % 2 == 1;
    }
    lines
}

/// Whether a line can't be anything but part of a paragraph.
fn is_prose(line: &str) -> bool {
    let marks = ['-', '*', '+', '#', '>', '|', ' ', '\t', '=', '~'];
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = number.len() < line.len() && number.starts_with(['.', ')']);
    !line.starts_with(marks) && !is_numbered
}

fn fill(paragraph: &str, lines: &mut Vec<String>) {
    let mut line = String::new();
    for word in words(paragraph) {
        if !line.is_empty() {
            if line.len() + 1 + word.len() > WIDTH {
                lines.push(std::mem::take(&mut line));
            } else {
                line.push(' ');
            }
        }
        line.push_str(&word);
    }
    lines.push(line);
}

/// The words of a text; what stands between backticks is one, if they come in pairs.
fn words(text: &str) -> Vec<String> {
    let in_pairs = text.matches('`').count().is_multiple_of(2);
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(open) if in_pairs && open.matches('`').count() % 2 == 1 => {
                open.push(' ');
                open.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Returns the URL of the operation's page in the API's documentation.
pub fn docs_url<'c>(operation: &Node<'c>) -> Option<&'c str> {
    operation.get("externalDocs")?.str("url")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_filled_and_code_is_not() {
        let word = "word ".repeat(30);
        let text = format!("{word}\n{word}\n\n- item\n  goes on\n1. next\n\n```\na  b\n\nc\n```");
        let lines = wrapped(&text);
        assert!(lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
        let tail: Vec<_> = lines.iter().skip_while(|line| !line.is_empty()).collect();
        let as_it_was = [
            "",
            "- item",
            "  goes on",
            "1. next",
            "",
            "```",
            "a  b",
            "",
            "c",
            "```",
        ];
        assert_eq!(tail, as_it_was);
    }

    #[test]
    fn lists_keep_their_lines_and_a_stop_or_number_in_prose_does_not_end_it() {
        assert_eq!(wrapped("1. one\n2) two"), ["1. one", "2) two"]);
        assert_eq!(wrapped("in\n.5 steps"), ["in .5 steps"]);
        assert_eq!(wrapped("in\n5 steps"), ["in 5 steps"]);
    }

    #[test]
    fn a_blank_line_does_not_end_code() {
        let text = "```\na\n\nb  c\nd\n\ne\n```\n\nf\ng";
        let expected = ["```", "a", "", "b  c", "d", "", "e", "```", "", "f g"];
        assert_eq!(wrapped(text), expected);
    }

    #[test]
    fn brackets_of_prose_are_escaped_and_those_of_code_and_of_urls_are_not() {
        for (text, expected) in [
            ("a [b] and <c>", r"a \[b] and \<c>"),
            ("`a[0] <b>` [c]", r"`a[0] <b>` \[c]"),
            ("see <https://test.example>", "see <https://test.example>"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}

//! Doc comments from what the contract says.

use cometapi_contract::Node;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

/// The width of a line of text, without indentation and slashes.
const WIDTH: usize = 88;

/// A doc comment; nothing for an empty text.
pub fn comment(text: &str) -> TokenStream {
    let lines = wrapped(text).into_iter().map(|line| match line.as_str() {
        "" => String::new(),
        line => format!(" {line}"),
    });
    quote!(#(#[doc = #lines])*)
}

/// What a schema says of itself: description, limits, the API's default.
pub fn schema_text(schema: &Node<'_>) -> String {
    let own = schema.text("description");
    let inner = schema.resolved();
    let description = own.or_else(|| inner.text("description"));
    let mut text = description.unwrap_or_default().trim_end().to_owned();
    let limits = limits(schema, &text);
    if !limits.is_empty() {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&limits.join(" "));
    }
    text
}

/// The same, or the schema's bare name if it says nothing.
pub fn schema_text_or_key(schema: &Node<'_>) -> String {
    match schema_text(schema) {
        text if text.is_empty() => format!("`{}`.", schema.key()),
        text => text,
    }
}

/// The part of a schema that only speaks to people, since the API is the one to check it; less
/// what the description has already said.
fn limits(schema: &Node<'_>, description: &str) -> Vec<String> {
    let value = |key: &str| schema.get(key).map(|node| plain(node.value()));
    let mut sentences = Vec::new();
    for (low, high, unit) in [
        ("minimum", "maximum", None),
        ("minLength", "maxLength", Some("character")),
        ("minItems", "maxItems", Some("item")),
        ("minProperties", "maxProperties", Some("entry")),
    ] {
        let said = |bound: &Option<String>| match bound {
            Some(bound) => description.contains(bound.as_str()),
            None => true,
        };
        let (low, high) = (value(low), value(high));
        if said(&low) && said(&high) {
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

/// Paragraphs filled to the width; lists by item, tables and code as they are.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut paragraph = String::new();
    let mut in_code = false;
    for line in text.trim_end().lines() {
        let is_fence = line.trim_start().starts_with("```");
        let as_it_is = in_code || is_fence || line.starts_with('|') || line.trim().is_empty();
        in_code ^= is_fence;
        if as_it_is || line.starts_with("- ") {
            fill(&std::mem::take(&mut paragraph), &mut lines);
        }
        if as_it_is {
            lines.push(line.trim_end().to_owned());
        } else {
            paragraph.push_str(line);
            paragraph.push(' ');
        }
    }
    fill(&paragraph, &mut lines);
    lines
}

fn fill(paragraph: &str, lines: &mut Vec<String>) {
    // The further lines of a list's item stand below its text.
    let indent = if paragraph.starts_with("- ") {
        "  "
    } else {
        ""
    };
    let mut line = String::new();
    for word in words(paragraph) {
        if !line.trim().is_empty() {
            if line.len() + 1 + word.len() > WIDTH {
                lines.push(std::mem::replace(&mut line, indent.to_owned()));
            } else {
                line.push(' ');
            }
        }
        line.push_str(&word);
    }
    if !line.trim().is_empty() {
        lines.push(line);
    }
}

/// The words of a text; what stands between backticks is one.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(open) if open.matches('`').count() % 2 == 1 => {
                open.push(' ');
                open.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_filled_and_code_is_not() {
        let word = "word ".repeat(30);
        let text = format!("{word}\n{word}\n\n- item\n  goes on\n- next\n```\na  b\n```");
        let lines = wrapped(&text);
        assert!(lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
        let tail: Vec<_> = lines.iter().skip_while(|line| !line.is_empty()).collect();
        assert_eq!(tail, ["", "- item goes on", "- next", "```", "a  b", "```"]);
    }
}

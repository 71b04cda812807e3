//! Text that came as a list of parts.

use std::borrow::Cow;

use serde_json::Value;

use crate::runtime::tolerance::deviation::JsonType;
use crate::runtime::tolerance::raw::push_entry;

/// An object with texts in place of a list of parts.
pub(crate) struct JoinedParts {
    pub(crate) json: String,
    /// The types of the parts that have no text.
    pub(crate) others: Vec<JsonType>,
}

/// Joins the texts of the parts in `property`. For each type of part, `types` has the property that its text belongs to. Returns
/// nothing if there is no list, or no text in it.
pub(crate) fn join(
    property: &str,
    types: &[(&'static str, &'static str)],
    entries: &[(Cow<'_, str>, &str)],
) -> Option<JoinedParts> {
    let value = |name: &str| entries.iter().rev().find(|(key, _)| key == name);
    let parts: Vec<Value> = serde_json::from_str(value(property)?.1).ok()?;
    let mut texts: Vec<(&str, String)> = Vec::new();
    let mut others = Vec::new();
    for part in &parts {
        let kind = part["type"].as_str().unwrap_or_default();
        let target = types.iter().find(|(known, _)| *known == kind);
        let Some(((_, name), text)) = target.zip(part_text(&part[kind])) else {
            others.push(JsonType::of(&part.to_string()));
            continue;
        };
        match texts.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.push_str(&text),
            None => texts.push((name, text)),
        }
    }
    if texts.is_empty() {
        return None;
    }
    let mut json = String::from("{");
    for (key, raw) in entries {
        if key != property && texts.iter().all(|(name, _)| key != name) {
            push_entry(&mut json, key, raw);
        }
    }
    for (name, joined) in texts {
        // Another property may have a text of its own.
        let own = value(name).filter(|_| name != property);
        let own = own.and_then(|(_, raw)| serde_json::from_str::<String>(raw).ok());
        let joined = own.unwrap_or_default() + &joined;
        push_entry(&mut json, name, &Value::from(joined).to_string());
    }
    Some(JoinedParts {
        json: json + "}",
        others,
    })
}

/// Returns the text of a part: a string, or a list of texts or of parts with texts.
fn part_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => {
            let texts = parts.iter().map(|part| match part {
                Value::String(text) => Some(text.as_str()),
                part => part["text"].as_str(),
            });
            texts.collect()
        }
        _ => None,
    }
}

//! Where the values of a result come from.

use std::collections::BTreeSet;

use serde_json::Value;

/// The values of a body, and of the JSON in its texts.
#[derive(Debug, Default)]
struct Values {
    texts: BTreeSet<String>,
    numbers: Vec<f64>,
}

/// Asserts that each text and number of a result was in the body: as it is, as the text of another value, as a number in a
/// text, or as the whole part of a number.
///
/// # Panics
///
/// If one was not.
pub fn assert_all_from(body: &str, result: &Value) {
    let mut values = Values::default();
    let Ok(value) = serde_json::from_str(body) else {
        // A number too large for any type, which the reader leaves out.
        return;
    };
    values.collect(&value);
    let mut open = vec![result];
    while let Some(value) = open.pop() {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => {
                let number = number.as_f64().unwrap();
                let is_known = |known: &f64| *known == number || known.trunc() == number;
                assert!(values.numbers.iter().any(is_known), "{number} from {body}");
            }
            Value::String(text) => {
                let is_known = body.contains(text.as_str()) || values.is_joined(text);
                assert!(is_known, "{text:?} from {body}");
            }
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => open.extend(fields.values()),
        }
    }
}

impl Values {
    /// Whether a text is one of the body, or several in a row.
    fn is_joined(&self, text: &str) -> bool {
        let mut ends = BTreeSet::from([0]);
        let mut open = vec![0];
        while let Some(start) = open.pop() {
            for part in self.texts.iter().filter(|part| !part.is_empty()) {
                let end = start + part.len();
                if text[start..].starts_with(part.as_str()) && ends.insert(end) {
                    open.push(end);
                }
            }
        }
        ends.contains(&text.len())
    }

    fn collect(&mut self, value: &Value) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => self.numbers.extend(number.as_f64()),
            Value::String(text) => {
                self.numbers.extend(text.trim().parse::<f64>().ok());
                if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text)
                {
                    self.collect(&inner);
                }
                self.texts.insert(text.clone());
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.texts.insert(name.clone());
                    self.collect(value);
                }
            }
        }
    }
}

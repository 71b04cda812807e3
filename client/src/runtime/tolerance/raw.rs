//! JSON as text: entries, items and numbers without their values.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::runtime::serde::object::JsonKey;
use crate::runtime::tolerance::deviation::JsonType;

pub(crate) fn has_property(json: &str, is_wanted: impl Fn(&str) -> bool) -> bool {
    entries(json).is_some_and(|entries| entries.iter().any(|(key, _)| is_wanted(key)))
}

/// Returns the entries of a JSON object in order, also those with the same key.
pub(crate) fn entries(json: &str) -> Option<Vec<(Cow<'_, str>, &str)>> {
    let Entries(entries) = serde_json::from_str(json).ok()?;
    Some(entries)
}

struct Entries<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some((key, value)) = map.next_entry::<JsonKey<'de>, &'de RawValue>()? {
                    entries.push((key.0, value.get()));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// Returns the JSON in a string that begins like a list or an object.
pub(crate) fn json_in_text(json: &str, first: char) -> Option<String> {
    if JsonType::of(json) != JsonType::String {
        return None;
    }
    let text: String = serde_json::from_str(json).ok()?;
    let text = text.trim();
    let is_json = text.starts_with(first) && serde_json::from_str::<&RawValue>(text).is_ok();
    is_json.then(|| text.to_owned())
}

pub(crate) fn is_blank_text(json: &str) -> bool {
    serde_json::from_str::<String>(json).is_ok_and(|text| text.trim().is_empty())
}

pub(crate) fn is_one_of(values: &[&str], json: &str) -> bool {
    serde_json::from_str::<JsonKey<'_>>(json).is_ok_and(|text| values.contains(&&*text.0))
}

pub(crate) fn is_finite(number: &str) -> bool {
    serde_json::from_str::<f64>(number).is_ok_and(f64::is_finite)
}

pub(crate) fn push_entry(text: &mut String, key: &str, value: &str) {
    if text.len() > 1 {
        text.push(',');
    }
    // A string always has a JSON form.
    text.push_str(&serde_json::to_string(key).unwrap_or_default());
    text.push(':');
    text.push_str(value);
}

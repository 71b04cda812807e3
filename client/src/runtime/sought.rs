//! A few values out of JSON, without making anything of the rest.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::Value;

/// The values at a path of keys with dots between them; of a list on the way, each item's. What
/// isn't there, and what is null, is left out. Of broken JSON what stands before the break counts.
pub(super) fn sought(json: &[u8], path: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let seek = Seek {
        path: Some(path),
        found: &mut found,
    };
    // The caller has decoded these bytes, or will: what is wrong with them is said there.
    let _ = seek.deserialize(&mut serde_json::Deserializer::from_slice(json));
    found
}

struct Seek<'s> {
    /// What is left of it; `None` at its end.
    path: Option<&'s str>,
    found: &'s mut Vec<Value>,
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_some() {
            return deserializer.deserialize_any(self);
        }
        let value = Value::deserialize(deserializer)?;
        if !value.is_null() {
            self.found.push(value);
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let path = self.path.unwrap_or_default();
        let (wanted, rest) = match path.split_once('.') {
            Some((key, rest)) => (key, Some(rest)),
            None => (path, None),
        };
        while let Some(key) = map.next_key::<String>()? {
            if key == wanted {
                let found = &mut *self.found;
                map.next_value_seed(Seek { path: rest, found })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut item = || {
            list.next_element_seed(Seek {
                path: self.path,
                found: &mut *self.found,
            })
        };
        while item()?.is_some() {}
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_at_paths() {
        let json = json!({
            "id": "a",
            "skipped": [{"id": "b"}, 1, "c", null, true, -1, 0.5],
            "parts": [{"why": "stop"}, {"why": null}, {}, 1, {"why": "length"}],
            "usage": {"tokens": 7},
            "mixed": {"list": [1, "x", false, null, -1, 0.5]},
        });
        let json = json.to_string();
        for (path, values) in [
            ("id", json!(["a"])),
            ("parts.why", json!(["stop", "length"])),
            ("usage.tokens", json!([7])),
            ("usage", json!([{"tokens": 7}])),
            ("skipped.id", json!(["b"])),
            ("mixed.list.deeper", json!([])),
            ("tokens", json!([])),
            ("id.deeper", json!([])),
        ] {
            assert_eq!(Value::from(sought(json.as_bytes(), path)), values, "{path}");
        }
        assert_eq!(sought(b"{\"id\":1,\"b\":", "id"), [json!(1)]);
        assert!(sought(b"", "id").is_empty() && sought(b"[", "id").is_empty());
    }
}

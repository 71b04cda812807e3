//! Selection of a few values from JSON by path, without decoding the rest.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::Value;

use crate::runtime::serde::object::JsonKey;

/// Returns the values at each path. A path is a list of keys separated by dots; a list on the way is replaced
/// by its items. Missing and null values are omitted. Of invalid JSON, the values before the error count.
pub(crate) fn select_paths<const N: usize>(
    json: &[u8],
    paths: [Option<&str>; N],
) -> [Vec<Value>; N] {
    let mut found = [const { Vec::new() }; N];
    let selector = PathSelector {
        paths,
        found: &mut found,
    };
    // The caller decodes the same bytes and reports the error.
    let _ = selector.deserialize(&mut serde_json::Deserializer::from_slice(json));
    found
}

struct PathSelector<'s, const N: usize> {
    /// The rest of each path: empty at its end, `None` outside of it.
    paths: [Option<&'s str>; N],
    found: &'s mut [Vec<Value>; N],
}

/// Returns the rest of a path below a key; `None` if the path begins with another key.
fn descend<'p>(path: &'p str, key: &str) -> Option<&'p str> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    (first == key).then_some(rest)
}

impl<'de, const N: usize> DeserializeSeed<'de> for PathSelector<'_, N> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<(), D::Error> {
        if !self.paths.contains(&Some("")) {
            return deserializer.deserialize_any(self);
        }
        let value = Value::deserialize(deserializer)?;
        for (path, found) in self.paths.iter_mut().zip(&mut *self.found) {
            if path.take_if(|path| path.is_empty()).is_some() && !value.is_null() {
                found.push(value.clone());
            }
        }
        // Another path may continue below the end of this one.
        match self.has_paths() {
            true => value.deserialize_any(self).map_err(de::Error::custom),
            false => Ok(()),
        }
    }
}

impl<const N: usize> PathSelector<'_, N> {
    fn has_paths(&self) -> bool {
        self.paths.iter().any(Option::is_some)
    }
}

impl<'de, const N: usize> Visitor<'de> for PathSelector<'_, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<JsonKey<'de>>()? {
            let selector = PathSelector {
                paths: self.paths.map(|path| descend(path?, &key.0)),
                found: &mut *self.found,
            };
            if selector.has_paths() {
                map.next_value_seed(selector)?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut item = || {
            list.next_element_seed(PathSelector {
                paths: self.paths,
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
    fn values_are_selected_by_path() {
        let json = json!({
            "id": "a",
            "skipped": [{"id": "b"}, 1, "c", null, true, -1, 0.5],
            "choices": [{"reason": "stop"}, {"reason": null}, {}, 1, {"reason": "length"}],
            "usage": {"tokens": 7},
            "mixed": {"list": [1, "x", false, null, -1, 0.5]},
        });
        let json = json.to_string();
        for (path, values) in [
            ("id", json!(["a"])),
            ("choices.reason", json!(["stop", "length"])),
            ("usage.tokens", json!([7])),
            ("usage", json!([{"tokens": 7}])),
            ("skipped.id", json!(["b"])),
            ("mixed.list.deeper", json!([])),
            ("tokens", json!([])),
            ("id.deeper", json!([])),
        ] {
            let [found] = select_paths(json.as_bytes(), [Some(path)]);
            assert_eq!(Value::from(found), values, "{path}");
        }
        let id = |json| select_paths(json, [Some("id")]);
        assert_eq!(id(b"{\"id\":1,\"b\":"), [[json!(1)]]);
        assert!(id(b"")[0].is_empty() && id(b"[")[0].is_empty());
    }

    #[test]
    fn several_paths_are_selected_in_one_pass() {
        let json =
            br#"{"id": "a", "usage": {"tokens": 7, "id": "b"}, "choices": [{"id": 1}, {"id": 2}]}"#;
        let paths = ["usage.tokens", "id", "choices.id", "usage", "missing", "id"];
        let found = select_paths(json, paths.map(Some));
        let usage = json!({"tokens": 7, "id": "b"});
        assert_eq!(
            Value::from_iter(found),
            json!([[7], ["a"], [1, 2], [usage], [], ["a"]])
        );
        assert_eq!(
            select_paths(json, [None, Some("id")]),
            [vec![], vec![json!("a")]]
        );
    }
}

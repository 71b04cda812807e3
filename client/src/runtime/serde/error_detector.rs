//! Decoding JSON while noticing that its outermost object says it is an error.
//!
//! A server may deliver an error under a success status. Looking for that costs no second parse: the
//! type's own visitor gets its fields through [`ErrorDetectorMap`], which looks at two of them on the way.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::Value;
use serde_json::de::Read;

/// What a body turned out to hold.
#[derive(Debug, PartialEq)]
pub(crate) enum Detected<T> {
    Value(T),
    ErrorObject,
    /// Neither: the body doesn't decode, or isn't UTF-8 all over.
    Invalid,
}

/// Decodes in one pass. Only a body that doesn't decode is searched again: its error object may
/// come after the field that stopped the first pass.
///
/// That a body is UTF-8 is looked at for the whole of it, which is faster than string by string. Of
/// one that isn't, no more is said than whether it is an error object.
pub(crate) fn decode_detecting_errors<T: DeserializeOwned>(body: &[u8]) -> Detected<T> {
    if let Ok(text) = str::from_utf8(body) {
        match decode_once(serde_json::Deserializer::from_str(text)) {
            (_, true) => return Detected::ErrorObject,
            (Ok(value), false) => return Detected::Value(value),
            (Err(_), false) => {}
        }
    }
    match decode_once::<IgnoredAny, _>(serde_json::Deserializer::from_slice(body)) {
        (_, true) => Detected::ErrorObject,
        (_, false) => Detected::Invalid,
    }
}

/// What the bytes decode to, and whether they say that they are an error.
fn decode_once<'de, T: Deserialize<'de>, R: Read<'de>>(
    mut json: serde_json::Deserializer<R>,
) -> (serde_json::Result<T>, bool) {
    let error_seen = Cell::new(false);
    let value = T::deserialize(ErrorDetector {
        inner: &mut json,
        error_seen: &error_seen,
    });
    let value = value.and_then(|value| json.end().map(|()| value));
    (value, error_seen.get())
}

/// A deserializer, or the visitor or map it is requested, that sets a flag when the outermost object
/// says that it is an error. What it passes on is unchanged.
struct ErrorDetector<'n, I> {
    inner: I,
    error_seen: &'n Cell<bool>,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ErrorDetector<'_, D> {
    type Error = D::Error;

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(ErrorDetector {
            inner: visitor,
            error_seen: self.error_seen,
        })
    }

    fn deserialize_option<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_option(ErrorDetector {
            inner: visitor,
            error_seen: self.error_seen,
        })
    }

    fn deserialize_newtype_struct<V: de::Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = ErrorDetector {
            inner: visitor,
            error_seen: self.error_seen,
        };
        self.inner.deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_enum<V: de::Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

macro_rules! forward_visit {
    ($($method:ident($value:ty))*) => {$(
        fn $method<E: de::Error>(self, value: $value) -> Result<V::Value, E> {
            self.inner.$method(value)
        }
    )*};
}

impl<'de, V: de::Visitor<'de>> de::Visitor<'de> for ErrorDetector<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    forward_visit! {
        visit_bool(bool) visit_i64(i64) visit_i128(i128) visit_u64(u64) visit_u128(u128)
        visit_f64(f64) visit_str(&str) visit_borrowed_str(&'de str) visit_string(String)
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(ErrorDetector {
            inner,
            error_seen: self.error_seen,
        })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(ErrorDetector {
            inner,
            error_seen: self.error_seen,
        })
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(ErrorDetectorMap {
            inner,
            error_seen: self.error_seen,
            sign: None,
        })
    }
}

struct ErrorDetectorMap<'n, A> {
    inner: A,
    error_seen: &'n Cell<bool>,
    sign: Option<ErrorField>,
}

/// A field that can say that the object is an error.
#[derive(Clone, Copy)]
enum ErrorField {
    Error,
    Success,
}

impl ErrorField {
    fn of(key: &str) -> Option<Self> {
        match key {
            "error" => Some(Self::Error),
            "success" => Some(Self::Success),
            _ => None,
        }
    }

    /// Gateways also send a blank error with a good response, such as `null`, `""`, `0` or `{"message": ""}`.
    fn indicates_error(self, value: &Value) -> bool {
        match self {
            Self::Success => *value == Value::Bool(false),
            Self::Error => !is_blank(value),
        }
    }
}

/// Returns whether a value is empty, zero or false, also a list or object with nothing else in it.
pub(crate) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_blank),
        Value::Object(object) => object.values().all(is_blank),
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for ErrorDetectorMap<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let sign = &mut self.sign;
        self.inner.next_key_seed(KeyDetector { inner: seed, sign })
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let Some(sign) = self.sign.take() else {
            return self.inner.next_value_seed(seed);
        };
        let value: Value = self.inner.next_value()?;
        if sign.indicates_error(&value) {
            self.error_seen.set(true);
        }
        seed.deserialize(value).map_err(de::Error::custom)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// The seed, deserializer or visitor of a key, that notes whether it can say that the object is an error.
struct KeyDetector<'n, I> {
    inner: I,
    sign: &'n mut Option<ErrorField>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for KeyDetector<'_, S> {
    type Value = S::Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(KeyDetector {
            inner: deserializer,
            sign: self.sign,
        })
    }
}

macro_rules! deserialize_key {
    ($($method:ident)*) => {$(
        #[inline]
        fn $method<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method(KeyDetector { inner: visitor, sign: self.sign })
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for KeyDetector<'_, D> {
    type Error = D::Error;

    deserialize_key! { deserialize_any deserialize_identifier deserialize_str deserialize_string }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum ignored_any
    }
}

impl<'de, V: de::Visitor<'de>> de::Visitor<'de> for KeyDetector<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    #[inline]
    fn visit_str<E: de::Error>(self, key: &str) -> Result<V::Value, E> {
        *self.sign = ErrorField::of(key);
        self.inner.visit_str(key)
    }

    #[inline]
    fn visit_borrowed_str<E: de::Error>(self, key: &'de str) -> Result<V::Value, E> {
        *self.sign = ErrorField::of(key);
        self.inner.visit_borrowed_str(key)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Thing {
        id: String,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapped(Thing);

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Many { ids: Vec<u8> },
        One(Thing),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "type", rename_all = "lowercase")]
    enum Tagged {
        Thing(Thing),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Open {
        id: String,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }

    #[track_caller]
    fn assert_found<T: DeserializeOwned + Debug + PartialEq>(body: &str, expected: T) {
        assert_eq!(
            decode_detecting_errors(body.as_bytes()),
            Detected::Value(expected),
            "{body}"
        );
    }

    #[test]
    fn every_shape_of_type_gets_what_serde_json_gives() {
        let thing = || Thing { id: "a\n".into() };
        let body = r#"{"id":"a\n","type":"thing","\u0061":1}"#;
        assert_found(body, thing());
        assert_found(body, Wrapped(thing()));
        assert_found(body, Some(thing()));
        assert_found::<Option<Thing>>("null", None);
        assert_found(body, Either::One(thing()));
        assert_found(r#"{"ids":[1]}"#, Either::Many { ids: vec![1] });
        assert_found(body, Tagged::Thing(thing()));
        let rest = BTreeMap::from([("a".into(), 1.into()), ("type".into(), "thing".into())]);
        assert_found(
            body,
            Open {
                id: "a\n".into(),
                rest,
            },
        );
        assert_found(body, serde_json::from_str::<Value>(body).unwrap());
        assert_found("[1, 2.5]", vec![1.0, 2.5]);
        assert_found(r#""a""#, "a".to_owned());
        assert_found("-1", -1);
    }

    #[test]
    fn an_error_is_noticed_by_every_shape_of_type() {
        fn notices<T: DeserializeOwned>(body: &str) -> bool {
            matches!(
                decode_detecting_errors::<T>(body.as_bytes()),
                Detected::ErrorObject
            )
        }
        for body in [
            r#"{"id":"a","error":"e"}"#,
            r#"{"success":false,"id":"a"}"#,
            r#"{"id":null,"error":{"code":1}}"#,
            r#"{"error":{"message":"m"}}"#,
        ] {
            assert!(notices::<Thing>(body), "{body}");
            assert!(notices::<Wrapped>(body), "{body}");
            assert!(notices::<Option<Thing>>(body), "{body}");
            assert!(notices::<Either>(body), "{body}");
            assert!(notices::<Tagged>(body), "{body}");
            assert!(notices::<Open>(body), "{body}");
            assert!(notices::<Value>(body), "{body}");
            assert!(notices::<IgnoredAny>(body), "{body}");
        }
    }

    #[test]
    fn only_the_outermost_object_is_watched_and_blank_is_no_error() {
        for field in [
            r#""error":null"#,
            r#""error":{}"#,
            r#""error":"""#,
            r#""error":" ""#,
            r#""error":[]"#,
            r#""error":false"#,
            r#""error":0"#,
            r#""success":true"#,
            r#""success":null"#,
            r#""inner":{"error":"e","success":false}"#,
        ] {
            assert_found(
                &format!(r#"{{"id":"a",{field}}}"#),
                Thing { id: "a".into() },
            );
        }
    }

    #[test]
    fn what_does_not_decode_is_nothing() {
        for body in ["", "{", "{}", "x", r#"{"id":"a"} x"#, r#"{"id":1}"#] {
            assert_eq!(
                decode_detecting_errors::<Thing>(body.as_bytes()),
                Detected::Invalid,
                "{body}"
            );
        }
    }
}

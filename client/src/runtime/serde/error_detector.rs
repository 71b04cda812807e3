//! JSON decoding that detects whether the outermost object reports an error.
//!
//! A server may return an error under a success status. Detecting it needs no second pass: the type's own visitor
//! receives its fields through [`ErrorDetectorMap`], which inspects two of them.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::Value;
use serde_json::de::Read;

/// The result of decoding a body.
#[derive(Debug, PartialEq)]
pub(crate) enum Detected<T> {
    Value(T),
    ErrorObject,
    /// The body is not an error object, and doesn't decode or isn't valid UTF-8.
    Invalid,
}

/// Decodes a body in one pass. A body that doesn't decode is read a second time, because the properties that report
/// an error may follow the field at which the first pass stopped.
///
/// UTF-8 is validated in one go, which is faster than string by string. A body that isn't valid UTF-8 is only checked
/// for an error.
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

/// Returns the decoded value, and whether it reports an error.
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

/// A wrapper of a deserializer or visitor that sets a flag if the outermost object reports an error. It forwards
/// everything unchanged.
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
            field: None,
        })
    }
}

struct ErrorDetectorMap<'n, A> {
    inner: A,
    error_seen: &'n Cell<bool>,
    /// The field whose value is read next.
    field: Option<ErrorField>,
}

/// A field that can report an error.
#[derive(Clone, Copy)]
enum ErrorField {
    Error,
    Success,
}

impl ErrorField {
    fn from_key(key: &str) -> Option<Self> {
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
        let field = &mut self.field;
        self.inner.next_key_seed(KeyDetector { inner: seed, field })
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let Some(field) = self.field.take() else {
            return self.inner.next_value_seed(seed);
        };
        let value: Value = self.inner.next_value()?;
        if field.indicates_error(&value) {
            self.error_seen.set(true);
        }
        seed.deserialize(value).map_err(de::Error::custom)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// A wrapper of the seed, deserializer or visitor of a key that records whether the field can report an error.
struct KeyDetector<'n, I> {
    inner: I,
    field: &'n mut Option<ErrorField>,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for KeyDetector<'_, S> {
    type Value = S::Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(KeyDetector {
            inner: deserializer,
            field: self.field,
        })
    }
}

macro_rules! deserialize_key {
    ($($method:ident)*) => {$(
        #[inline]
        fn $method<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method(KeyDetector { inner: visitor, field: self.field })
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
        *self.field = ErrorField::from_key(key);
        self.inner.visit_str(key)
    }

    #[inline]
    fn visit_borrowed_str<E: de::Error>(self, key: &'de str) -> Result<V::Value, E> {
        *self.field = ErrorField::from_key(key);
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
    fn assert_value<T: DeserializeOwned + Debug + PartialEq>(body: &str, expected: T) {
        assert_eq!(
            decode_detecting_errors(body.as_bytes()),
            Detected::Value(expected),
            "{body}"
        );
    }

    #[test]
    fn every_kind_of_type_decodes_as_with_serde_json() {
        let thing = || Thing { id: "a\n".into() };
        let body = r#"{"id":"a\n","type":"thing","\u0061":1}"#;
        assert_value(body, thing());
        assert_value(body, Wrapped(thing()));
        assert_value(body, Some(thing()));
        assert_value::<Option<Thing>>("null", None);
        assert_value(body, Either::One(thing()));
        assert_value(r#"{"ids":[1]}"#, Either::Many { ids: vec![1] });
        assert_value(body, Tagged::Thing(thing()));
        let rest = BTreeMap::from([("a".into(), 1.into()), ("type".into(), "thing".into())]);
        assert_value(
            body,
            Open {
                id: "a\n".into(),
                rest,
            },
        );
        assert_value(body, serde_json::from_str::<Value>(body).unwrap());
        assert_value("[1, 2.5]", vec![1.0, 2.5]);
        assert_value(r#""a""#, "a".to_owned());
        assert_value("-1", -1);
    }

    #[test]
    fn errors_are_detected_with_every_kind_of_type() {
        fn detects<T: DeserializeOwned>(body: &str) -> bool {
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
            assert!(detects::<Thing>(body), "{body}");
            assert!(detects::<Wrapped>(body), "{body}");
            assert!(detects::<Option<Thing>>(body), "{body}");
            assert!(detects::<Either>(body), "{body}");
            assert!(detects::<Tagged>(body), "{body}");
            assert!(detects::<Open>(body), "{body}");
            assert!(detects::<Value>(body), "{body}");
            assert!(detects::<IgnoredAny>(body), "{body}");
        }
    }

    #[test]
    fn blank_fields_and_inner_objects_report_no_error() {
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
            assert_value(
                &format!(r#"{{"id":"a",{field}}}"#),
                Thing { id: "a".into() },
            );
        }
    }

    #[test]
    fn a_body_that_does_not_decode_is_invalid() {
        for body in ["", "{", "{}", "x", r#"{"id":"a"} x"#, r#"{"id":1}"#] {
            assert_eq!(
                decode_detecting_errors::<Thing>(body.as_bytes()),
                Detected::Invalid,
                "{body}"
            );
        }
    }
}

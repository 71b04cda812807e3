//! Decoding of optional fields that servers spell in several ways.
//!
//! What isn't a plain integer goes through [`Value`]: when some crate of the program switches on
//! serde_json's `arbitrary_precision`, numbers come as a map that only that type understands.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// `null` as the type's default.
pub fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An integer, a float without a fraction, or either in a string; exactly, or it is an error.
///
/// `null` and a blank string are `None`. A float from 2^53 on is refused: it may stand for another
/// integer than the one the server wrote.
pub fn integer<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i128>,
{
    let written = deserializer.deserialize_any(RawNumberVisitor)?;
    let whole = match &written {
        RawNumber::Integer(number) => Some(*number),
        RawNumber::Other(Value::Null) => return Ok(None),
        RawNumber::Other(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        RawNumber::Other(Value::Number(number)) => whole(&number.to_string()),
        RawNumber::Other(Value::String(text)) => whole(text.trim()),
        RawNumber::Other(_) => None,
    };
    match whole.map(T::try_from) {
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(D::Error::custom(format!("{written} is out of range"))),
        None => Err(D::Error::custom(format!(
            "expected a whole number, found {written}"
        ))),
    }
}

/// A number, or one in a string. `null` and a blank string are `None`.
pub fn number<'de, D>(deserializer: D) -> Result<Option<f64>, D::Error>
where
    D: Deserializer<'de>,
{
    let written = deserializer.deserialize_any(RawNumberVisitor)?;
    let number = match &written {
        RawNumber::Integer(number) => Some(*number as f64),
        RawNumber::Other(Value::Null) => return Ok(None),
        RawNumber::Other(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        RawNumber::Other(Value::Number(number)) => number.as_f64(),
        RawNumber::Other(Value::String(text)) => text.trim().parse().ok(),
        RawNumber::Other(_) => None,
    };
    match number {
        Some(number) if number.is_finite() => Ok(Some(number)),
        _ => Err(D::Error::custom(format!(
            "expected a number, found {written}"
        ))),
    }
}

/// What stands where a number should.
enum RawNumber {
    Integer(i128),
    Other(Value),
}

struct RawNumberVisitor;

/// The limit below which every integer has a float of its own: 2^53.
const EXACT_IN_FLOAT: f64 = 9_007_199_254_740_992.0;

/// The integer that a text stands for, if it stands for one.
fn whole(text: &str) -> Option<i128> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let float: f64 = text.parse().ok()?;
    (float.fract() == 0.0 && float.abs() < EXACT_IN_FLOAT).then_some(float as i128)
}

/// Returns the integer part of a number, if it is exact.
pub(crate) fn truncated_integer(text: &str) -> Option<i128> {
    if let Some(integer) = whole(text) {
        return Some(integer);
    }
    let float: f64 = text.parse().ok()?;
    (float.abs() < EXACT_IN_FLOAT).then_some(float.trunc() as i128)
}

impl fmt::Display for RawNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Other(Value::Object(_)) => f.write_str("an object"),
            Self::Other(Value::Array(_)) => f.write_str("an array"),
            Self::Other(value) => value.fmt(f),
        }
    }
}

impl<'de> Visitor<'de> for RawNumberVisitor {
    type Value = RawNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or one in a string")
    }

    fn visit_i64<E>(self, number: i64) -> Result<RawNumber, E> {
        Ok(RawNumber::Integer(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<RawNumber, E> {
        Ok(RawNumber::Integer(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<RawNumber, E> {
        Ok(RawNumber::Other(number.into()))
    }

    fn visit_bool<E>(self, is: bool) -> Result<RawNumber, E> {
        Ok(RawNumber::Other(is.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<RawNumber, E> {
        Ok(RawNumber::Other(text.into()))
    }

    fn visit_unit<E>(self) -> Result<RawNumber, E> {
        Ok(RawNumber::Other(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<RawNumber, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(list)).map(RawNumber::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawNumber, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(map)).map(RawNumber::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Sample {
        #[serde(default, deserialize_with = "null_as_default")]
        list: Vec<u8>,
        #[serde(default, deserialize_with = "integer")]
        signed: Option<i64>,
        #[serde(default, deserialize_with = "integer")]
        unsigned: Option<u64>,
        #[serde(default, deserialize_with = "number")]
        number: Option<f64>,
    }

    fn field(name: &str, json: &str) -> Result<Sample, String> {
        let text = format!(r#"{{"{name}":{json}}}"#);
        serde_json::from_str(&text).map_err(|error| error.to_string())
    }

    fn signed(json: &str) -> Result<Option<i64>, String> {
        field("signed", json).map(|sample| sample.signed)
    }

    #[test]
    fn absent_and_null_are_the_same() {
        let nothing = Sample {
            list: vec![],
            signed: None,
            unsigned: None,
            number: None,
        };
        let all_null = r#"{"list":null,"signed":null,"unsigned":null,"number":null}"#;
        assert_eq!(serde_json::from_str::<Sample>("{}").unwrap(), nothing);
        assert_eq!(serde_json::from_str::<Sample>(all_null).unwrap(), nothing);
        assert_eq!(field("list", "[1]").unwrap().list, [1]);
    }

    #[test]
    fn integers_are_exact() {
        for (json, expected) in [
            ("7", 7),
            ("-7", -7),
            ("7.0", 7),
            ("1e3", 1000),
            ("9007199254740993", 9_007_199_254_740_993),
            (r#""9007199254740993""#, 9_007_199_254_740_993),
            (r#"" 128000 ""#, 128_000),
            (r#""7.00""#, 7),
            (r#""1e3""#, 1000),
            (r#""-9223372036854775808""#, i64::MIN),
        ] {
            assert_eq!(signed(json), Ok(Some(expected)), "{json}");
        }
        assert_eq!(signed(r#""""#), Ok(None));
        let largest = field("unsigned", "18446744073709551615").unwrap();
        assert_eq!(largest.unsigned, Some(u64::MAX));
    }

    #[test]
    fn what_is_no_integer_is_refused() {
        for (json, message) in [
            ("1.5", "expected a whole number, found 1.5"),
            (r#""1.5""#, "expected a whole number, found \"1.5\""),
            (r#""128k""#, "expected a whole number, found \"128k\""),
            (r#""inf""#, "expected a whole number, found \"inf\""),
            ("true", "expected a whole number, found true"),
            ("{}", "expected a whole number, found an object"),
            ("1e300", "expected a whole number, found 1e+300"),
            (
                "9007199254740993.0",
                "expected a whole number, found 900719925474099",
            ),
            (r#""9007199254740993.0""#, "expected a whole number, found"),
            ("9223372036854775808", "9223372036854775808 is out of range"),
        ] {
            let error = signed(json).unwrap_err();
            assert!(error.starts_with(message), "{json}: {error}");
        }
        assert!(
            field("unsigned", "-1")
                .unwrap_err()
                .starts_with("-1 is out of range")
        );
    }

    #[test]
    fn numbers_may_be_strings() {
        let number = |json| field("number", json).map(|sample| sample.number);
        assert_eq!(number("0.5"), Ok(Some(0.5)));
        assert_eq!(number("2"), Ok(Some(2.0)));
        assert_eq!(number(r#"" 1.5e-3 ""#), Ok(Some(0.0015)));
        assert_eq!(number(r#""""#), Ok(None));
        for json in [r#""free""#, r#""nan""#, r#""inf""#, "[]"] {
            assert!(
                number(json)
                    .unwrap_err()
                    .starts_with("expected a number, found"),
                "{json}"
            );
        }
    }
}

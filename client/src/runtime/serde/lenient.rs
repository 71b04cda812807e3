//! Deserializers of optional fields that servers encode in several ways.
//!
//! Values other than integers are read as [`Value`]: if a crate of the program enables serde_json's
//! `arbitrary_precision`, numbers are represented as a map that only this type understands.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Deserializes `null` as the type's default.
pub fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Deserializes an integer, a float without a fraction, or either in a string, if the value is exact.
///
/// `null` and a blank string are `None`. A float of 2^53 or more is an error: it may have been rounded from another
/// integer.
pub fn integer<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i128>,
{
    let raw = deserializer.deserialize_any(RawNumberVisitor)?;
    let integer = match &raw {
        RawNumber::Integer(number) => Some(*number),
        RawNumber::Other(Value::Null) => return Ok(None),
        RawNumber::Other(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        RawNumber::Other(Value::Number(number)) => parse_exact_integer(&number.to_string()),
        RawNumber::Other(Value::String(text)) => parse_exact_integer(text.trim()),
        RawNumber::Other(_) => None,
    };
    match integer.map(T::try_from) {
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(D::Error::custom(format!("{raw} is out of range"))),
        None => Err(D::Error::custom(format!(
            "expected a whole number, found {raw}"
        ))),
    }
}

/// Deserializes a number, or a number in a string. `null` and a blank string are `None`.
pub fn number<'de, D>(deserializer: D) -> Result<Option<f64>, D::Error>
where
    D: Deserializer<'de>,
{
    let raw = deserializer.deserialize_any(RawNumberVisitor)?;
    let number = match &raw {
        RawNumber::Integer(number) => Some(*number as f64),
        RawNumber::Other(Value::Null) => return Ok(None),
        RawNumber::Other(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        RawNumber::Other(Value::Number(number)) => number.as_f64(),
        RawNumber::Other(Value::String(text)) => text.trim().parse().ok(),
        RawNumber::Other(_) => None,
    };
    match number {
        Some(number) if number.is_finite() => Ok(Some(number)),
        _ => Err(D::Error::custom(format!("expected a number, found {raw}"))),
    }
}

/// A JSON value in place of a number.
enum RawNumber {
    Integer(i128),
    Other(Value),
}

struct RawNumberVisitor;

/// The limit below which a float represents every integer exactly: 2^53.
const EXACT_FLOAT_LIMIT: f64 = 9_007_199_254_740_992.0;

/// Returns the integer in a text, also in one with a decimal point or exponent, if it is exact.
fn parse_exact_integer(text: &str) -> Option<i128> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let float: f64 = text.parse().ok()?;
    (float.fract() == 0.0 && float.abs() < EXACT_FLOAT_LIMIT).then_some(float as i128)
}

/// Returns the integer part of a number, if it is exact.
pub(crate) fn truncated_integer(text: &str) -> Option<i128> {
    if let Some(integer) = parse_exact_integer(text) {
        return Some(integer);
    }
    let float: f64 = text.parse().ok()?;
    (float.abs() < EXACT_FLOAT_LIMIT).then_some(float.trunc() as i128)
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

    fn visit_bool<E>(self, value: bool) -> Result<RawNumber, E> {
        Ok(RawNumber::Other(value.into()))
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
        let absent = Sample {
            list: vec![],
            signed: None,
            unsigned: None,
            number: None,
        };
        let all_null = r#"{"list":null,"signed":null,"unsigned":null,"number":null}"#;
        assert_eq!(serde_json::from_str::<Sample>("{}").unwrap(), absent);
        assert_eq!(serde_json::from_str::<Sample>(all_null).unwrap(), absent);
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
    fn values_that_are_no_exact_integer_are_rejected() {
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

    #[test]
    fn a_float_is_truncated_as_long_as_it_is_exact() {
        assert_eq!(truncated_integer("-2.5"), Some(-2));
        let largest = "9007199254740991.0";
        assert_eq!(truncated_integer(largest), Some(9_007_199_254_740_991));
        assert_eq!(truncated_integer("9007199254740992.0"), None);
    }
}

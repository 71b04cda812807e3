//! Macros for generated enums: string enums, and unions with and without a discriminator.

#![allow(
    unused_macros,
    reason = "a contract may have no enum or union of one of these kinds"
)]

use std::fmt;

use serde::Deserializer;
use serde::de::{self, DeserializeOwned};
use serde_json::Value;

/// Implements the conversions of a string enum with `Other(String)` for unlisted values.
macro_rules! open_enum {
    ($name:ident { $($variant:ident = $value:literal),* $(,)? }) => {
        impl $name {
            /// Returns the value as in JSON.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Other(value) => value,
                }
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                match value {
                    $($value => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                match value.as_str() {
                    $($value => Self::$variant,)*
                    _ => Self::Other(value),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(value: &str) -> Result<Self, std::convert::Infallible> {
                Ok(Self::from(value))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::runtime::serde::enums::deserialize_str_with(deserializer, |value| Ok(Self::from(value)))
            }
        }
    };
}

/// Implements the conversions of a string enum that lists every value.
macro_rules! closed_enum {
    ($name:ident { $($variant:ident = $value:literal),* $(,)? }) => {
        impl $name {
            /// Returns the value as in JSON.
            pub fn as_str(&self) -> &'static str {
                match self {
                    $(Self::$variant => $value,)*
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(value: &str) -> Result<Self, String> {
                match value {
                    $($value => Ok(Self::$variant),)*
                    other => Err(format!("{other:?} is none of {:?}", [$($value),*])),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::runtime::serde::enums::deserialize_str_with(deserializer, str::parse)
            }
        }
    };
}

/// Implements `Deserialize` for a union with a discriminator. A value with an unlisted tag is kept as JSON; one
/// with a listed tag whose fields don't match is an error.
macro_rules! tagged_union {
    ($name:ident by $tag:literal { $($variant:ident($inner:ty) = $value:literal),* $(,)? }) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                match value.get($tag).and_then(serde_json::Value::as_str) {
                    $(Some($value) => $crate::runtime::serde::enums::deserialize_variant(value).map(Self::$variant),)*
                    _ => Ok(Self::Unknown(value)),
                }
            }
        }

        $(
            impl From<$inner> for $name {
                fn from(value: $inner) -> Self {
                    Self::$variant(value)
                }
            }
        )*
    };
}

/// Implements `Deserialize` for a union without a discriminator. The first alternative that matches is used, and
/// a value that matches none is kept as JSON. If the union has a list, a list with an item that doesn't match is
/// an error, because all items would be lost with it.
macro_rules! untagged_union {
    ($name:ident { $($variant:ident($inner:ty)),* } lists { $($list:ident($items:ty)),* }) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                $(
                    if value.is_array() {
                        return $crate::runtime::serde::enums::deserialize_variant(value).map(Self::$list);
                    }
                )*
                $(
                    if let Ok(inner) = <$inner>::deserialize(&value) {
                        return Ok(Self::$variant(inner));
                    }
                )*
                Ok(Self::Other(value))
            }
        }
    };
}

pub(crate) use {closed_enum, open_enum, tagged_union, untagged_union};

/// Deserializes a string and converts it without a copy.
pub(crate) fn deserialize_str_with<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    convert: fn(&str) -> Result<T, String>,
) -> Result<T, D::Error> {
    struct StrVisitor<T>(fn(&str) -> Result<T, String>);

    impl<T> de::Visitor<'_> for StrVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            (self.0)(text).map_err(E::custom)
        }
    }

    deserializer.deserialize_str(StrVisitor(convert))
}

/// Deserializes a known variant of a union. An error begins with the path of the field that doesn't match.
pub(crate) fn deserialize_variant<T: DeserializeOwned, E: serde::de::Error>(
    value: Value,
) -> Result<T, E> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.into_inner();
        match path.as_str() {
            "." => E::custom(reason),
            path => E::custom(format_args!("{path}: {reason}")),
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[derive(Debug, PartialEq)]
    enum Words {
        Count(i64),
        Text(String),
        Parts(Vec<u8>),
        Other(Value),
    }

    untagged_union!(Words { Count(i64), Text(String) } lists { Parts(Vec<u8>) });

    fn words(json: Value) -> Result<Words, String> {
        serde_json::from_value(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_union_without_a_discriminator_keeps_values_that_match_no_alternative() {
        assert_eq!(words(json!(7)), Ok(Words::Count(7)));
        assert_eq!(words(json!("7")), Ok(Words::Text("7".to_owned())));
        assert_eq!(words(json!([7])), Ok(Words::Parts(vec![7])));
        for other in [json!(1.5), json!({ "a": 1 }), json!(null)] {
            assert_eq!(words(other.clone()), Ok(Words::Other(other)));
        }
    }

    #[test]
    fn a_list_with_one_invalid_item_is_an_error() {
        let error = words(json!([7, "x"])).unwrap_err();
        assert!(error.starts_with("[1]: invalid type: string"), "{error}");
    }
}

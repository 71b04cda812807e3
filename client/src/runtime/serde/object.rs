//! Macro for the `Deserialize` implementation of generated structs.
//!
//! The derived implementation would also accept a list in place of an object, with the fields in their order, and
//! would buffer every value of a struct with a flattened map.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Handling of the properties that a struct doesn't list.
pub trait Unlisted {
    /// The name of such a property, if it is needed.
    type Key: for<'k> From<&'k str>;

    /// Reads the value of such a property.
    fn read<'de, A: MapAccess<'de>>(&mut self, key: Self::Key, map: &mut A)
    -> Result<(), A::Error>;
}

/// Ignores unlisted properties.
#[derive(Debug)]
pub struct Ignored;

/// The name of an ignored property.
#[derive(Debug)]
pub struct IgnoredKey;

impl From<&str> for IgnoredKey {
    fn from(_: &str) -> Self {
        Self
    }
}

impl Unlisted for Ignored {
    type Key = IgnoredKey;

    fn read<'de, A: MapAccess<'de>>(&mut self, _: IgnoredKey, map: &mut A) -> Result<(), A::Error> {
        map.next_value::<IgnoredAny>()?;
        Ok(())
    }
}

impl Unlisted for Map<String, Value> {
    type Key = String;

    fn read<'de, A: MapAccess<'de>>(&mut self, key: String, map: &mut A) -> Result<(), A::Error> {
        self.insert(key, map.next_value()?);
        Ok(())
    }
}

/// The name of a property, borrowed unless it contains escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct JsonKey<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// Reads the name of a property.
#[derive(Debug)]
pub struct KeySeed<F>(pub F);

impl<'de, K, F: FnOnce(&str) -> K> DeserializeSeed<'de> for KeySeed<F> {
    type Value = K;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<K, F: FnOnce(&str) -> K> Visitor<'_> for KeySeed<F> {
    type Value = K;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a property")
    }

    #[inline]
    fn visit_str<E>(self, name: &str) -> Result<K, E> {
        Ok((self.0)(name))
    }
}

/// Implements `Deserialize` for a struct. Each property has its name, field and type, whether it is required, and
/// the function that decodes it if it isn't the type's own. The last argument is the field for unlisted properties,
/// if they are kept.
macro_rules! object {
    (
        $name:ident { $($key:literal => $field:ident: $ty:ty, $presence:ident $(with $with:path)?;)* }
        $($unknown:ident)?
    ) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ObjectVisitor;

                #[allow(non_camel_case_types)]
                enum Key<U> {
                    $($field,)*
                    Unlisted(U),
                }

                impl<'de> serde::de::Visitor<'de> for ObjectVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("struct ", stringify!($name)))
                    }

                    #[inline]
                    fn visit_map<A>(self, mut map: A) -> Result<$name, A::Error>
                    where
                        A: serde::de::MapAccess<'de>,
                    {
                        $(let mut $field: Option<$ty> = None;)*
                        let mut unlisted = $crate::runtime::object!(@unlisted $($unknown)?);
                        let key = |name: &str| match name {
                            $($key => Key::$field,)*
                            name => Key::Unlisted(name.into()),
                        };
                        while let Some(key) =
                            map.next_key_seed($crate::runtime::serde_object::KeySeed(key))?
                        {
                            match key {
                                $(Key::$field => {
                                    if $field.is_some() {
                                        return Err(serde::de::Error::duplicate_field($key));
                                    }
                                    $field = Some($crate::runtime::object!(
                                        @value map, $ty $(, $with)?
                                    ));
                                })*
                                Key::Unlisted(key) => {
                                    $crate::runtime::serde_object::Unlisted::read(
                                        &mut unlisted, key, &mut map,
                                    )?;
                                }
                            }
                        }
                        Ok($name {
                            $($field: $crate::runtime::object!(@field $presence, $field, $key),)*
                            $($unknown: unlisted,)?
                        })
                    }

                    /// Accepts an empty list as an object without properties, because PHP encodes it so.
                    fn visit_seq<A>(self, mut list: A) -> Result<$name, A::Error>
                    where
                        A: serde::de::SeqAccess<'de>,
                    {
                        if list.next_element::<serde::de::IgnoredAny>()?.is_some() {
                            let found = serde::de::Unexpected::Seq;
                            return Err(serde::de::Error::invalid_type(found, &self));
                        }
                        let entries = std::iter::empty::<(String, String)>();
                        self.visit_map(serde::de::value::MapDeserializer::new(entries))
                    }
                }

                deserializer.deserialize_struct(stringify!($name), &[$($key),*], ObjectVisitor)
            }
        }
    };
    (@unlisted) => {
        $crate::runtime::serde_object::Ignored
    };
    (@unlisted $unknown:ident) => {
        serde_json::Map::new()
    };
    (@value $map:ident, $ty:ty) => {
        $map.next_value::<$ty>()?
    };
    (@value $map:ident, $ty:ty, $with:path) => {{
        struct Decoded($ty);

        impl<'de> serde::Deserialize<'de> for Decoded {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $with(deserializer).map(Decoded)
            }
        }

        $map.next_value::<Decoded>()?.0
    }};
    (@field optional, $field:ident, $key:literal) => {
        $field.unwrap_or_default()
    };
    (@field required, $field:ident, $key:literal) => {
        match $field {
            Some(value) => value,
            None => return Err(serde::de::Error::missing_field($key)),
        }
    };
}

pub(crate) use object;

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::{Map, Value, json};

    use crate::runtime::serde::lenient;

    #[derive(Debug, Default, PartialEq)]
    struct Plain {
        name: String,
        type_: Option<String>,
        count: Option<u64>,
    }

    object!(Plain {
        "name" => name: String, required;
        "type" => type_: Option<String>, optional;
        "count" => count: Option<u64>, optional with lenient::integer;
    });

    #[derive(Debug, Default, PartialEq)]
    struct Keeping {
        name: Option<String>,
        unknown: Map<String, Value>,
    }

    object!(Keeping { "name" => name: Option<String>, optional; } unknown);

    fn error<T: DeserializeOwned + std::fmt::Debug>(json: &str) -> String {
        serde_json::from_str::<T>(json).unwrap_err().to_string()
    }

    #[test]
    fn properties_are_read_by_their_names() {
        let plain: Plain =
            serde_json::from_str(r#"{"other":[1],"t\u0079pe":"a","count":"7","name":"b"}"#)
                .unwrap();
        assert_eq!(
            plain,
            Plain {
                name: "b".to_owned(),
                type_: Some("a".to_owned()),
                count: Some(7)
            }
        );
        assert_eq!(
            error::<Plain>(r#"{"type":"a"}"#),
            "missing field `name` at line 1 column 12"
        );
        assert_eq!(
            error::<Plain>(r#"{"name":"a","name":"b"}"#),
            "duplicate field `name` at line 1 column 18"
        );
    }

    #[test]
    fn a_list_is_no_object_unless_both_are_empty() {
        assert_eq!(
            error::<Plain>(r#"["a","b",7]"#),
            "invalid type: sequence, expected struct Plain at line 1 column 5"
        );
        assert_eq!(
            error::<Plain>("[]"),
            "missing field `name` at line 1 column 2"
        );
        assert_eq!(
            serde_json::from_str::<Keeping>("[]").unwrap(),
            Keeping::default()
        );
    }

    #[test]
    fn unlisted_properties_are_kept_where_there_is_a_field_for_them() {
        let keeping: Keeping =
            serde_json::from_str(r#"{"a":{"b":[1]},"name":"c","d\n":null}"#).unwrap();
        assert_eq!(keeping.name.as_deref(), Some("c"));
        assert_eq!(
            Value::Object(keeping.unknown),
            json!({"a": {"b": [1]}, "d\n": null})
        );
    }
}

//! The decoder of generated structs that keep the properties which the contract doesn't list.

#![allow(unused_macros, reason = "a contract may have no such object")]

/// Implements `Deserialize` for a struct whose field `unknown` keeps the properties that it doesn't list.
macro_rules! keeping_struct {
    ($name:ident { $($key:literal => $field:ident: $ty:ty, $presence:ident $(with $with:path)?;)* }) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ObjectVisitor;

                impl<'de> serde::de::Visitor<'de> for ObjectVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("struct ", stringify!($name)))
                    }

                    fn visit_map<A>(self, mut map: A) -> Result<$name, A::Error>
                    where
                        A: serde::de::MapAccess<'de>,
                    {
                        $(let mut $field: Option<$ty> = None;)*
                        let mut unknown = serde_json::Map::new();
                        while let Some(key) =
                            map.next_key::<$crate::runtime::serde::error_detector::JsonKey<'de>>()?
                        {
                            match &*key.0 {
                                $($key => {
                                    if $field.is_some() {
                                        return Err(serde::de::Error::duplicate_field($key));
                                    }
                                    $field = Some($crate::runtime::keeping_struct!(
                                        @value map, $ty $(, $with)?
                                    ));
                                })*
                                _ => {
                                    unknown.insert(key.0.into_owned(), map.next_value()?);
                                }
                            }
                        }
                        Ok($name {
                            $($field: $crate::runtime::keeping_struct!(
                                @field $presence, $field, $key
                            ),)*
                            unknown,
                        })
                    }

                    /// Takes an empty list for an object without properties, as PHP writes it.
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

pub(crate) use keeping_struct;

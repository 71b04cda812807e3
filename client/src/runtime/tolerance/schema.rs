//! The JSON that a type is decoded from, as data. Generated code fills it.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::Value;

/// The JSON that a Rust type accepts.
#[derive(Debug)]
pub enum Schema {
    /// Any JSON.
    Any,
    /// A string, also one of an open set.
    String,
    /// A string, for which some servers send a list of objects with a `type` and the text in a property of that name. For
    /// each type the property of the object around it that its text belongs to.
    TextParts(&'static [(&'static str, &'static str)]),
    /// One of these strings.
    Enum(&'static [&'static str]),
    /// An integer within these bounds.
    Integer {
        /// The smallest value.
        min: i128,
        /// The largest value.
        max: i128,
    },
    /// A number.
    Number,
    /// A boolean.
    Boolean,
    /// A list of items.
    List(&'static Schema),
    /// An object with arbitrary keys.
    Map(&'static Schema),
    /// An object with known properties. Others are ignored.
    Object(&'static [Property]),
    /// An object whose property `tag` selects the schema. Anything else is kept as JSON.
    Tagged {
        /// The name of the property that selects.
        tag: &'static str,
        /// The values of the tag, and their schemas.
        variants: &'static [(&'static str, &'static Schema)],
    },
    /// One of these schemas. What matches none is kept as JSON, except for the items of a list.
    Untagged(&'static [&'static Schema]),
}

/// A property of an object.
#[derive(Debug)]
pub struct Property {
    /// Its name in JSON.
    pub name: &'static str,
    /// The schema of its value.
    pub schema: &'static Schema,
    /// Whether it may be missing.
    pub presence: Presence,
}

/// Whether a property may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The object is unusable without it.
    Required,
    /// The object is unusable without it, and null stands for an empty list or object.
    NullIsEmpty,
    /// It may be absent or null.
    Optional,
}

/// A type with a schema. Generated code implements it for what operations return.
pub trait Described {
    /// The schema of the JSON that the type is decoded from.
    const SCHEMA: &'static Schema = &Schema::Any;

    /// The text after a JSON response that ends an event stream, such as `[DONE]`.
    const TRAILING_SENTINEL: Option<&'static str> = None;

    /// Returns whether all lists that the API always sends are empty, so that the value may stand beside an error.
    fn is_empty(&self) -> bool {
        false
    }

    /// Returns the error that the API reports within the value.
    fn reported_error(&self) -> Option<&Value> {
        None
    }
}

impl Described for Value {}

impl Described for IgnoredAny {}

impl<T: Described> Described for Vec<T> {
    const SCHEMA: &'static Schema = &Schema::List(T::SCHEMA);
}

impl<T: Described> Described for BTreeMap<String, T> {
    const SCHEMA: &'static Schema = &Schema::Map(T::SCHEMA);
}

impl Schema {
    /// What an error message calls a value of this schema.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Any | Self::Untagged(_) => "a value",
            Self::String | Self::TextParts(_) => "a string",
            Self::Enum(_) => "a documented string",
            Self::Integer { .. } => "an integer",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::List(_) => "a list",
            Self::Map(_) | Self::Object(_) | Self::Tagged { .. } => "an object",
        }
    }

    /// Returns the empty list or object of this schema, if there is one.
    pub(crate) fn empty(&self) -> Option<String> {
        match self {
            Self::List(_) => Some("[]".to_owned()),
            Self::Map(_) => Some("{}".to_owned()),
            Self::Object(properties) => {
                let required = properties
                    .iter()
                    .filter(|property| property.presence != Presence::Optional);
                let entries = required.map(|property| {
                    Some(format!(
                        "\"{}\":{}",
                        property.name,
                        property.schema.empty()?
                    ))
                });
                let entries = entries.collect::<Option<Vec<_>>>()?;
                Some(format!("{{{}}}", entries.join(",")))
            }
            _ => None,
        }
    }
}

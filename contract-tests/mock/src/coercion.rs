//! Coercion of strings from a query or a form to the types of their schemas.

use std::collections::BTreeMap;

use cometapi_contract::Node;
use serde_json::Value;

/// The type that a string is coerced to.
#[derive(Debug)]
pub(crate) enum ValueType {
    String,
    Boolean,
    Number,
    Array(Box<ValueType>),
}

impl ValueType {
    pub(crate) fn of(schema: &Node<'_>) -> Self {
        let schema = schema.resolved();
        match schema.str("type") {
            Some("boolean") => Self::Boolean,
            Some("integer" | "number") => Self::Number,
            Some("array") => {
                let items = schema.get("items");
                Self::Array(Box::new(items.as_ref().map_or(Self::String, Self::of)))
            }
            _ => Self::String,
        }
    }

    /// The types of an object's properties.
    pub(crate) fn of_properties(schema: &Node<'_>) -> BTreeMap<String, Self> {
        let properties = schema.resolved().get("properties");
        let properties = properties.iter().flat_map(Node::entries);
        properties
            .map(|(name, schema)| (name.to_owned(), Self::of(&schema)))
            .collect()
    }

    /// A string that can't be coerced stays a string, which the schema then rejects.
    pub(crate) fn coerce(&self, value: &Value) -> Value {
        match (self, value) {
            (Self::Array(items), Value::Array(values)) => {
                values.iter().map(|value| items.coerce(value)).collect()
            }
            (Self::Array(items), value) => Value::Array(vec![items.coerce(value)]),
            (Self::Boolean, Value::String(text)) => {
                text.parse().map_or_else(|_| value.clone(), Value::Bool)
            }
            (Self::Number, Value::String(text)) => {
                text.parse().map_or_else(|_| value.clone(), Value::Number)
            }
            _ => value.clone(),
        }
    }
}

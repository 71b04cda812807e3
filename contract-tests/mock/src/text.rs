//! Values that come as text, in a query or a form, read as what their schema says they are.

use std::collections::BTreeMap;

use cometapi_contract::Node;
use serde_json::{Map, Value};

/// What a text stands for.
#[derive(Debug)]
pub(crate) enum Kind {
    Text,
    Boolean,
    Number,
    List(Box<Kind>),
}

/// The fields of a form.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    fields: BTreeMap<String, Kind>,
}

impl Kind {
    pub(crate) fn of(schema: &Node<'_>) -> Self {
        let schema = schema.resolved();
        match schema.str("type") {
            Some("boolean") => Self::Boolean,
            Some("integer" | "number") => Self::Number,
            Some("array") => {
                let items = schema.get("items");
                Self::List(Box::new(items.as_ref().map_or(Self::Text, Self::of)))
            }
            _ => Self::Text,
        }
    }

    /// What doesn't read as what it should be stays a text, for the schema to refuse.
    pub(crate) fn read(&self, value: &Value) -> Value {
        match (self, value) {
            (Self::List(kind), Value::Array(values)) => {
                values.iter().map(|value| kind.read(value)).collect()
            }
            (Self::List(kind), value) => Value::Array(vec![kind.read(value)]),
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

impl Texts {
    pub(crate) fn of(schema: &Node<'_>) -> Self {
        let properties = schema.resolved().get("properties");
        let properties = properties.iter().flat_map(Node::entries);
        let fields = properties.map(|(name, schema)| (name.to_owned(), Kind::of(&schema)));
        Self {
            fields: fields.collect(),
        }
    }

    pub(crate) fn read(&self, values: &Map<String, Value>) -> Map<String, Value> {
        let read = |(name, value): (&String, &Value)| {
            let kind = self.fields.get(name).unwrap_or(&Kind::Text);
            (name.clone(), kind.read(value))
        };
        values.iter().map(read).collect()
    }
}

//! A value compared with its schema: what has changed since the contract was written.
//!
//! A change of the contract is proposed only if it fits everything that came: one value of many that is of another type shows that
//! the service deviates, not that the contract is wrong.

use std::collections::BTreeMap;

use cometapi_contract::Node;
use serde_json::{Map, Value, json};

use super::save::{as_identifier, gist};
use crate::schema::{is_nullable, is_of, required, tag, type_of, variant, variants};

/// Something in a response that isn't as the contract says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What sort it is of, as one word.
    pub rule: &'static str,
    /// Where in the body it was first seen.
    pub pointer: String,
    /// The same with `*` for places in arrays.
    pub pattern: String,
    /// What was seen there, without its content.
    pub seen: String,
    /// The change of the contract that would make it expected; empty if none fits all that came.
    pub proposal: String,
    /// How often it was seen.
    pub times: usize,
    /// Among how many values there; 0 for what is in no place of the body.
    pub of: usize,
    /// The line of the contract that it is about, if there is one.
    pub line: Option<usize>,
}

/// Collects differences, the same one at several places of an array as one.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    differences: Vec<Difference>,
    /// How many values there were at each pattern.
    values: BTreeMap<String, usize>,
}

/// Where a value is.
#[derive(Clone)]
struct Place {
    pointer: String,
    pattern: String,
}

impl Comparison {
    /// Compares a complete body, or one event of a stream.
    pub(super) fn body(&mut self, schema: &Node<'_>, value: &Value) {
        let root = Place {
            pointer: String::new(),
            pattern: String::new(),
        };
        self.value(schema, value, &root);
    }

    /// The differences, with proposals that fit all values.
    pub(super) fn finish(mut self) -> Vec<Difference> {
        for difference in &mut self.differences {
            let pattern = match difference.rule {
                "missing-field" => difference
                    .pattern
                    .rsplit_once('/')
                    .map_or("", |(object, _)| object),
                "changed-type" => &difference.pattern,
                _ => continue,
            };
            difference.of = self.values.get(pattern).copied().unwrap_or_default();
            // Null beside other values is what `nullable` says.
            if difference.times < difference.of && !difference.proposal.starts_with("set nullable")
            {
                difference.proposal.clear();
            }
        }
        self.differences
    }

    pub(super) fn add(&mut self, difference: Difference) {
        let same = |known: &&mut Difference| {
            (known.rule, &known.pattern, &known.proposal)
                == (difference.rule, &difference.pattern, &difference.proposal)
        };
        match self.differences.iter_mut().find(same) {
            Some(known) => known.times += difference.times,
            None => self.differences.push(difference),
        }
    }

    fn value(&mut self, node: &Node<'_>, value: &Value, place: &Place) {
        let schema = node.resolved();
        *self.values.entry(place.pattern.clone()).or_default() += 1;
        if value.is_null() {
            if !is_nullable(node) && schema.get("x-untyped").is_none() {
                self.report(
                    "changed-type",
                    place,
                    value,
                    (node.line(), set(node, "nullable: true")),
                );
            }
            return;
        }
        let variants = variants(&schema);
        if !variants.is_empty() {
            return self.union(&schema, &variants, value, place);
        }
        let Some(expected) = schema.str("type") else {
            return;
        };
        if !is_of(value, expected) {
            let proposal = set(&schema, &format!("type: {}", type_of(value)));
            return self.report("changed-type", place, value, (schema.line(), proposal));
        }
        match value {
            Value::Object(fields) => self.object(&schema, fields, place),
            Value::Array(items) => {
                let Some(schema) = schema.get("items") else {
                    return;
                };
                for (index, item) in items.iter().enumerate() {
                    self.value(&schema, item, &place.item(index));
                }
            }
            Value::String(text) => self.text(&schema, text, place),
            _ => {}
        }
    }

    fn object(&mut self, schema: &Node<'_>, fields: &Map<String, Value>, place: &Place) {
        let properties = schema.get("properties");
        let others = schema.get("additionalProperties");
        for (name, value) in fields {
            let known = properties.as_ref().and_then(|known| known.get(name));
            if let Some(schema) = known.as_ref().or(others.as_ref()) {
                self.value(schema, value, &place.field(name));
            } else if properties.is_some() {
                let field = json!({ name: described(value) });
                let proposal = format!("add to properties of {}: {field}", at(schema));
                self.report(
                    "undocumented-field",
                    &place.field(name),
                    value,
                    (schema.line(), proposal),
                );
            }
        }
        for name in required(schema) {
            if !fields.contains_key(name) {
                let proposal = format!("take {name} out of required of {}", at(schema));
                self.report(
                    "missing-field",
                    &place.field(name),
                    &Value::Null,
                    (schema.line(), proposal),
                );
            }
        }
    }

    /// By the tag if there is one, else as the variant that it differs least from.
    fn union(&mut self, schema: &Node<'_>, variants: &[Node<'_>], value: &Value, place: &Place) {
        if let Some(tag) = tag(schema)
            && let Some(said) = value.get(tag).and_then(Value::as_str)
        {
            return match variant(schema, value) {
                Some(variant) => self.value(&variant, value, place),
                None => {
                    let (said, at) = (as_identifier(said), at(schema));
                    let proposal = format!("add a variant for {said} to {at}");
                    self.report(
                        "new-value",
                        &place.field(tag),
                        &value[tag],
                        (schema.line(), proposal),
                    );
                }
            };
        }
        let tried = variants.iter().map(|variant| {
            let mut comparison = Self::default();
            comparison.value(variant, value, place);
            comparison
        });
        let Some(nearest) = tried.min_by_key(|tried| tried.differences.len()) else {
            return;
        };
        for (pattern, count) in nearest.values {
            if pattern != place.pattern {
                *self.values.entry(pattern).or_default() += count;
            }
        }
        for mut difference in nearest.differences {
            if difference.pattern == place.pattern && difference.rule == "changed-type" {
                // Another type of one variant would be wrong for all that this variant is for.
                difference.proposal = format!("add a variant to {}", at(schema));
            }
            self.add(difference);
        }
    }

    fn text(&mut self, schema: &Node<'_>, text: &str, place: &Place) {
        let Some(values) = schema.get("enum") else {
            return;
        };
        if values.items().iter().all(|known| known.value() != text) {
            let shown = as_identifier(text);
            let proposal = format!("add {shown} to enum of {}", at(schema));
            self.report("new-value", place, &json!(text), (schema.line(), proposal));
        }
    }

    fn report(
        &mut self,
        rule: &'static str,
        place: &Place,
        value: &Value,
        (line, proposal): (usize, String),
    ) {
        self.add(Difference {
            rule,
            pointer: place.pointer.clone(),
            pattern: place.pattern.clone(),
            seen: if rule == "missing-field" {
                "nothing".to_owned()
            } else {
                gist(value)
            },
            proposal,
            times: 1,
            of: 0,
            line: Some(line),
        });
    }
}

impl Place {
    fn field(&self, name: &str) -> Self {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        Self {
            pointer: format!("{}/{escaped}", self.pointer),
            pattern: format!("{}/{escaped}", self.pattern),
        }
    }

    fn item(&self, index: usize) -> Self {
        Self {
            pointer: format!("{}/{index}", self.pointer),
            pattern: format!("{}/*", self.pattern),
        }
    }
}

/// The schema that a value would fit.
fn described(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "x-untyped": "Only met as null.", "nullable": true }),
        Value::Array(items) => json!({
            "type": "array",
            "items": items.first().map_or_else(|| json!({}), described),
        }),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), described(value)));
            json!({ "type": "object", "properties": fields.collect::<Map<_, _>>() })
        }
        other => json!({ "type": type_of(other) }),
    }
}

fn set(schema: &Node<'_>, what: &str) -> String {
    format!("set {what} on {}", at(schema))
}

/// A place in the contract, for people.
fn at(schema: &Node<'_>) -> String {
    format!("#{} (line {})", schema.pointer(), schema.line())
}

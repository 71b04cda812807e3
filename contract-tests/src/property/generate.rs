//! Values that fit a schema.

use cometapi_contract::Node;
use serde_json::{Map, Value, json};

use super::place::Step;
use crate::random::Random;
use crate::schema::{Shape, is_nullable, is_required};

/// How much of what may be absent is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Density {
    Nothing,
    Half,
    Everything,
}

/// What breaks code that takes texts for plain.
const TEXTS: [&str; 8] = [
    "",
    " ",
    "Hello.",
    "\"\\/\u{8}\n\t\u{0}",
    "\u{1f44b}\u{1f3fd} \u{fe0f}w\u{f6}rld \u{2028}",
    "null",
    "{\"id\": 1}",
    "17",
];

const INTEGERS: [i64; 8] = [
    0,
    1,
    -1,
    7,
    1_767_225_600,
    9_007_199_254_740_993,
    i64::MAX,
    i64::MIN,
];

const NUMBERS: [f64; 7] = [0.0, 1.0, -0.5, 0.1, 1e-300, 1.5e300, 123_456_789.125];

/// A value that no contract lists.
pub(super) const UNHEARD_OF: &str = "unheard of";

/// Makes values; what is left to chance follows from the seed.
pub(super) struct Generator<'r> {
    pub(super) random: &'r mut Random,
    pub(super) density: Density,
}

impl Generator<'_> {
    /// A valid value that has a value at the place where `steps` lead.
    pub(super) fn value(&mut self, schema: &Node<'_>, steps: &[Step]) -> Value {
        if steps.is_empty() && is_nullable(schema) && self.one_in(4) {
            return Value::Null;
        }
        self.present(schema, steps)
    }

    /// The same, but for null.
    pub(super) fn present(&mut self, schema: &Node<'_>, steps: &[Step]) -> Value {
        match Shape::of(schema) {
            Shape::Text { listed } => self.text(schema, &listed),
            Shape::Integer => self.integer(schema),
            Shape::Number => self.number(schema),
            Shape::Boolean => json!(self.one_in(2)),
            Shape::Untyped => self.anything(),
            Shape::List(items) => self.list(schema, &items, steps),
            Shape::Map(entry) => {
                let keys = ["50256", "x", "\u{e4} b"];
                let mut map = Map::new();
                for key in &keys[..self.random.below(keys.len() + 1)] {
                    map.insert((*key).to_owned(), self.value(&entry, &[]));
                }
                Value::Object(map)
            }
            Shape::Object(properties) => {
                let mut object = Map::new();
                for (name, property) in properties {
                    let rest = match steps.split_first() {
                        Some((Step::Property(wanted), rest)) if wanted == name => Some(rest),
                        _ => None,
                    };
                    let is_there = is_required(schema, name)
                        || rest.is_some()
                        || match self.density {
                            Density::Nothing => false,
                            Density::Half => self.one_in(2),
                            Density::Everything => true,
                        };
                    if !is_there || property.resolved().str("format") == Some("binary") {
                        continue;
                    }
                    let value = match rest {
                        Some(rest) => self.present(&property, rest),
                        None => self.value(&property, &[]),
                    };
                    object.insert(name.to_owned(), value);
                }
                Value::Object(object)
            }
            Shape::Union(variants, _) => match steps.split_first() {
                Some((Step::Variant(index), rest)) => self.present(&variants[*index], rest),
                _ => {
                    let variant = &variants[self.random.below(variants.len())];
                    self.present(variant, &[])
                }
            },
        }
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.random.below(count) == 0
    }

    fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.random.below(values.len())]
    }

    fn text(&mut self, schema: &Node<'_>, listed: &[Node<'_>]) -> Value {
        match listed {
            [] => {
                let longest = limit(schema, "maxLength").unwrap_or(f64::MAX);
                let fits = |text: &&str| text.chars().count() as f64 <= longest;
                let fitting: Vec<&str> = TEXTS.into_iter().filter(fits).collect();
                json!(self.one_of(&fitting))
            }
            // A set of one is a tag.
            [only] => only.value().clone(),
            _ if self.one_in(4) => json!(UNHEARD_OF),
            listed => listed[self.random.below(listed.len())].value().clone(),
        }
    }

    fn integer(&mut self, schema: &Node<'_>) -> Value {
        let within = |number: &i64| is_within(schema, *number as f64);
        let fitting: Vec<i64> = INTEGERS.into_iter().filter(within).collect();
        json!(self.one_of(&fitting))
    }

    fn number(&mut self, schema: &Node<'_>) -> Value {
        let within = |number: &f64| is_within(schema, *number);
        let fitting: Vec<f64> = NUMBERS.into_iter().filter(within).collect();
        let number = self.one_of(&fitting);
        // A whole number is mostly written as one.
        match number.fract() == 0.0 && number.abs() < 1e9 && self.one_in(2) {
            true => json!(number as i64),
            false => json!(number),
        }
    }

    fn list(&mut self, schema: &Node<'_>, items: &Node<'_>, steps: &[Step]) -> Value {
        let wanted = match steps.split_first() {
            Some((Step::Item, rest)) => Some(rest),
            _ => None,
        };
        let least = limit(schema, "minItems").map_or(0, |least| least as usize);
        let least = least.max(usize::from(wanted.is_some()));
        let count = least.max(match self.density {
            Density::Nothing => 0,
            Density::Half => self.random.below(3),
            Density::Everything => 1,
        });
        let item = |index: usize| match wanted {
            Some(rest) if index == 0 => self.present(items, rest),
            _ => self.value(items, &[]),
        };
        (0..count).map(item).collect()
    }

    /// JSON of any sort.
    pub(super) fn anything(&mut self) -> Value {
        let any = [
            json!(null),
            json!(true),
            json!(0),
            json!(-1.5),
            json!("text"),
            json!([]),
            json!(["openai", { "path": "/x" }]),
            json!({}),
            json!({ "openai": { "path": "/v1", "method": "POST", "list": [null, 1] } }),
        ];
        any[self.random.below(any.len())].clone()
    }
}

fn limit(schema: &Node<'_>, key: &str) -> Option<f64> {
    schema.resolved().get(key)?.value().as_f64()
}

fn is_within(schema: &Node<'_>, number: f64) -> bool {
    let least = limit(schema, "minimum").unwrap_or(f64::MIN);
    let most = limit(schema, "maximum").unwrap_or(f64::MAX);
    (least..=most).contains(&number)
}

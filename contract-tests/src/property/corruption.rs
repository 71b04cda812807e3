//! What is done to a valid body at one place.

use cometapi_contract::Node;
use serde_json::{Value, json};

use super::generate::{Density, Generator, UNHEARD_OF};
use super::place::{Place, Step};
use crate::random::Random;
use crate::schema::Shape;

/// Stands in a body where something that isn't JSON has to go.
const STAND_IN: &str = "stand-in";

/// A change of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operator {
    /// No change: the place has a value.
    Present,
    Remove,
    Null,
    /// No value that the contract lists.
    Text,
    /// A number in a string.
    Digits,
    Blank,
    Number,
    Fraction,
    /// A number that is complete, and written as if it weren't.
    Whole,
    Boolean,
    List,
    Object,
    UnknownField,
    /// The body ends within the value.
    Cut,
    /// Python's and JavaScript's `NaN`, which isn't JSON.
    NotANumber,
    /// A word that isn't JSON.
    Bare,
    /// No optional field at all; of a complete body.
    Smallest,
    /// Every optional field; of a complete body.
    Everything,
}

use Operator as O;

pub(super) const OPERATORS: [Operator; 18] = [
    O::Present,
    O::Remove,
    O::Null,
    O::Text,
    O::Digits,
    O::Blank,
    O::Number,
    O::Fraction,
    O::Whole,
    O::Boolean,
    O::List,
    O::Object,
    O::UnknownField,
    O::Cut,
    O::NotANumber,
    O::Bare,
    O::Smallest,
    O::Everything,
];

impl Operator {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Remove => "removed",
            Self::Null => "null",
            Self::Text => "text",
            Self::Digits => "digits",
            Self::Blank => "blank",
            Self::Number => "number",
            Self::Fraction => "fraction",
            Self::Whole => "whole float",
            Self::Boolean => "boolean",
            Self::List => "list",
            Self::Object => "object",
            Self::UnknownField => "unknown field",
            Self::Cut => "cut",
            Self::NotANumber => "NaN",
            Self::Bare => "bare word",
            Self::Smallest => "smallest",
            Self::Everything => "everything",
        }
    }

    /// Whether it makes sense at that place at all.
    pub(super) fn applies(self, place: &Place<'_>) -> bool {
        match self {
            Self::Remove => matches!(place.steps.last(), Some(Step::Property(_))),
            Self::UnknownField => matches!(Shape::of(&place.schema), Shape::Object(_)),
            Self::Smallest | Self::Everything => place.steps.is_empty(),
            // Of a variant the union around it stands for the same value.
            _ => !matches!(place.steps.last(), Some(Step::Variant(_))),
        }
    }

    /// A body of the schema with this done at that place.
    pub(super) fn body(self, schema: &Node<'_>, place: &Place<'_>, random: &mut Random) -> Vec<u8> {
        let density = match self {
            Self::Smallest => Density::Nothing,
            Self::Everything => Density::Everything,
            _ => Density::Half,
        };
        let mut generator = Generator { random, density };
        let mut body = generator.present(schema, &place.steps);
        let unknown = generator.anything();
        let pointer = place.pointer();
        let Some(target) = body.pointer_mut(&pointer) else {
            unreachable!("a body without {pointer}: {body}");
        };
        match self {
            Self::Present | Self::Smallest | Self::Everything => {}
            Self::Remove => remove(&mut body, &pointer),
            Self::UnknownField => target["x_unheard_of"] = unknown,
            Self::Cut => {
                let mut value = target.to_string().into_bytes();
                value.truncate(generator.random.below(value.len()));
                let (before, _) = around(body, &pointer);
                return [before.into_bytes(), value].concat();
            }
            Self::NotANumber | Self::Bare => {
                let (before, after) = around(body, &pointer);
                let word = if self == Self::Bare { "nul" } else { "NaN" };
                return [before, word.to_owned(), after].concat().into_bytes();
            }
            replacing => *target = replacing.replacement(),
        }
        body.to_string().into_bytes()
    }

    fn replacement(self) -> Value {
        match self {
            Self::Text => json!(UNHEARD_OF),
            Self::Digits => json!("7"),
            Self::Blank => json!(" "),
            Self::Number => json!(7),
            Self::Fraction => json!(1.5),
            Self::Whole => json!(7.0),
            Self::Boolean => json!(true),
            Self::List => json!([]),
            Self::Object => json!({}),
            _ => Value::Null,
        }
    }
}

fn remove(body: &mut Value, pointer: &str) {
    let (around, name) = pointer.rsplit_once('/').unwrap_or_default();
    if let Some(Value::Object(fields)) = body.pointer_mut(around) {
        fields.shift_remove(name);
    }
}

/// The text of a body before and after the value at a place.
fn around(mut body: Value, pointer: &str) -> (String, String) {
    if let Some(target) = body.pointer_mut(pointer) {
        *target = json!(STAND_IN);
    }
    let (text, stand_in) = (body.to_string(), json!(STAND_IN).to_string());
    let (before, after) = text.split_once(&stand_in).unwrap_or_default();
    (before.to_owned(), after.to_owned())
}

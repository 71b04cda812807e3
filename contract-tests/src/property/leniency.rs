//! Where the client takes on purpose what the contract doesn't allow.

use serde_json::{Value, json};

use super::corruption::Operator;
use super::place::{Place, Step};
use crate::schema::{Shape, required};

/// Something invalid that decodes, and why that is right.
#[derive(Debug)]
pub(super) struct Leniency {
    pub(super) name: &'static str,
    pub(super) reason: &'static str,
    covers: fn(Operator, &Place<'_>) -> bool,
    /// What the value at the place is taken for.
    meant: Meant,
}

#[derive(Debug)]
enum Meant {
    Nothing,
    Seven,
    EmptyObject,
    ItSelf,
}

pub(super) const LENIENCIES: [Leniency; 7] = [
    Leniency {
        name: "null for absent",
        reason: "gateways write null for what they know nothing of",
        covers: |operator, place| operator == Operator::Null && place.is_optional,
        meant: Meant::Nothing,
    },
    Leniency {
        name: "number in a string",
        reason: "providers quote numbers, and the value is certain",
        covers: |operator, place| operator == Operator::Digits && is_optional_number(place),
        meant: Meant::Seven,
    },
    Leniency {
        name: "blank for no number",
        reason: "the catalog leaves numbers blank",
        covers: |operator, place| operator == Operator::Blank && is_optional_number(place),
        meant: Meant::Nothing,
    },
    Leniency {
        name: "whole float for an integer",
        reason: "some languages have no integers, and the value is certain",
        covers: |operator, place| operator == Operator::Whole && is_optional_number(place),
        meant: Meant::Seven,
    },
    Leniency {
        name: "empty list for an empty object",
        reason: "PHP writes both alike, and where nothing is required nothing can be lost",
        covers: |operator, place| operator == Operator::List && is_all_optional(place),
        meant: Meant::EmptyObject,
    },
    Leniency {
        name: "part of no known kind",
        reason: "new kinds may look like anything, and are kept as they came",
        covers: |_, place| place.is_tag || is_tagged(place),
        meant: Meant::ItSelf,
    },
    Leniency {
        name: "none of a union's shapes",
        reason: "providers differ most where a field has several shapes, and callers see what came",
        covers: |_, place| matches!(Shape::of(&place.schema), Shape::Union(_, None)),
        meant: Meant::ItSelf,
    },
];

impl Leniency {
    pub(super) fn of(operator: Operator, place: &Place<'_>) -> Option<&'static Self> {
        LENIENCIES
            .iter()
            .find(|leniency| (leniency.covers)(operator, place))
    }

    /// The valid body that the invalid one is taken for.
    pub(super) fn meant(&self, mut body: Value, place: &Place<'_>) -> Value {
        if let Some(value) = body.pointer_mut(&place.pointer()) {
            match self.meant {
                Meant::Nothing => *value = Value::Null,
                Meant::Seven => *value = json!(7),
                Meant::EmptyObject => *value = json!({}),
                Meant::ItSelf => {}
            }
        }
        body
    }
}

fn is_optional_number(place: &Place<'_>) -> bool {
    place.is_optional && matches!(Shape::of(&place.schema), Shape::Integer | Shape::Number)
}

/// An object that the contract requires nothing of.
fn is_all_optional(place: &Place<'_>) -> bool {
    let is_object = matches!(Shape::of(&place.schema), Shape::Object(_));
    let is_union = matches!(place.steps.last(), Some(Step::Variant(_)));
    is_object && !is_union && required(&place.schema).is_empty()
}

fn is_tagged(place: &Place<'_>) -> bool {
    matches!(Shape::of(&place.schema), Shape::Union(_, Some(_)))
}

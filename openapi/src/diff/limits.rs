//! Limits of values: the keywords of JSON Schema that allow less the stricter they are.

use std::collections::BTreeMap;

use serde_json::Value;

use super::view::View;

/// How a limit has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitChange {
    Tightened,
    Loosened,
}

pub(super) const KEYWORDS: [&str; 13] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// The limits that differ, with their values.
pub(super) fn changes<'c>(
    old: &View<'c>,
    new: &View<'c>,
) -> Vec<(
    &'static str,
    Option<&'c Value>,
    Option<&'c Value>,
    LimitChange,
)> {
    let (old, new) = (limits(old), limits(new));
    let differing = KEYWORDS.into_iter().filter_map(|keyword| {
        let (was, is) = (old.get(keyword).copied(), new.get(keyword).copied());
        if number(was) == number(is) && was == is {
            return None;
        }
        Some((keyword, was, is, direction(keyword, was, is)?))
    });
    differing.collect()
}

/// OpenAPI 3.0 has `exclusiveMinimum: true` beside `minimum`, 3.1 the number itself.
fn limits<'c>(view: &View<'c>) -> BTreeMap<&'static str, &'c Value> {
    let mut limits = BTreeMap::new();
    for keyword in KEYWORDS {
        if let Some(node) = view.get(keyword) {
            limits.insert(keyword, node.value());
        }
    }
    for (bound, exclusive) in [
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ] {
        match limits.get(exclusive) {
            Some(Value::Bool(true)) => {
                limits.remove(exclusive);
                if let Some(value) = limits.remove(bound) {
                    limits.insert(exclusive, value);
                }
            }
            Some(Value::Bool(false)) => {
                limits.remove(exclusive);
            }
            _ => {}
        }
    }
    if limits.get("uniqueItems") == Some(&&Value::Bool(false)) {
        limits.remove("uniqueItems");
    }
    limits
}

fn number(value: Option<&Value>) -> Option<f64> {
    value?.as_f64()
}

/// None for the same number, written in another way.
fn direction(keyword: &str, was: Option<&Value>, is: Option<&Value>) -> Option<LimitChange> {
    use LimitChange::{Loosened, Tightened};
    let (Some(was), Some(is)) = (was, is) else {
        return Some(match is {
            Some(_) => Tightened,
            None => Loosened,
        });
    };
    let is_lower_bound = keyword.starts_with("min") || keyword == "exclusiveMinimum";
    match (was.as_f64(), is.as_f64()) {
        (Some(was), Some(is)) if was == is => None,
        (Some(was), Some(is)) if keyword == "multipleOf" => Some(match (was / is).fract() == 0.0 {
            true => Loosened,
            false => Tightened,
        }),
        (Some(was), Some(is)) => Some(match (is > was) == is_lower_bound {
            true => Tightened,
            false => Loosened,
        }),
        _ => Some(Tightened),
    }
}

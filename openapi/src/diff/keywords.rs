//! What a schema says of a value beside its type and its parts: null, texts, enumerations, formats, limits.

use serde_json::Value;

use super::WireClass::{Broken, Degraded, Unaffected};
use super::limits::{self, LimitChange};
use super::rules::*;
use super::schema::{At, SchemaComparison};
use super::view::View;
use super::{Direction, brief};

/// Keys that say something about a schema and nothing about its values.
const TEXTS: [&str; 8] = [
    "title",
    "description",
    "externalDocs",
    "xml",
    "x-untyped",
    "$comment",
    "$id",
    "$anchor",
];

/// Keys that are compared by what they mean.
const KNOWN: [&str; 26] = [
    "$ref",
    "type",
    "nullable",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "oneOf",
    "anyOf",
    "allOf",
    "discriminator",
    "format",
    "default",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "x-boxed",
    "x-keep-unknown",
    "x-null-is-empty",
    "x-closed-enum",
    "x-text-parts",
    "x-reported-error",
];

/// Definitions count where they are used.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

const NO_TEXTS: (Option<String>, Option<String>) = (None, None);

impl SchemaComparison<'_> {
    pub(super) fn nullability(&mut self, at: At<'_, '_>) {
        let At {
            scope,
            old,
            new,
            pair,
            position,
        } = at;
        let wire = match (old.nullable, new.nullable, scope.direction) {
            (false, true, Direction::Response) => {
                let takes_any = old.types().is_empty() && old.union().is_none();
                match takes_any || old.bool("x-null-is-empty") || position.optional {
                    true => Unaffected,
                    false => position.loss.class(),
                }
            }
            // Typed requests have no null.
            _ => Unaffected,
        };
        match (old.nullable, new.nullable) {
            (false, true) => self.add(scope, &NULL_ADDED, wire, pair, NO_TEXTS),
            (true, false) => self.add(scope, &NULL_REMOVED, wire, pair, NO_TEXTS),
            _ => {}
        }
        let (was, is) = (old.bool("x-null-is-empty"), new.bool("x-null-is-empty"));
        match (was, is) {
            (false, true) if scope.direction == Direction::Response => {
                let wire = match position.optional {
                    true => Unaffected,
                    false => position.loss.class(),
                };
                self.add(scope, &NULL_READ_AS_EMPTY, wire, pair, NO_TEXTS);
            }
            (false, true) => self.add(scope, &NULL_READ_AS_EMPTY, Unaffected, pair, NO_TEXTS),
            (true, false) => self.add(scope, &NULL_NOT_READ_AS_EMPTY, Unaffected, pair, NO_TEXTS),
            _ => {}
        }
    }

    /// What may stand beside a `$ref`, and then belongs to the property.
    pub(super) fn property_keys(&mut self, at: At<'_, '_>) {
        let At {
            scope,
            old,
            new,
            pair,
            position,
        } = at;
        let differs = |key: &str| old.value(key) != new.value(key);
        if TEXTS.into_iter().any(differs) {
            self.add(scope, &DOCUMENTATION_CHANGED, Unaffected, pair, NO_TEXTS);
        }
        if ["example", "examples"].into_iter().any(differs) {
            self.add(scope, &EXAMPLE_CHANGED, Unaffected, pair, NO_TEXTS);
        }
        if differs("default") {
            let wire = match scope.direction {
                Direction::Request => Degraded,
                _ => Unaffected,
            };
            let texts = (brief(old.value("default")), brief(new.value("default")));
            self.add(scope, &DEFAULT_CHANGED, wire, pair, texts);
        }
        if old.bool("deprecated") != new.bool("deprecated") {
            self.add(scope, &PROPERTY_DEPRECATED, Unaffected, pair, NO_TEXTS);
        }
        for (key, direction) in [
            ("readOnly", Direction::Request),
            ("writeOnly", Direction::Response),
        ] {
            if old.bool(key) != new.bool(key) {
                let wire = match scope.direction == direction && new.bool(key) {
                    true if direction == Direction::Response => position.loss.class(),
                    true => Degraded,
                    false => Unaffected,
                };
                self.add(scope, &PROPERTY_ACCESS_CHANGED, wire, pair, NO_TEXTS);
            }
        }
        if old.bool("x-boxed") != new.bool("x-boxed") {
            self.add(scope, &REPRESENTATION_CHANGED, Unaffected, pair, NO_TEXTS);
        }
        if old.bool("x-reported-error") != new.bool("x-reported-error") {
            let is_response = scope.direction == Direction::Response;
            let wire = match is_response && new.bool("x-reported-error") {
                true => Degraded,
                false => Unaffected,
            };
            self.add(scope, &REPORTED_ERROR_CHANGED, wire, pair, NO_TEXTS);
        }
        if differs("x-text-parts") {
            let wire = match scope.direction == Direction::Response
                && new.value("x-text-parts").is_some()
            {
                true => Degraded,
                false => Unaffected,
            };
            self.add(scope, &TEXT_PARTS_CHANGED, wire, pair, NO_TEXTS);
        }
    }

    pub(super) fn other_keys(&mut self, at: At<'_, '_>) {
        let At {
            scope,
            old,
            new,
            pair,
            ..
        } = at;
        if old.bool("x-keep-unknown") != new.bool("x-keep-unknown") {
            self.add(scope, &REPRESENTATION_CHANGED, Unaffected, pair, NO_TEXTS);
        }
        let mut keys = old.keys();
        keys.extend(new.keys());
        let is_known = |key: &&str| {
            TEXTS.contains(key)
                || KNOWN.contains(key)
                || DEFINITIONS.contains(key)
                || limits::KEYWORDS.contains(key)
        };
        for key in keys {
            if !is_known(&key) && old.value(key) != new.value(key) {
                let texts = (brief(old.value(key)), brief(new.value(key)));
                self.add(&scope.inside(key), &UNCLASSIFIED, Broken, pair, texts);
            }
        }
    }

    pub(super) fn enumeration(&mut self, at: At<'_, '_>) {
        let At {
            scope,
            old,
            new,
            pair,
            position,
        } = at;
        let is_request = scope.direction == Direction::Request;
        let loss = match old.is_open_enum() {
            true => Unaffected,
            false => position.loss.class(),
        };
        let widened = match is_request {
            true => Unaffected,
            false => loss,
        };
        let narrowed = match is_request {
            true => Broken,
            false => Unaffected,
        };
        let (was, is) = match (old.values(), new.values()) {
            (None, None) => return,
            (Some(_), None) => {
                return self.add(scope, &ENUM_REMOVED, widened, pair, NO_TEXTS);
            }
            (None, Some(_)) => {
                return self.add(scope, &ENUM_ADDED, narrowed, pair, NO_TEXTS);
            }
            (Some(was), Some(is)) => (was, is),
        };
        for gone in was.iter().filter(|value| !is.contains(value)) {
            let texts = (brief(Some(gone)), None);
            self.add(scope, &ENUM_VALUE_REMOVED, narrowed, pair, texts);
        }
        for added in is.iter().filter(|value| !was.contains(value)) {
            let texts = (None, brief(Some(added)));
            self.add(scope, &ENUM_VALUE_ADDED, widened, pair, texts);
        }
        match (old.bool("x-closed-enum"), new.bool("x-closed-enum")) {
            (false, true) => self.add(scope, &ENUM_CLOSED, Unaffected, pair, NO_TEXTS),
            (true, false) => self.add(scope, &ENUM_OPENED, widened, pair, NO_TEXTS),
            _ => {}
        }
    }

    pub(super) fn format(&mut self, at: At<'_, '_>) {
        let At {
            scope,
            old,
            new,
            pair,
            position,
        } = at;
        let (was, is) = (old.str("format"), new.str("format"));
        if was == is {
            return;
        }
        let is_request = scope.direction == Direction::Request;
        let wire = if old.types().contains("integer") {
            let (was, is) = (integers(old), integers(new));
            let fits = match is_request {
                true => is.0 <= was.0 && was.1 <= is.1,
                false => was.0 <= is.0 && is.1 <= was.1,
            };
            match (fits, is_request) {
                (true, _) => Unaffected,
                (false, true) => Broken,
                (false, false) => position.loss.class(),
            }
        } else if [was, is].contains(&Some("binary"))
            || is_request && is.is_some() && !old.types().contains("number")
        {
            Broken
        } else {
            Unaffected
        };
        let texts = (was.map(str::to_owned), is.map(str::to_owned));
        self.add(scope, &FORMAT_CHANGED, wire, pair, texts);
    }

    pub(super) fn limits(&mut self, at: At<'_, '_>) {
        let At {
            scope,
            old,
            new,
            pair,
            ..
        } = at;
        for (keyword, was, is, change) in limits::changes(old, new) {
            let texts = (brief(was), brief(is));
            let (rule, wire) = match (change, scope.direction) {
                (LimitChange::Tightened, Direction::Request) => (&LIMIT_TIGHTENED, Broken),
                (LimitChange::Tightened, _) => (&LIMIT_TIGHTENED, Unaffected),
                (LimitChange::Loosened, _) => (&LIMIT_LOOSENED, Unaffected),
            };
            self.add(&scope.inside(keyword), rule, wire, pair, texts);
        }
    }
}

/// The integers that a schema allows.
fn integers(view: &View<'_>) -> (i128, i128) {
    let (least, most) = match view.str("format") {
        Some("int8") => (i8::MIN.into(), i8::MAX.into()),
        Some("int16") => (i16::MIN.into(), i16::MAX.into()),
        Some("int32") => (i32::MIN.into(), i32::MAX.into()),
        Some("uint8") => (0, u8::MAX.into()),
        Some("uint16") => (0, u16::MAX.into()),
        Some("uint32") => (0, u32::MAX.into()),
        Some("uint64") => (0, u64::MAX.into()),
        _ => (i64::MIN.into(), i64::MAX.into()),
    };
    let bound = |key: &str| view.value(key).and_then(Value::as_i64).map(i128::from);
    (
        bound("minimum").map_or(least, |minimum| minimum.max(least)),
        bound("maximum").map_or(most, |maximum| maximum.min(most)),
    )
}

//! What the contract says in extensions of its own, beside operations and schemas.

use super::WireClass::{Broken, Degraded, Unaffected};
use super::rules::*;
use super::schema::{Loss, SchemaComparison};
use super::{Changes, Direction, Pair, Scope, brief, is_same, keys};
use crate::Node;

/// `x-client-config`.
pub(super) fn client_config(scope: &Scope<'_>, pair: Pair<'_, '_>, changes: &mut Changes) {
    for key in keys(pair.old, pair.new) {
        let (was, is) = (pair.old.get(key), pair.new.get(key));
        if is_same(was.as_ref(), is.as_ref()) {
            continue;
        }
        let texts = (
            brief(was.as_ref().map(Node::value)),
            brief(is.as_ref().map(Node::value)),
        );
        let (rule, class, direction) = match key {
            // Errors that come in undocumented properties are taken for results.
            "error-fields" => (&ERROR_FIELDS_CHANGED, Degraded, Direction::Response),
            _ => (&CLIENT_CONFIG_CHANGED, Unaffected, Direction::Both),
        };
        let scope = scope.towards(direction).inside(key);
        changes.add(scope.change(rule, class, pair, texts));
    }
}

/// `encoding` of a form, with `x-file-extensions`.
pub(super) fn encoding(scope: &Scope<'_>, pair: Pair<'_, '_>, changes: &mut Changes) {
    let (was, is) = (pair.old.get("encoding"), pair.new.get("encoding"));
    let (old, new) = (
        was.as_ref().unwrap_or(pair.old),
        is.as_ref().unwrap_or(pair.new),
    );
    let fields = |node: &Option<Node<'_>>| -> Vec<String> {
        let entries = node.iter().flat_map(Node::entries);
        entries.map(|(name, _)| name.to_owned()).collect()
    };
    let mut names = fields(&was);
    names.extend(fields(&is));
    names.sort();
    names.dedup();
    for name in names {
        let field = |node: &Option<Node<'_>>, key: &str| {
            let field = node.as_ref()?.get(&name)?;
            Some(field.get(key)?.resolved().value().clone())
        };
        let scope = scope.inside(&name);
        let pair = Pair::of(old, new);
        if field(&was, "x-file-extensions") != field(&is, "x-file-extensions") {
            changes.add(scope.change(&FILE_EXTENSIONS_CHANGED, Unaffected, pair, (None, None)));
        }
        for key in [
            "contentType",
            "style",
            "explode",
            "headers",
            "allowReserved",
        ] {
            let (was, is) = (field(&was, key), field(&is, key));
            if was != is {
                let texts = (brief(was.as_ref()), brief(is.as_ref()));
                changes.add(scope.change(&ENCODING_CHANGED, Broken, pair, texts));
            }
        }
    }
}

/// `x-event-stream`.
pub(super) fn event_stream(scope: &Scope<'_>, pair: Pair<'_, '_>, changes: &mut Changes) {
    let (was, is) = (
        pair.old.get("x-event-stream"),
        pair.new.get("x-event-stream"),
    );
    let (old, new) = (
        was.as_ref().unwrap_or(pair.old),
        is.as_ref().unwrap_or(pair.new),
    );
    for key in ["sentinel", "choices", "index", "finish", "usage", "text"] {
        let text = |node: &Option<Node<'_>>| node.as_ref()?.str(key).map(str::to_owned);
        let texts = (text(&was), text(&is));
        if texts.0 == texts.1 {
            continue;
        }
        let (rule, class) = match key {
            "sentinel" => (&STREAM_SENTINEL_CHANGED, Broken),
            // Events had it before the contract said so.
            _ if texts.0.is_none() => (&STREAM_FIELD_CHANGED, Unaffected),
            "choices" | "index" | "finish" => (&STREAM_FIELD_CHANGED, Broken),
            _ => (&STREAM_FIELD_CHANGED, Degraded),
        };
        changes.add(
            scope
                .inside(key)
                .change(rule, class, Pair::of(old, new), texts),
        );
    }
}

fn selector_of<'c>(response: &Node<'c>) -> Option<Node<'c>> {
    Some(response.get("x-response-selector")?.resolved())
}

/// `x-response-selector`.
pub(super) fn selector(scope: &Scope<'_>, pair: Pair<'_, '_>, changes: &mut Changes) {
    let (was, is) = match (selector_of(pair.old), selector_of(pair.new)) {
        (Some(was), Some(is)) => (was, is),
        (None, None) => return,
        (was, is) => {
            let inner = pair.or(was.as_ref(), is.as_ref());
            changes.add(scope.change(&SELECTOR_FIELD_CHANGED, Broken, inner, (None, None)));
            return;
        }
    };
    let pair = Pair::of(&was, &is);
    for (key, rule) in [
        ("field", &SELECTOR_FIELD_CHANGED),
        ("default", &SELECTOR_DEFAULT_CHANGED),
    ] {
        let texts = (
            was.str(key).map(str::to_owned),
            is.str(key).map(str::to_owned),
        );
        if texts.0 != texts.1 {
            changes.add(scope.change(rule, Broken, pair, texts));
        }
    }
    let none = (None, None);
    if !is_same(
        was.get("description").as_ref(),
        is.get("description").as_ref(),
    ) {
        changes.add(scope.change(&DOCUMENTATION_CHANGED, Unaffected, pair, none.clone()));
    }
    let (Some(old), Some(new)) = (was.get("values"), is.get("values")) else {
        return;
    };
    for value in keys(&old, &new) {
        let scope = scope.inside(value);
        let (was, is) = match (old.get(value), new.get(value)) {
            (Some(was), Some(is)) => (was, is),
            (Some(was), None) => {
                let inner = pair.with_old(&was);
                changes.add(scope.change(&SELECTOR_VALUE_REMOVED, Broken, inner, none.clone()));
                continue;
            }
            (_, is) => {
                let new = is.as_ref().unwrap_or(pair.new);
                let inner = pair.with_new(new);
                changes.add(scope.change(&SELECTOR_VALUE_ADDED, Unaffected, inner, none.clone()));
                continue;
            }
        };
        let inner = Pair::of(&was, &is);
        let texts = (
            was.str("media-type").map(str::to_owned),
            is.str("media-type").map(str::to_owned),
        );
        if texts.0 != texts.1 {
            changes.add(scope.change(&SELECTOR_MEDIA_TYPE_CHANGED, Broken, inner, texts));
        }
        if !is_same(
            was.get("description").as_ref(),
            is.get("description").as_ref(),
        ) {
            changes.add(scope.change(&DOCUMENTATION_CHANGED, Unaffected, inner, none.clone()));
        }
        match (was.get("schema"), is.get("schema")) {
            (Some(old), Some(new)) => {
                SchemaComparison::new(Loss::Whole, changes).compare(&scope, Pair::of(&old, &new));
            }
            (None, None) => {}
            _ => changes.add(scope.change(&TYPE_CHANGED, Broken, inner, none.clone())),
        }
    }
}

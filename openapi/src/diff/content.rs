//! Bodies: their media types, with schemas, examples and events.

use std::collections::BTreeMap;

use super::rules::*;
use super::schema::{Loss, SchemaComparison};
use super::{Changes, Direction, Pair, Scope, WireClass, extensions, is_same, keys};
use crate::{MediaType, Node};
use WireClass::{Broken, Unaffected};

pub(super) const NO_TEXTS: (Option<String>, Option<String>) = (None, None);

type MediaTypes<'c> = BTreeMap<&'c str, MediaType<'c>>;

/// Reports the media types that come and go.
pub(super) fn offered(
    scope: &Scope<'_>,
    pair: Pair<'_, '_>,
    [old, new]: [&MediaTypes<'_>; 2],
    [removed, added]: [&'static Rule; 2],
    changes: &mut Changes,
) {
    for gone in old.values().filter(|gone| !new.contains_key(gone.name)) {
        let texts = (Some(gone.name.to_owned()), None);
        changes.add(scope.change(removed, Broken, pair.with_old(&gone.node), texts));
    }
    for come in new.values().filter(|come| !old.contains_key(come.name)) {
        let texts = (None, Some(come.name.to_owned()));
        changes.add(scope.change(added, Unaffected, pair.with_new(&come.node), texts));
    }
}

/// The media types of a body by their names.
pub(super) fn by_name<'c>(holder: &Node<'c>) -> BTreeMap<&'c str, MediaType<'c>> {
    let content = holder.get("content");
    let entries = content.iter().flat_map(Node::entries);
    entries
        .map(|(name, node)| (name, MediaType { name, node }))
        .collect()
}

/// Reports texts, and what no rule knows, among the keys that aren't `known`.
pub(super) fn others(scope: &Scope<'_>, pair: Pair<'_, '_>, known: &[&str], changes: &mut Changes) {
    for key in keys(pair.old, pair.new) {
        let (old, new) = (pair.old.get(key), pair.new.get(key));
        if known.contains(&key) || is_same(old.as_ref(), new.as_ref()) {
            continue;
        }
        let (rule, class) = match key {
            "description" | "summary" | "externalDocs" => (&DOCUMENTATION_CHANGED, Unaffected),
            "example" | "examples" => (&EXAMPLE_CHANGED, Unaffected),
            "links" => (&LINKS_CHANGED, Unaffected),
            _ => (&UNCLASSIFIED, Broken),
        };
        let inner = pair.or(old.as_ref(), new.as_ref());
        changes.add(scope.change(rule, class, inner, NO_TEXTS));
    }
}

pub(super) fn media_types(
    scope: &Scope<'_>,
    old: &MediaType<'_>,
    new: &MediaType<'_>,
    loss: Loss,
    changes: &mut Changes,
) {
    let pair = Pair::of(&old.node, &new.node);
    let known = [
        "schema",
        "examples",
        "encoding",
        "x-event-schema",
        "x-event-stream",
    ];
    others(scope, pair, &known, changes);
    let examples = |node: &Node<'_>| -> Vec<(String, serde_json::Value)> {
        let examples = node.get("examples");
        let entries = examples.iter().flat_map(Node::entries);
        let mut entries: Vec<_> = entries
            .map(|(name, node)| (name.to_owned(), node.resolved().value().clone()))
            .collect();
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        entries
    };
    if examples(pair.old) != examples(pair.new) {
        changes.add(scope.change(&EXAMPLE_CHANGED, Unaffected, pair, NO_TEXTS));
    }
    schemas(scope, pair, "schema", loss, changes);
    // An event that can't be read is left out of its stream.
    schemas(
        &scope.inside("event"),
        pair,
        "x-event-schema",
        Loss::Part,
        changes,
    );
    extensions::encoding(scope, pair, changes);
    extensions::event_stream(scope, pair, changes);
}

/// Compares the schemas under a key, if both sides have one.
pub(super) fn schemas(
    scope: &Scope<'_>,
    pair: Pair<'_, '_>,
    key: &str,
    loss: Loss,
    changes: &mut Changes,
) {
    match (pair.old.get(key), pair.new.get(key)) {
        (Some(old), Some(new)) => {
            SchemaComparison::new(loss, changes).compare(scope, Pair::of(&old, &new));
        }
        (None, None) => {}
        (old, new) => {
            // Without a schema, anything may be there.
            let is_request = scope.direction == Direction::Request;
            let class = match new.is_some() == is_request {
                true => loss.class(),
                false => Unaffected,
            };
            let inner = pair.or(old.as_ref(), new.as_ref());
            changes.add(scope.change(&TYPE_CHANGED, class, inner, NO_TEXTS));
        }
    }
}

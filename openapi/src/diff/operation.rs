//! One operation: its address, its credentials, its parameters and its request body.

use std::collections::{BTreeMap, BTreeSet};

use super::content::NO_TEXTS;
use super::rules::*;
use super::schema::Loss;
use super::{Changes, Direction, Pair, Scope, WireClass, brief, content, is_same, keys, responses};
use crate::{Node, Operation};
use WireClass::{Broken, Degraded, Unaffected};

pub(super) fn compare(
    was: &Operation<'_>,
    is: &Operation<'_>,
    scope: &Scope<'_>,
    changes: &mut Changes,
) {
    let pair = Pair::of(was.node(), is.node());
    let texts = |old: &str, new: &str| (Some(old.to_owned()), Some(new.to_owned()));
    if was.path() != is.path() && address(was) != address(is) {
        changes.add(scope.change(&PATH_CHANGED, Broken, pair, texts(was.path(), is.path())));
    }
    if was.method() != is.method() {
        let texts = texts(was.method(), is.method());
        changes.add(scope.change(&METHOD_CHANGED, Broken, pair, texts));
    }
    for key in keys(pair.old, pair.new) {
        let (old, new) = (pair.old.get(key), pair.new.get(key));
        if is_same(old.as_ref(), new.as_ref()) {
            continue;
        }
        let inner = pair.or(old.as_ref(), new.as_ref());
        let texts = (
            brief(old.as_ref().map(Node::value)),
            brief(new.as_ref().map(Node::value)),
        );
        let rule_and_class = match key {
            "parameters" | "requestBody" | "responses" | "security" => continue,
            "x-genai-telemetry" => (&TELEMETRY_CHANGED, Unaffected),
            "operationId" if old.is_none() || new.is_none() => (&DOCUMENTATION_CHANGED, Unaffected),
            "operationId" => (&OPERATION_RENAMED, Unaffected),
            "tags" => (&TAG_CHANGED, Unaffected),
            "summary" | "description" | "externalDocs" => (&DOCUMENTATION_CHANGED, Unaffected),
            "deprecated" if is.node().bool("deprecated") => (&OPERATION_DEPRECATED, Unaffected),
            "deprecated" => (&OPERATION_RESTORED, Unaffected),
            "x-idempotent" => (&IDEMPOTENCY_CHANGED, Unaffected),
            "x-stream-parameter" => (&STREAM_PARAMETER_CHANGED, Broken),
            "callbacks" => (&CALLBACKS_CHANGED, Unaffected),
            _ => (&UNCLASSIFIED, Broken),
        };
        let (rule, class) = rule_and_class;
        let scope = match key {
            "summary" | "description" | "externalDocs" => scope.clone(),
            _ => scope.inside(key),
        };
        changes.add(scope.change(rule, class, inner, texts));
    }
    path_item(was, is, scope, changes);
    security(was, is, scope, pair, changes);
    parameters(was, is, scope, pair, changes);
    request_body(scope, pair, changes);
    responses::compare(was, is, scope, pair, changes);
}

/// The path with its parameters' names blanked: they are no part of the address.
pub(super) fn address(operation: &Operation<'_>) -> String {
    let mut address = String::new();
    let mut is_name = false;
    for character in operation.path().chars() {
        is_name &= character != '}';
        if !is_name {
            address.push(character);
        }
        is_name |= character == '{';
    }
    address
}

fn item_of<'c>(operation: &Operation<'c>) -> Option<Node<'c>> {
    let (pointer, _) = operation.node().pointer().rsplit_once('/')?;
    operation.node().contract().pointer(pointer)
}

fn path_item(was: &Operation<'_>, is: &Operation<'_>, scope: &Scope<'_>, changes: &mut Changes) {
    let (Some(old), Some(new)) = (item_of(was), item_of(is)) else {
        return;
    };
    for key in ["summary", "description", "servers", "$ref"] {
        if !is_same(old.get(key).as_ref(), new.get(key).as_ref()) {
            let (rule, class) = match key {
                "summary" | "description" => (&DOCUMENTATION_CHANGED, Unaffected),
                _ => (&UNCLASSIFIED, Broken),
            };
            let pair = Pair::of(&old, &new);
            changes.add(scope.change(rule, class, pair, NO_TEXTS));
        }
    }
}

fn security(
    was: &Operation<'_>,
    is: &Operation<'_>,
    scope: &Scope<'_>,
    pair: Pair<'_, '_>,
    changes: &mut Changes,
) {
    let wanted = |operation: &Operation<'_>| -> BTreeSet<String> {
        let root = operation.node().contract().root();
        let own = operation.node().get("security");
        let list = own.or_else(|| root.get("security"));
        let items = list.map(|list| list.items()).unwrap_or_default();
        // `{}` among them says that it works without.
        match items.iter().any(|item| item.entries().is_empty()) {
            true => BTreeSet::new(),
            false => items.iter().map(|item| item.value().to_string()).collect(),
        }
    };
    let (old, new) = (wanted(was), wanted(is));
    let (rule, class) = match (old.is_empty(), new.is_empty()) {
        _ if old == new => return,
        (true, false) => (&AUTH_REQUIRED, Broken),
        (false, true) => (&AUTH_NOT_REQUIRED, Unaffected),
        _ if new.is_superset(&old) => (&AUTH_CHANGED, Unaffected),
        _ => (&AUTH_CHANGED, Broken),
    };
    changes.add(scope.inside("security").change(rule, class, pair, NO_TEXTS));
}

fn parameters(
    was: &Operation<'_>,
    is: &Operation<'_>,
    scope: &Scope<'_>,
    pair: Pair<'_, '_>,
    changes: &mut Changes,
) {
    let scope = scope.towards(Direction::Request);
    let (old, new) = (parameters_by_place(was), parameters_by_place(is));
    let places: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for place in places {
        let scope = scope.inside(&place.1);
        match (old.get(place), new.get(place)) {
            (Some(old), Some(new)) => parameter(&scope, Pair::of(old, new), changes),
            (Some(old), None) => {
                let inner = pair.with_old(old);
                changes.add(scope.change(&PARAMETER_REMOVED, Degraded, inner, NO_TEXTS));
            }
            (None, Some(new)) => {
                let (rule, class) = match new.bool("required") {
                    true => (&REQUIRED_PARAMETER_ADDED, Broken),
                    false => (&PARAMETER_ADDED, Unaffected),
                };
                changes.add(scope.change(rule, class, pair.with_new(new), NO_TEXTS));
            }
            (None, None) => {}
        }
    }
}

/// The parameters by where they are sent and what they are called there. One in the path is called by its place.
fn parameters_by_place<'c>(operation: &Operation<'c>) -> BTreeMap<(&'c str, String), Node<'c>> {
    let parameters = operation.parameters().into_iter();
    let placed = parameters.map(|parameter| {
        let name = parameter.str("name").unwrap_or_default();
        let at = parameter.str("in").unwrap_or_default();
        let name = match at {
            "header" => name.to_ascii_lowercase(),
            "path" => {
                let before = operation.path().split(&format!("{{{name}}}")).next();
                let index = before.map_or(0, |before| before.matches('{').count());
                format!("path parameter {}", index + 1)
            }
            _ => name.to_owned(),
        };
        ((at, name), parameter)
    });
    placed.collect()
}

fn parameter(scope: &Scope<'_>, pair: Pair<'_, '_>, changes: &mut Changes) {
    match (pair.old.bool("required"), pair.new.bool("required")) {
        (false, true) => {
            changes.add(scope.change(&PARAMETER_BECAME_REQUIRED, Broken, pair, NO_TEXTS));
        }
        (true, false) => {
            changes.add(scope.change(&PARAMETER_BECAME_OPTIONAL, Unaffected, pair, NO_TEXTS));
        }
        _ => {}
    }
    for key in keys(pair.old, pair.new) {
        let (old, new) = (pair.old.get(key), pair.new.get(key));
        if is_same(old.as_ref(), new.as_ref()) {
            continue;
        }
        let inner = pair.or(old.as_ref(), new.as_ref());
        let (rule, class) = match key {
            "name" | "in" | "required" | "schema" => continue,
            "description" => (&DOCUMENTATION_CHANGED, Unaffected),
            "example" | "examples" => (&EXAMPLE_CHANGED, Unaffected),
            "deprecated" => (&PROPERTY_DEPRECATED, Unaffected),
            "style" | "explode" | "allowReserved" | "allowEmptyValue" | "content" => {
                (&PARAMETER_STYLE_CHANGED, Broken)
            }
            _ => (&UNCLASSIFIED, Broken),
        };
        changes.add(scope.change(rule, class, inner, NO_TEXTS));
    }
    content::schemas(scope, pair, "schema", Loss::Whole, changes);
}

fn request_body(scope: &Scope<'_>, pair: Pair<'_, '_>, changes: &mut Changes) {
    let scope = scope.towards(Direction::Request);
    let (was, is) = (pair.old.get("requestBody"), pair.new.get("requestBody"));
    if was.is_some() != is.is_some() {
        let (rule, class) = match &is {
            None => (&REQUEST_BODY_REMOVED, Broken),
            Some(is) if is.resolved().bool("required") => (&REQUEST_BODY_ADDED, Broken),
            Some(_) => (&REQUEST_BODY_ADDED, Unaffected),
        };
        let inner = pair.or(was.as_ref(), is.as_ref());
        changes.add(scope.change(rule, class, inner, NO_TEXTS));
    }
    let (Some(old), Some(new)) = (was, is) else {
        return;
    };
    let (old, new) = (old.resolved(), new.resolved());
    let pair = Pair::of(&old, &new);
    match (old.bool("required"), new.bool("required")) {
        (false, true) => {
            changes.add(scope.change(&REQUEST_BODY_BECAME_REQUIRED, Broken, pair, NO_TEXTS));
        }
        (true, false) => {
            changes.add(scope.change(&REQUEST_BODY_BECAME_OPTIONAL, Unaffected, pair, NO_TEXTS));
        }
        _ => {}
    }
    content::others(&scope, pair, &["required", "content"], changes);
    let (old_types, new_types) = (content::by_name(&old), content::by_name(&new));
    let rules = [&REQUEST_MEDIA_TYPE_REMOVED, &REQUEST_MEDIA_TYPE_ADDED];
    content::offered(&scope, pair, [&old_types, &new_types], rules, changes);
    for (name, old) in &old_types {
        if let Some(new) = new_types.get(name) {
            content::media_types(&scope, old, new, Loss::Whole, changes);
        }
    }
}

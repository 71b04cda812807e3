//! One operation: its address, its parameters, its bodies and its responses.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::*;
use super::schema::{Loss, SchemaComparison};
use super::{
    Change, Changes, Direction, Pair, Scope, WireClass, brief, errors, extensions, is_same, keys,
};
use crate::{MediaType, Node, Operation, Response};
use WireClass::{Broken, Degraded, Unaffected};

const NO_TEXTS: (Option<String>, Option<String>) = (None, None);

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
    responses(was, is, scope, pair, changes);
}

/// The path with its parameters' names blanked: they are no part of the address.
fn address(operation: &Operation<'_>) -> String {
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
    schemas(scope, pair, "schema", Loss::Whole, changes);
}

/// Compares the schemas under a key, if both sides have one.
fn schemas(scope: &Scope<'_>, pair: Pair<'_, '_>, key: &str, loss: Loss, changes: &mut Changes) {
    match (pair.old.get(key), pair.new.get(key)) {
        (Some(old), Some(new)) => {
            SchemaComparison::new(loss, changes).compare(scope, Pair::of(&old, &new));
        }
        (None, None) => {}
        (old, new) => {
            let class = match new {
                None => Unaffected,
                Some(_) => Broken,
            };
            let inner = pair.or(old.as_ref(), new.as_ref());
            changes.add(scope.change(&TYPE_CHANGED, class, inner, NO_TEXTS));
        }
    }
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
    others(&scope, pair, &["required", "content"], changes);
    let (old_types, new_types) = (content(&old), content(&new));
    for old in old_types.values() {
        match new_types.get(old.name) {
            Some(new) => media_types(&scope, old, new, Loss::Whole, changes),
            None => {
                let inner = pair.with_old(&old.node);
                let texts = (Some(old.name.to_owned()), None);
                changes.add(scope.change(&REQUEST_MEDIA_TYPE_REMOVED, Broken, inner, texts));
            }
        }
    }
    for new in new_types
        .values()
        .filter(|new| !old_types.contains_key(new.name))
    {
        let inner = pair.with_new(&new.node);
        let texts = (None, Some(new.name.to_owned()));
        changes.add(scope.change(&REQUEST_MEDIA_TYPE_ADDED, Unaffected, inner, texts));
    }
}

fn content<'c>(holder: &Node<'c>) -> BTreeMap<&'c str, MediaType<'c>> {
    let content = holder.get("content");
    let entries = content.iter().flat_map(Node::entries);
    entries
        .map(|(name, node)| (name, MediaType { name, node }))
        .collect()
}

/// Reports texts, and what no rule knows, among the keys that aren't `known`.
fn others(scope: &Scope<'_>, pair: Pair<'_, '_>, known: &[&str], changes: &mut Changes) {
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

fn media_types(
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

fn responses(
    was: &Operation<'_>,
    is: &Operation<'_>,
    scope: &Scope<'_>,
    pair: Pair<'_, '_>,
    changes: &mut Changes,
) {
    let scope = scope.towards(Direction::Response);
    let (old_all, new_all) = (was.responses(), is.responses());
    let (old_successes, old_errors): (Vec<_>, Vec<_>) =
        old_all.iter().partition(|r| r.is_success());
    let (new_successes, new_errors): (Vec<_>, Vec<_>) =
        new_all.iter().partition(|r| r.is_success());
    successes(&scope, pair, &old_successes, &new_successes, changes);
    let find = |list: &[&Response<'_>], status: &str| list.iter().position(|r| r.status == status);
    for old in &old_errors {
        match find(&new_errors, old.status) {
            Some(index) => response(&of_error(&scope, old), old, new_errors[index], changes),
            None => {
                let scope = scope.inside(old.status);
                let inner = pair.with_old(&old.node);
                changes.add(scope.change(&ERROR_STATUS_REMOVED, Unaffected, inner, NO_TEXTS));
            }
        }
    }
    for new in &new_errors {
        if find(&old_errors, new.status).is_none() {
            let inner = pair.with_new(&new.node);
            let scope = scope.inside(new.status);
            changes.add(scope.change(&ERROR_STATUS_ADDED, Unaffected, inner, NO_TEXTS));
        }
    }
}

/// An error that several operations share is one part of the contract.
fn of_error<'s>(scope: &Scope<'s>, error: &Response<'_>) -> Scope<'s> {
    let component = error.node.pointer().strip_prefix("/components/responses/");
    match component {
        Some(name) => Scope {
            subject: name.to_owned(),
            ..scope.clone()
        },
        None => scope.inside(error.status),
    }
}

/// A client takes every status of success, and reads its body as that of the first one.
fn successes(
    scope: &Scope<'_>,
    pair: Pair<'_, '_>,
    old: &[&Response<'_>],
    new: &[&Response<'_>],
    changes: &mut Changes,
) {
    let has = |list: &[&Response<'_>], status: &str| list.iter().any(|r| r.status == status);
    let is_shared = old.iter().any(|old| has(new, old.status));
    let (Some(first_old), Some(first_new)) = (old.first(), new.first()) else {
        for gone in old {
            let inner = pair.with_old(&gone.node);
            let texts = (Some(gone.status.to_owned()), None);
            changes.add(scope.change(&SUCCESS_REMOVED, Broken, inner, texts));
        }
        for added in new {
            let inner = pair.with_new(&added.node);
            let texts = (None, Some(added.status.to_owned()));
            changes.add(scope.change(&SUCCESS_STATUS_ADDED, Unaffected, inner, texts));
        }
        return;
    };
    if !is_shared {
        let inner = Pair::of(&first_old.node, &first_new.node);
        let texts = (
            Some(first_old.status.to_owned()),
            Some(first_new.status.to_owned()),
        );
        changes.add(scope.change(&SUCCESS_STATUS_CHANGED, Unaffected, inner, texts));
    }
    for old in old.iter().filter(|old| is_shared && !has(new, old.status)) {
        let inner = pair.with_old(&old.node);
        let texts = (Some(old.status.to_owned()), None);
        changes.add(scope.change(&SUCCESS_STATUS_REMOVED, Unaffected, inner, texts));
    }
    for (index, added) in new.iter().enumerate() {
        match old.iter().find(|old| old.status == added.status) {
            Some(old) => response(scope, old, added, changes),
            None => {
                if is_shared || index > 0 {
                    let inner = pair.with_new(&added.node);
                    let texts = (None, Some(added.status.to_owned()));
                    changes.add(scope.change(&SUCCESS_STATUS_ADDED, Unaffected, inner, texts));
                }
                // It is another response, so that it has texts and examples of its own.
                let mut of_body = changes.beside();
                response(scope, first_old, added, &mut of_body);
                let of_body = of_body.list.into_iter();
                of_body
                    .filter(|change| !is_shared || !change.rule.is_text())
                    .for_each(|change| changes.add(change));
            }
        }
    }
}

fn response(scope: &Scope<'_>, old: &Response<'_>, new: &Response<'_>, changes: &mut Changes) {
    let pair = Pair::of(&old.node, &new.node);
    let known = ["content", "headers", "x-error-rules", "x-response-selector"];
    others(scope, pair, &known, changes);
    errors::compare(scope, pair, changes);
    extensions::selector(scope, pair, changes);
    headers(scope, pair, changes);
    let (old_types, new_types) = (content(&old.node), content(&new.node));
    if old.is_success() {
        for gone in old_types
            .values()
            .filter(|gone| !new_types.contains_key(gone.name))
        {
            let inner = pair.with_old(&gone.node);
            let texts = (Some(gone.name.to_owned()), None);
            changes.add(scope.change(&RESPONSE_MEDIA_TYPE_REMOVED, Broken, inner, texts));
        }
        for added in new_types
            .values()
            .filter(|added| !old_types.contains_key(added.name))
        {
            let inner = pair.with_new(&added.node);
            let texts = (None, Some(added.name.to_owned()));
            changes.add(scope.change(&RESPONSE_MEDIA_TYPE_ADDED, Unaffected, inner, texts));
        }
    } else if !old_types.keys().eq(new_types.keys()) {
        // An error's body is searched for a message whatever it is.
        let list = |types: &BTreeMap<&str, MediaType<'_>>| {
            let names: Vec<&str> = types.keys().copied().collect();
            Some(names.join(", "))
        };
        let texts = (list(&old_types), list(&new_types));
        changes.add(scope.change(&ERROR_MEDIA_TYPE_CHANGED, Unaffected, pair, texts));
    }
    let loss = match old.is_success() {
        true => Loss::Whole,
        false => Loss::Part,
    };
    for (name, old) in &old_types {
        if let Some(new) = new_types.get(name) {
            media_types(scope, old, new, loss, changes);
        }
    }
}

fn headers(scope: &Scope<'_>, pair: Pair<'_, '_>, changes: &mut Changes) {
    let list = |node: &Node<'_>| -> BTreeMap<String, usize> {
        let headers = node.get("headers");
        let entries = headers.iter().flat_map(Node::entries);
        entries
            .enumerate()
            .map(|(index, (name, _))| (name.to_ascii_lowercase(), index))
            .collect()
    };
    let at = |node: &Node<'_>, index: &usize| -> Option<String> {
        let headers = node.get("headers")?;
        let entries = headers.entries();
        Some(entries.get(*index)?.1.resolved().value().to_string())
    };
    let (old, new) = (list(pair.old), list(pair.new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (rule, class) = match (old.get(name), new.get(name)) {
            (None, _) => (&RESPONSE_HEADER_ADDED, Unaffected),
            (_, None) => (&RESPONSE_HEADER_REMOVED, Degraded),
            (Some(was), Some(is)) if at(pair.old, was) != at(pair.new, is) => {
                (&RESPONSE_HEADER_CHANGED, Degraded)
            }
            _ => continue,
        };
        let change: Change = scope.inside(name).change(rule, class, pair, NO_TEXTS);
        changes.add(change);
    }
}

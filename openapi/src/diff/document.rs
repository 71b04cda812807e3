//! What belongs to no single operation, and which operations are the same.

use super::rules::*;
use super::{
    Changes, Direction, Pair, Scope, WireClass, brief, extensions, is_same, keys, operation,
};
use crate::{Contract, Node, Operation};

pub(super) fn compare(old: &Contract, new: &Contract, changes: &mut Changes) {
    let (old_root, new_root) = (old.root(), new.root());
    let pair = Pair::of(&old_root, &new_root);
    let scope = Scope {
        operation: None,
        direction: Direction::Both,
        subject: String::new(),
    };
    for key in keys(&old_root, &new_root) {
        let (was, is) = (old_root.get(key), new_root.get(key));
        if is_same(was.as_ref(), is.as_ref()) {
            continue;
        }
        let inner = Pair::of(
            was.as_ref().unwrap_or(&old_root),
            is.as_ref().unwrap_or(&new_root),
        );
        match key {
            "paths" => {}
            // Its parts are compared where they are used, but for those that are used by name alone.
            "components" => security_schemes(&scope, inner, changes),
            "security" => {}
            "servers" => servers(&scope.inside("servers"), pair, changes),
            "info" => info(&scope.inside("info"), inner, changes),
            "tags" | "externalDocs" | "openapi" | "jsonSchemaDialect" => {
                changes.add(scope.inside(key).change(
                    &DOCUMENTATION_CHANGED,
                    WireClass::Unaffected,
                    inner,
                    (None, None),
                ));
            }
            "x-client-config" if was.is_some() && is.is_some() => {
                extensions::client_config(&scope.inside(key), inner, changes);
            }
            "x-client-config" => changes.add(scope.inside(key).change(
                &CLIENT_CONFIG_CHANGED,
                WireClass::Unaffected,
                inner,
                (None, None),
            )),
            "webhooks" => changes.add(scope.inside(key).change(
                &CALLBACKS_CHANGED,
                WireClass::Unaffected,
                inner,
                (None, None),
            )),
            _ => changes.add(scope.inside(key).change(
                &UNCLASSIFIED,
                WireClass::Broken,
                inner,
                (None, None),
            )),
        }
    }
    operations(old, new, &scope, changes);
}

fn operations(old: &Contract, new: &Contract, scope: &Scope<'_>, changes: &mut Changes) {
    let (old_all, new_all) = (old.operations(), new.operations());
    let is_at = |operation: &Operation<'_>, other: &Operation<'_>| {
        operation.method() == other.method()
            && operation::address(operation) == operation::address(other)
    };
    let mut matched = vec![false; new_all.len()];
    for was in &old_all {
        let same_id = |is: &Operation<'_>| !was.id().is_empty() && is.id() == was.id();
        let found = new_all.iter().position(same_id).or_else(|| {
            new_all.iter().enumerate().position(|(index, is)| {
                let is_free = !old_all
                    .iter()
                    .any(|old| !old.id().is_empty() && old.id() == is.id());
                is_free && !matched[index] && is_at(was, is)
            })
        });
        let name = name(was);
        let scope = Scope {
            operation: Some(&name),
            ..scope.inside(&name)
        };
        match found {
            Some(index) => {
                matched[index] = true;
                operation::compare(was, &new_all[index], &scope, changes);
            }
            None => changes.add(scope.change(
                &OPERATION_REMOVED,
                WireClass::Broken,
                Pair {
                    old: was.node(),
                    new: &nearest(new, was.path()),
                },
                (Some(format!("{} {}", was.method(), was.path())), None),
            )),
        }
    }
    for (is, _) in new_all.iter().zip(matched).filter(|(_, matched)| !matched) {
        let name = name(is);
        let scope = Scope {
            operation: Some(&name),
            ..scope.inside(&name)
        };
        changes.add(scope.change(
            &OPERATION_ADDED,
            WireClass::Unaffected,
            Pair {
                old: &nearest(old, is.path()),
                new: is.node(),
            },
            (None, Some(format!("{} {}", is.method(), is.path()))),
        ));
    }
}

/// The id, or method and path in documents without ids.
fn name(operation: &Operation<'_>) -> String {
    match operation.id() {
        "" => format!("{} {}", operation.method(), operation.path()),
        id => id.to_owned(),
    }
}

fn nearest<'c>(contract: &'c Contract, path: &str) -> Node<'c> {
    let root = contract.root();
    let paths = root.get("paths");
    let item = paths.as_ref().and_then(|paths| paths.get(path));
    item.or(paths).unwrap_or(root)
}

fn server_list<'c>(root: &Node<'c>) -> Vec<Node<'c>> {
    let servers = root.get("servers");
    servers.map(|list| list.items()).unwrap_or_default()
}

/// The first server is the one that a client calls if it isn't told another.
fn servers(scope: &Scope<'_>, pair: Pair<'_, '_>, changes: &mut Changes) {
    let (old, new) = (server_list(pair.old), server_list(pair.new));
    let url = |server: &Node<'_>| server.str("url").unwrap_or_default().to_owned();
    let has = |list: &[Node<'_>], wanted: &str| list.iter().any(|server| url(server) == wanted);
    let (first_old, first_new) = (old.first(), new.first());
    if first_old.map(url) != first_new.map(url) {
        let gone = first_old.is_some_and(|server| !has(&new, &url(server)));
        let wire = match gone {
            true => WireClass::Broken,
            false => WireClass::Unaffected,
        };
        let inner = Pair::of(first_old.unwrap_or(pair.old), first_new.unwrap_or(pair.new));
        let texts = (first_old.map(url), first_new.map(url));
        changes.add(scope.change(&SERVER_CHANGED, wire, inner, texts));
    }
    for server in old.iter().skip(1).filter(|server| !has(&new, &url(server))) {
        let inner = Pair::of(server, pair.new);
        let texts = (Some(url(server)), None);
        changes.add(scope.change(&SERVER_REMOVED, WireClass::Unaffected, inner, texts));
    }
    for server in new.iter().skip(1).filter(|server| !has(&old, &url(server))) {
        let inner = Pair::of(pair.old, server);
        let texts = (None, Some(url(server)));
        changes.add(scope.change(&SERVER_ADDED, WireClass::Unaffected, inner, texts));
    }
    for was in &old {
        let same = new.iter().find(|is| url(is) == url(was));
        if let Some(is) = same.filter(|is| is.value() != was.value()) {
            let inner = Pair::of(was, is);
            let is_text = keys(was, is).into_iter().all(|key| {
                key == "description" || is_same(was.get(key).as_ref(), is.get(key).as_ref())
            });
            let (rule, wire) = match is_text {
                true => (&DOCUMENTATION_CHANGED, WireClass::Unaffected),
                false => (&UNCLASSIFIED, WireClass::Broken),
            };
            changes.add(scope.change(rule, wire, inner, (None, None)));
        }
    }
}

fn info(scope: &Scope<'_>, pair: Pair<'_, '_>, changes: &mut Changes) {
    for key in keys(pair.old, pair.new) {
        let (was, is) = (pair.old.get(key), pair.new.get(key));
        if is_same(was.as_ref(), is.as_ref()) {
            continue;
        }
        let inner = pair.or(was.as_ref(), is.as_ref());
        let texts = (
            brief(was.as_ref().map(Node::value)),
            brief(is.as_ref().map(Node::value)),
        );
        let rule = match key {
            "version" => &VERSION_CHANGED,
            _ => &DOCUMENTATION_CHANGED,
        };
        changes.add(
            scope
                .inside(key)
                .change(rule, WireClass::Unaffected, inner, texts),
        );
    }
}

fn security_schemes(scope: &Scope<'_>, pair: Pair<'_, '_>, changes: &mut Changes) {
    let (was, is) = (
        pair.old.get("securitySchemes"),
        pair.new.get("securitySchemes"),
    );
    let (Some(old), Some(new)) = (&was, &is) else {
        return;
    };
    // One that comes or goes matters where an operation names it.
    for key in keys(old, new) {
        let (Some(was), Some(is)) = (old.get(key), new.get(key)) else {
            continue;
        };
        if was.value() == is.value() {
            continue;
        }
        let inner = Pair::of(&was, &is);
        let is_text = keys(&was, &is).into_iter().all(|key| {
            key == "description" || is_same(was.get(key).as_ref(), is.get(key).as_ref())
        });
        let (rule, wire) = match is_text {
            true => (&DOCUMENTATION_CHANGED, WireClass::Unaffected),
            false => (&SECURITY_SCHEME_CHANGED, WireClass::Broken),
        };
        changes.add(scope.inside(key).change(rule, wire, inner, (None, None)));
    }
}

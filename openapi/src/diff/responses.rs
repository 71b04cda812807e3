//! What an operation responds: its statuses, media types and headers.

use std::collections::{BTreeMap, BTreeSet};

use super::content::{self, NO_TEXTS};
use super::rules::*;
use super::schema::Loss;
use super::{Changes, Direction, Pair, Scope, WireClass, errors, extensions};
use crate::{MediaType, Node, Operation, Response};
use WireClass::{Broken, Degraded, Unaffected};

pub(super) fn compare(
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
    content::others(scope, pair, &known, changes);
    errors::compare(scope, pair, changes);
    extensions::selector(scope, pair, changes);
    headers(scope, pair, changes);
    let (old_types, new_types) = (content::by_name(&old.node), content::by_name(&new.node));
    if old.is_success() {
        let rules = [&RESPONSE_MEDIA_TYPE_REMOVED, &RESPONSE_MEDIA_TYPE_ADDED];
        content::offered(scope, pair, [&old_types, &new_types], rules, changes);
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
            content::media_types(scope, old, new, loss, changes);
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
        let change = scope.inside(name).change(rule, class, pair, NO_TEXTS);
        changes.add(change);
    }
}

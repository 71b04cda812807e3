//! The classification of errors: `x-error-rules`.

use std::collections::BTreeSet;

use super::WireClass::{Broken, Unaffected};
use super::rules::*;
use super::{Changes, Pair, Scope, brief, is_same, keys};
use crate::Node;

/// Programs that run classify as they were compiled to.
pub(super) fn compare(scope: &Scope<'_>, pair: Pair<'_, '_>, changes: &mut Changes) {
    let list = |node: Option<&Node<'_>>| -> Vec<Option<String>> {
        let rules = node.map(|node| node.items()).unwrap_or_default();
        rules
            .iter()
            .map(|rule| brief(rule.get("code").as_ref().map(Node::value)))
            .collect()
    };
    let (was, is) = (rules(pair.old), rules(pair.new));
    let (old_codes, new_codes) = (list(was.as_ref()), list(is.as_ref()));
    let name = |code: &Option<String>| code.clone().unwrap_or_else(|| "other codes".to_owned());
    let codes: BTreeSet<_> = old_codes.iter().chain(&new_codes).collect();
    for code in codes {
        let find = |node: &Option<Node<'_>>, codes: &[Option<String>]| -> Option<usize> {
            node.as_ref()?;
            codes.iter().position(|known| known == code)
        };
        let scope = scope.inside(&name(code));
        match (find(&was, &old_codes), find(&is, &new_codes)) {
            (Some(old), Some(new)) => {
                let (Some(was), Some(is)) = (&was, &is) else {
                    continue;
                };
                let (old, new) = (was.items().swap_remove(old), is.items().swap_remove(new));
                rule(&scope, Pair::of(&old, &new), changes);
            }
            (Some(_), None) => {
                changes.add(scope.change(&ERROR_CODE_REMOVED, Unaffected, pair, (None, None)));
            }
            (None, _) => {
                changes.add(scope.change(&ERROR_CODE_ADDED, Unaffected, pair, (None, None)));
            }
        }
    }
    let shared = |codes: &[Option<String>], others: &[Option<String>]| -> Vec<Option<String>> {
        codes
            .iter()
            .filter(|code| others.contains(code))
            .cloned()
            .collect()
    };
    if shared(&old_codes, &new_codes) != shared(&new_codes, &old_codes) {
        changes.add(scope.change(&ERROR_ORDER_CHANGED, Unaffected, pair, (None, None)));
    }
}

fn rules<'c>(response: &Node<'c>) -> Option<Node<'c>> {
    Some(response.get("x-error-rules")?.resolved())
}

fn rule(scope: &Scope<'_>, pair: Pair<'_, '_>, changes: &mut Changes) {
    for key in keys(pair.old, pair.new) {
        let (was, is) = (pair.old.get(key), pair.new.get(key));
        if is_same(was.as_ref(), is.as_ref()) {
            continue;
        }
        let (rule, class) = match key {
            "kind" => (&ERROR_KIND_CHANGED, Unaffected),
            "retryable" => (&ERROR_RETRY_CHANGED, Unaffected),
            "help" | "docs-url" => (&ERROR_HELP_CHANGED, Unaffected),
            _ => (&UNCLASSIFIED, Broken),
        };
        let texts = (
            brief(was.as_ref().map(Node::value)),
            brief(is.as_ref().map(Node::value)),
        );
        changes.add(scope.change(rule, class, pair, texts));
    }
}

//! What a change of a contract does to the programs that call the API.
//!
//! Two documents are compared operation by operation, with every `$ref` followed, so that neither order nor layout nor
//! components that are only written in place make a difference. Each change has a rule, and a class for a program that
//! was compiled against the old contract and meets a service of the new one. The class depends on the direction: what a
//! request may newly contain concerns no one, what a response may newly contain perhaps everyone.
//!
//! Documents may be of OpenAPI 3.0 or 3.1, also with constructs that the generator refuses. A difference that no rule knows is
//! `unclassified`, and counts as breaking.
//!
//! In reading order: `rules.rs` (what can change), `document.rs`, `operation.rs`, `responses.rs` and `content.rs` (the walk to the schemas), `schema.rs`
//! (types, unions, properties and items) and `keywords.rs` (the rest of a schema), `view.rs` (a schema, however it is
//! written), `limits.rs`, `errors.rs` and `extensions.rs`.

mod content;
mod document;
mod errors;
mod extensions;
mod keywords;
mod limits;
mod operation;
mod responses;
mod rules;
mod schema;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use serde_json::Value;

use crate::{Contract, Node, Operation, yaml};

pub use rules::{Level, RULES, Rule};

/// What a change does to a program that was compiled against the old contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WireClass {
    /// It works as before.
    Unaffected,
    /// It works, but loses a value or reports a deviation.
    Degraded,
    /// Its requests are rejected, or its responses can't be read.
    Broken,
}

/// Which way the changed part goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From the program to the service.
    Request,
    /// From the service to the program.
    Response,
    /// Neither: an address, a rule, a text.
    Both,
}

/// Where something stands in a contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its JSON pointer.
    pub pointer: String,
    /// Its line, from 1.
    pub line: usize,
}

/// One difference of two contracts.
#[derive(Clone, Debug)]
pub struct Change {
    /// The kind of change.
    pub rule: &'static Rule,
    /// Which way the changed part goes.
    pub direction: Direction,
    /// What changes: a component's property as `Usage.cached_tokens`, or an operation's part as `create_speech.voice`.
    pub subject: String,
    /// How it was, if it was there and is short.
    pub before: Option<String>,
    /// How it is, likewise.
    pub after: Option<String>,
    /// What it does to programs that run.
    pub wire: WireClass,
    /// Where it was; the nearest part of the old contract if it is new.
    pub old: Place,
    /// Where it is; the nearest part of the new contract if it is gone.
    pub new: Place,
    /// The operations that it concerns; all if it is empty.
    pub operations: BTreeSet<String>,
}

/// Why two documents can't be compared: one of them has no operations.
#[derive(Debug)]
pub struct NothingToCompare {
    file: String,
}

/// All differences of two contracts, in the order of the old one's operations.
pub fn compare(old: &Contract, new: &Contract) -> Result<Vec<Change>, NothingToCompare> {
    for contract in [old, new] {
        if contract.operations().is_empty() {
            let file = contract.file().display().to_string();
            return Err(NothingToCompare { file });
        }
    }
    let mut changes = Changes::between(old, new);
    document::compare(old, new, &mut changes);
    Ok(changes.list)
}

/// The differences of two operations, whatever their ids and the texts of their documents.
pub fn compare_operations(old: &Operation<'_>, new: &Operation<'_>) -> Vec<Change> {
    let mut changes = Changes::between(old.node().contract(), new.node().contract());
    let scope = Scope {
        operation: Some(old.id()),
        direction: Direction::Both,
        subject: old.id().to_owned(),
    };
    operation::compare(old, new, &scope, &mut changes);
    let of_names = [rules::OPERATION_RENAMED.id, rules::TAG_CHANGED.id];
    let is_said = |change: &Change| !change.rule.is_text() && !of_names.contains(&change.rule.id);
    changes.list.retain(is_said);
    changes.list
}

/// The changes found so far. A part that several operations share is one change, with the worst of its classes.
#[derive(Default)]
struct Changes {
    list: Vec<Change>,
    known: BTreeMap<(&'static str, Direction, String, String, String), usize>,
    /// The references that lead to the same in both documents, so that what consists of them needs no look.
    unchanged: Rc<BTreeSet<String>>,
}

impl Changes {
    fn between(old: &Contract, new: &Contract) -> Self {
        let mut unchanged = BTreeMap::new();
        let components = |contract: &Contract| contract.root().value().get("components").cloned();
        let (old, new) = (
            components(old).unwrap_or_default(),
            components(new).unwrap_or_default(),
        );
        for (section, entries) in old.as_object().into_iter().flatten() {
            for (name, value) in entries.as_object().into_iter().flatten() {
                if new[section.as_str()].get(name) == Some(value) {
                    let (section, name) = (yaml::escape(section), yaml::escape(name));
                    unchanged.insert(format!("#/components/{section}/{name}"), references(value));
                }
            }
        }
        // What refers to something that has changed has changed, and so on.
        loop {
            let known: BTreeSet<&str> = unchanged.keys().map(String::as_str).collect();
            let is_whole = |targets: &[&str]| targets.iter().all(|target| known.contains(target));
            let changed: Vec<String> = unchanged
                .iter()
                .filter(|(_, targets)| !is_whole(targets))
                .map(|(reference, _)| reference.clone())
                .collect();
            if changed.is_empty() {
                break;
            }
            unchanged.retain(|reference, _| !changed.contains(reference));
        }
        Self {
            unchanged: Rc::new(unchanged.into_keys().collect()),
            ..Self::default()
        }
    }

    /// An empty list beside this one, of the same documents.
    fn beside(&self) -> Self {
        Self {
            unchanged: Rc::clone(&self.unchanged),
            ..Self::default()
        }
    }

    /// Whether two values are the same, with all that they refer to.
    fn is_unchanged(&self, pair: Pair<'_, '_>) -> bool {
        pair.old.value() == pair.new.value()
            && references(pair.old.value())
                .iter()
                .all(|target| self.unchanged.contains(*target))
    }

    fn add(&mut self, change: Change) {
        let key = (
            change.rule.id,
            change.direction,
            change.old.pointer.clone(),
            change.new.pointer.clone(),
            change.subject.clone(),
        );
        match self.known.get(&key) {
            Some(index) => {
                let known = &mut self.list[*index];
                known.wire = known.wire.max(change.wire);
                known.operations.extend(change.operations);
            }
            None => {
                self.known.insert(key, self.list.len());
                self.list.push(change);
            }
        }
    }
}

/// Two values that stand for the same thing; the nearest part around it where one lacks it.
#[derive(Clone, Copy)]
struct Pair<'a, 'c> {
    old: &'a Node<'c>,
    new: &'a Node<'c>,
}

impl<'a, 'c> Pair<'a, 'c> {
    fn of(old: &'a Node<'c>, new: &'a Node<'c>) -> Self {
        Self { old, new }
    }

    fn with_old(self, old: &'a Node<'c>) -> Self {
        Self { old, ..self }
    }

    fn with_new(self, new: &'a Node<'c>) -> Self {
        Self { new, ..self }
    }

    /// The values of a key, or what lacks it.
    fn or(self, old: Option<&'a Node<'c>>, new: Option<&'a Node<'c>>) -> Self {
        Self::of(old.unwrap_or(self.old), new.unwrap_or(self.new))
    }
}

/// The operation, and the way to what is compared.
#[derive(Clone)]
struct Scope<'a> {
    /// The operation's id; none for the document.
    operation: Option<&'a str>,
    direction: Direction,
    subject: String,
}

impl Scope<'_> {
    fn inside(&self, name: &str) -> Self {
        let subject = match self.subject.as_str() {
            "" => name.to_owned(),
            subject => format!("{subject}.{name}"),
        };
        Self {
            subject,
            ..self.clone()
        }
    }

    fn towards(&self, direction: Direction) -> Self {
        Self {
            direction,
            ..self.clone()
        }
    }

    fn change(
        &self,
        rule: &'static Rule,
        wire: WireClass,
        pair: Pair<'_, '_>,
        (before, after): (Option<String>, Option<String>),
    ) -> Change {
        let place = |node: &Node<'_>| Place {
            pointer: node.pointer().to_owned(),
            line: node.line(),
        };
        Change {
            rule,
            direction: self.direction,
            subject: self.subject.clone(),
            before,
            after,
            wire,
            old: place(pair.old),
            new: place(pair.new),
            operations: self.operation.into_iter().map(str::to_owned).collect(),
        }
    }
}

/// A value in a message, if it is short enough for one.
fn brief(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    (text.chars().count() <= 80 && !text.contains('\n')).then_some(text)
}

/// The references in a value.
fn references(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                open.extend(object.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

/// The keys of two objects, each once.
fn keys<'c>(old: &Node<'c>, new: &Node<'c>) -> BTreeSet<&'c str> {
    let entries = old.entries().into_iter().chain(new.entries());
    entries.map(|(key, _)| key).collect()
}

/// Whether two values are the same JSON; the order of keys says nothing.
fn is_same(old: Option<&Node<'_>>, new: Option<&Node<'_>>) -> bool {
    old.map(Node::value) == new.map(Node::value)
}

impl WireClass {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unaffected => "unaffected",
            Self::Degraded => "degraded",
            Self::Broken => "broken",
        }
    }
}

impl Direction {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Both => "both",
        }
    }
}

impl fmt::Display for NothingToCompare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: there are no operations to compare", self.file)
    }
}

impl std::error::Error for NothingToCompare {}

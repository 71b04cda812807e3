//! Two schemas of the same value.

use std::collections::BTreeSet;

use serde_json::Value;

use super::WireClass::{Broken, Degraded, Unaffected};

use super::rules::*;
use super::view::{Union, View};
use super::{Changes, Direction, Pair, Scope, WireClass};
use crate::Node;

/// What is lost with a value of a response that a client can't read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// The response.
    Whole,
    /// A part that a client can do without.
    Part,
}

const NO_TEXTS: (Option<String>, Option<String>) = (None, None);

pub(super) struct SchemaComparison<'a> {
    changes: &'a mut Changes,
    root: Loss,
    /// The pairs that are compared already, so that a schema that contains itself ends.
    visited: BTreeSet<(String, String, bool)>,
}

/// Where in a body a schema stands.
#[derive(Clone, Copy)]
pub(super) struct Position<'t> {
    pub(super) loss: Loss,
    /// Whether it may be absent.
    pub(super) optional: bool,
    /// How many properties are around it.
    depth: usize,
    /// The property that tells the variants of the union around it apart.
    tag: Option<&'t str>,
    /// Whether it is that property, whose values the union compares.
    is_tag: bool,
}

/// What is compared, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct At<'a, 'c> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) old: &'a View<'c>,
    pub(super) new: &'a View<'c>,
    pub(super) pair: Pair<'a, 'c>,
    pub(super) position: Position<'a>,
}

impl<'a> SchemaComparison<'a> {
    pub(super) fn new(root: Loss, changes: &'a mut Changes) -> Self {
        Self {
            changes,
            root,
            visited: BTreeSet::new(),
        }
    }

    pub(super) fn compare(mut self, scope: &Scope<'_>, pair: Pair<'_, '_>) {
        let position = Position {
            loss: self.root,
            optional: false,
            depth: 0,
            tag: None,
            is_tag: false,
        };
        self.schemas(scope, pair, position);
    }

    fn schemas(&mut self, scope: &Scope<'_>, pair: Pair<'_, '_>, position: Position<'_>) {
        if self.changes.is_unchanged(pair) {
            return;
        }
        let (old, new) = (View::of(pair.old), View::of(pair.new));
        let at = At {
            scope,
            old: &old,
            new: &new,
            pair,
            position,
        };
        // A property can do without what its component can't, so the reference is looked at each time.
        self.nullability(at);
        self.property_keys(at);
        let pointers = (
            old.node.pointer().to_owned(),
            new.node.pointer().to_owned(),
            position.loss == Loss::Whole,
        );
        if !self.visited.insert(pointers) {
            return;
        }
        if let (Some(was), Some(is)) = (old.name, new.name)
            && was != is
        {
            let texts = (Some(was.to_owned()), Some(is.to_owned()));
            self.add(scope, &COMPONENT_RENAMED, Unaffected, pair, texts);
        }
        let mut scope = scope.clone();
        if let Some(name) = old.name.or(new.name) {
            scope.subject = name.to_owned();
        }
        let at = At {
            scope: &scope,
            pair: Pair::of(&old.node, &new.node),
            ..at
        };
        self.other_keys(at);
        if !self.kinds(at) {
            return;
        }
        if !position.is_tag {
            self.enumeration(at);
        }
        self.format(at);
        self.limits(at);
        self.objects(at);
        self.items(at);
    }

    pub(super) fn add(
        &mut self,
        scope: &Scope<'_>,
        rule: &'static Rule,
        wire: WireClass,
        pair: Pair<'_, '_>,
        texts: (Option<String>, Option<String>),
    ) {
        self.changes.add(scope.change(rule, wire, pair, texts));
    }

    /// Compares the types; false if there is nothing left to compare.
    fn kinds(&mut self, at: At<'_, '_>) -> bool {
        let At {
            scope,
            old,
            new,
            pair,
            position,
        } = at;
        match (old.union(), new.union()) {
            (Some(was), Some(is)) => {
                self.unions(at, (&was, &is));
                return true;
            }
            (None, None) => {}
            (None, Some(union)) => {
                let same = union
                    .variants
                    .iter()
                    .find(|variant| old.is_same_kind(&View::of(variant)));
                let (rule, wire) = match (same.is_some(), scope.direction) {
                    (true, Direction::Request) => (&TYPE_WIDENED, Unaffected),
                    (true, _) => (&TYPE_WIDENED, unreadable(old, None, position)),
                    (false, Direction::Request) => (&TYPE_CHANGED, Broken),
                    (false, _) => (&TYPE_CHANGED, unreadable(old, None, position)),
                };
                let texts = (Some(old.describe()), Some(new.describe()));
                self.add(scope, rule, wire, pair, texts);
                if let Some(same) = same {
                    self.schemas(scope, Pair::of(pair.old, same), position);
                }
                return false;
            }
            (Some(union), None) => {
                let same = union
                    .variants
                    .iter()
                    .find(|variant| View::of(variant).is_same_kind(new));
                let (rule, wire) = match (same.is_some(), scope.direction) {
                    (true, Direction::Request) => (&TYPE_NARROWED, Broken),
                    (true, _) => (&TYPE_NARROWED, Unaffected),
                    (false, Direction::Request) => (&TYPE_CHANGED, Broken),
                    // What is no variant is kept as JSON.
                    (false, _) => (&TYPE_CHANGED, Degraded),
                };
                let texts = (Some(old.describe()), Some(new.describe()));
                self.add(scope, rule, wire, pair, texts);
                if let Some(same) = same {
                    self.schemas(scope, Pair::of(same, pair.new), position);
                }
                return false;
            }
        }
        let (was, is) = (old.types(), new.types());
        if was == is {
            return true;
        }
        let (rule, wire) = match scope.direction {
            Direction::Request if includes(&is, &was) => (&TYPE_WIDENED, Unaffected),
            Direction::Request if includes(&was, &is) => (&TYPE_NARROWED, Broken),
            Direction::Request => (&TYPE_CHANGED, Broken),
            _ if includes(&was, &is) => (&TYPE_NARROWED, Unaffected),
            _ if includes(&is, &was) => (&TYPE_WIDENED, unreadable(old, Some(&is), position)),
            _ => (&TYPE_CHANGED, unreadable(old, Some(&is), position)),
        };
        let texts = (Some(old.describe()), Some(new.describe()));
        self.add(scope, rule, wire, pair, texts);
        false
    }

    fn unions(&mut self, at: At<'_, '_>, (was, is): (&Union<'_>, &Union<'_>)) {
        let At {
            scope,
            old,
            new,
            pair,
            position,
        } = at;
        if was.keyword != is.keyword {
            self.add(scope, &UNION_MATCHING_CHANGED, Unaffected, pair, NO_TEXTS);
        }
        let is_request = scope.direction == Direction::Request;
        let lost = match is_request {
            true => Broken,
            false => Degraded,
        };
        let property = |view: &View<'_>| {
            let discriminator = view.get("discriminator")?;
            discriminator.str("propertyName").map(str::to_owned)
        };
        let (old_tag, new_tag) = (property(old), property(new));
        if old_tag != new_tag {
            let texts = (old_tag.clone(), new_tag);
            self.add(scope, &DISCRIMINATOR_CHANGED, lost, pair, texts);
        }
        let mut matched = vec![false; is.variants.len()];
        for variant in &was.variants {
            let tag = old.tag_of(variant);
            let free = |index: &usize| !matched[*index];
            let find = |same: &dyn Fn(&Node<'_>) -> bool| {
                (0..is.variants.len())
                    .filter(free)
                    .find(|index| same(&is.variants[*index]))
            };
            let name = variant.reference_name();
            let view = View::of(variant);
            let found = find(&|other| tag.is_some() && new.tag_of(other) == tag)
                .or_else(|| find(&|other| name.is_some() && other.reference_name() == name))
                .or_else(|| {
                    find(&|other| {
                        let title = variant.str("title");
                        title.is_some() && other.str("title") == title
                    })
                })
                .or_else(|| find(&|other| view.is_same_kind(&View::of(other))));
            let Some(index) = found else {
                let (wire, texts) = match is_request {
                    true => (Broken, (Some(view.describe()), None)),
                    false => (Unaffected, (Some(view.describe()), None)),
                };
                self.add(
                    scope,
                    &UNION_VARIANT_REMOVED,
                    wire,
                    pair.with_old(variant),
                    texts,
                );
                continue;
            };
            matched[index] = true;
            let other = &is.variants[index];
            let new_value = new.tag_of(other);
            if tag.is_some() && new_value.is_some() && tag != new_value {
                let texts = (tag.map(str::to_owned), new_value.map(str::to_owned));
                let inner = Pair::of(variant, other);
                self.add(scope, &DISCRIMINATOR_VALUE_CHANGED, lost, inner, texts);
            }
            let position = Position {
                tag: old_tag.as_deref(),
                ..position
            };
            self.schemas(scope, Pair::of(variant, other), position);
        }
        for (variant, _) in is
            .variants
            .iter()
            .zip(matched)
            .filter(|(_, matched)| !matched)
        {
            let view = View::of(variant);
            let texts = (None, Some(view.describe()));
            // A client keeps the JSON of what is none of the variants that it knows.
            self.add(
                scope,
                &UNION_VARIANT_ADDED,
                Unaffected,
                pair.with_new(variant),
                texts,
            );
        }
    }

    fn objects(&mut self, at: At<'_, '_>) {
        let At {
            scope,
            old,
            new,
            pair,
            position,
        } = at;
        let is_request = scope.direction == Direction::Request;
        let (old_properties, new_properties) = (old.properties(), new.properties());
        let (old_required, new_required) = (old.required(), new.required());
        let names: BTreeSet<&str> = old_properties
            .keys()
            .chain(new_properties.keys())
            .copied()
            .collect();
        for name in names {
            let scope = scope.inside(name);
            let was_required = old_required.contains(name);
            let is_required = new_required.contains(name);
            let inner = |node: Option<&Node<'_>>| position.property(was_required, node);
            match (old_properties.get(name), new_properties.get(name)) {
                (Some(was), None) => {
                    let wire = match is_request {
                        true if new.is_closed() => Broken,
                        true => Degraded,
                        false => inner(Some(was)).loss.class(),
                    };
                    self.add(
                        &scope,
                        &PROPERTY_REMOVED,
                        wire,
                        pair.with_old(was),
                        (Some(View::of(was).describe()), None),
                    );
                }
                (None, Some(is)) => {
                    let (rule, wire) = match is_request && is_required {
                        true => (&REQUIRED_PROPERTY_ADDED, Broken),
                        false => (&PROPERTY_ADDED, Unaffected),
                    };
                    self.add(
                        &scope,
                        rule,
                        wire,
                        pair.with_new(is),
                        (None, Some(View::of(is).describe())),
                    );
                }
                (Some(was), Some(is)) => {
                    let both = Pair::of(was, is);
                    let inner = inner(Some(was));
                    match (was_required, is_required, is_request) {
                        (false, true, true) => {
                            self.add(
                                &scope,
                                &REQUEST_PROPERTY_BECAME_REQUIRED,
                                Broken,
                                both,
                                NO_TEXTS,
                            );
                        }
                        (false, true, false) => {
                            self.add(
                                &scope,
                                &PROPERTY_BECAME_REQUIRED,
                                Unaffected,
                                both,
                                NO_TEXTS,
                            );
                        }
                        (true, false, true) => {
                            self.add(
                                &scope,
                                &PROPERTY_BECAME_OPTIONAL,
                                Unaffected,
                                both,
                                NO_TEXTS,
                            );
                        }
                        (true, false, false) => {
                            self.add(
                                &scope,
                                &PROPERTY_BECAME_OPTIONAL,
                                inner.loss.class(),
                                both,
                                NO_TEXTS,
                            );
                        }
                        _ => {}
                    }
                    let inner = Position {
                        is_tag: position.tag == Some(name),
                        ..inner
                    };
                    self.schemas(&scope, both, inner);
                }
                (None, None) => {}
            }
        }
        self.additional(at);
    }

    fn additional(&mut self, at: At<'_, '_>) {
        let At {
            scope,
            old,
            new,
            pair,
            position,
        } = at;
        let is_request = scope.direction == Direction::Request;
        let schema = |view: &View<'_>| -> Option<bool> {
            let additional = view.get("additionalProperties")?;
            match additional.value() {
                Value::Object(object) => Some(!object.is_empty()),
                _ => None,
            }
        };
        let has_schema = (schema(old) == Some(true), schema(new) == Some(true));
        if let (true, true) = has_schema {
            if let (Some(old), Some(new)) = (
                old.get("additionalProperties"),
                new.get("additionalProperties"),
            ) {
                // An entry that can't be read is left out.
                let inner = Position {
                    loss: Loss::Part,
                    optional: false,
                    depth: position.depth + 1,
                    tag: None,
                    is_tag: false,
                };
                self.schemas(&scope.inside("*"), Pair::of(&old, &new), inner);
            }
            return;
        }
        let (rule, wire) = match (old.is_closed(), new.is_closed(), has_schema) {
            (false, true, _) if is_request => (&ADDITIONAL_PROPERTIES_FORBIDDEN, Degraded),
            (false, true, _) => (&ADDITIONAL_PROPERTIES_FORBIDDEN, Unaffected),
            (true, false, _) => (&ADDITIONAL_PROPERTIES_ALLOWED, Unaffected),
            (_, _, (true, false)) if is_request => (&TYPE_WIDENED, Unaffected),
            (_, _, (true, false)) => (&TYPE_WIDENED, Degraded),
            (_, _, (false, true)) if is_request => (&TYPE_NARROWED, Broken),
            (_, _, (false, true)) => (&TYPE_NARROWED, Unaffected),
            _ => return,
        };
        self.add(&scope.inside("*"), rule, wire, pair, NO_TEXTS);
    }

    fn items(&mut self, at: At<'_, '_>) {
        let At {
            scope,
            old,
            new,
            position,
            ..
        } = at;
        let scope = Scope {
            subject: format!("{}[]", scope.subject),
            ..scope.clone()
        };
        let inner = Position {
            optional: false,
            depth: position.depth + 1,
            tag: None,
            is_tag: false,
            ..position
        };
        match (old.get("items"), new.get("items")) {
            (Some(old), Some(new)) => self.schemas(&scope, Pair::of(&old, &new), inner),
            (None, None) => {}
            (was, _) => {
                let is_request = scope.direction == Direction::Request;
                let (rule, wire) = match (was.is_some(), is_request) {
                    (true, true) => (&TYPE_WIDENED, Unaffected),
                    (true, false) => (&TYPE_WIDENED, position.loss.class()),
                    (false, true) => (&TYPE_NARROWED, Broken),
                    (false, false) => (&TYPE_NARROWED, Unaffected),
                };
                let pair = Pair::of(&old.node, &new.node);
                self.add(&scope, rule, wire, pair, NO_TEXTS);
            }
        }
    }
}

impl Position<'_> {
    /// The position of a property. A list or an object that is missing is read as an empty one, unless the response itself has it.
    fn property(self, is_required: bool, schema: Option<&Node<'_>>) -> Self {
        let can_be_empty = schema.is_some_and(|schema| View::of(schema).can_be_empty(0));
        let is_vital = is_required && (self.depth == 0 || !can_be_empty);
        Position {
            loss: match is_vital {
                true => self.loss,
                false => Loss::Part,
            },
            optional: !is_required,
            depth: self.depth + 1,
            tag: None,
            is_tag: false,
        }
    }
}

impl Loss {
    pub(super) fn class(self) -> WireClass {
        match self {
            Self::Whole => Broken,
            Self::Part => Degraded,
        }
    }
}

/// Whether all values of some types are among those of others. No type at all stands for any.
fn includes(wide: &BTreeSet<&str>, narrow: &BTreeSet<&str>) -> bool {
    let has = |name: &&str| wide.contains(name) || *name == "integer" && wide.contains("number");
    wide.is_empty() || !narrow.is_empty() && narrow.iter().all(has)
}

/// What a client loses that reads a value of other types than it expects.
fn unreadable(old: &View<'_>, came: Option<&BTreeSet<&str>>, position: Position<'_>) -> WireClass {
    let expected = old.types();
    // Whatever comes for a text is delivered as its JSON, and a number without its fraction.
    let is_converted = expected.contains("string") && old.values().is_none()
        || expected.contains("integer")
            && came.is_some_and(|came| came.iter().all(|name| *name == "number"));
    match is_converted {
        true => Degraded,
        false => position.loss.class(),
    }
}

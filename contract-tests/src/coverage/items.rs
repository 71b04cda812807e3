//! What there is to exercise in a contract.

use std::collections::BTreeMap;

use cometapi_contract::{Contract, Node, Operation, Response};

use crate::cases::{Accepted, Case, EVENT_STREAM};
use crate::schema_walk::reach;

/// Something that a case can show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// What kind of thing it is.
    pub group: Group,
    /// What it is about.
    pub subject: String,
    /// What of it.
    pub facet: String,
}

/// Kinds of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// A case that has to pass; also one whose outcome is accepted, but which no example makes.
    Case,
    /// Operation, status, media type, and what the caller gets of it.
    Answer,
    /// What an error status means.
    Meaning,
    /// What an answer can be asked for as.
    Form,
    /// Of an answer: present and absent.
    ResponseProperty,
    /// Of a request: sent.
    RequestProperty,
    /// Each value, and an unknown one.
    Enum,
    /// Each kind of value that a union can be.
    Variant,
}

impl Group {
    /// All of them, in the order of a report.
    pub const ALL: [Self; 8] = [
        Self::Case,
        Self::Answer,
        Self::Meaning,
        Self::Form,
        Self::ResponseProperty,
        Self::RequestProperty,
        Self::Enum,
        Self::Variant,
    ];

    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Answer => "answer",
            Self::Meaning => "meaning",
            Self::Form => "form",
            Self::ResponseProperty => "response-property",
            Self::RequestProperty => "request-property",
            Self::Enum => "enum",
            Self::Variant => "variant",
        }
    }
}

impl Cell {
    pub(super) fn new(group: Group, subject: impl Into<String>, facet: &str) -> Self {
        Self {
            group,
            subject: subject.into(),
            facet: facet.to_owned(),
        }
    }

    pub(super) fn case(name: &str) -> Self {
        Self::new(Group::Case, name, "passes")
    }

    pub(super) fn answer(operation: &str, status: &str, media_type: &str, got: &str) -> Self {
        let subject = format!("{operation} {status} {media_type}");
        Self::new(Group::Answer, subject, got)
    }

    pub(super) fn meaning(operation: &str, status: &str, kind: &str) -> Self {
        Self::new(Group::Meaning, format!("{operation} {status}"), kind)
    }

    pub(super) fn form(operation: &str, field: &str, value: &str) -> Self {
        Self::new(Group::Form, format!("{operation} {field}"), value)
    }

    pub(super) fn property(group: Group, schema: &Node<'_>, name: &str, facet: &str) -> Self {
        let subject = format!("{}.{name}", short(schema));
        Self::new(group, subject, facet)
    }
}

/// A facet of each open enum.
pub(super) const UNKNOWN: &str = "an unknown value";

/// Every cell, with its line in the contract.
pub(super) fn all(
    contract: &Contract,
    cases: &[Case<'_>],
    accepted: &Accepted,
) -> BTreeMap<Cell, usize> {
    let mut cells = BTreeMap::new();
    for name in accepted.names() {
        cells.insert(Cell::case(name), 1);
    }
    for case in cases {
        cells.insert(Cell::case(&case.name), case.operation.node().line());
    }
    for operation in contract.operations() {
        for response in operation.responses() {
            answers(&operation, &response, &mut cells);
        }
        for body in operation.request_bodies() {
            if let Some(schema) = body.schema() {
                reach(&schema, &mut |schema| {
                    for (name, property) in properties(schema) {
                        let group = Group::RequestProperty;
                        let cell = Cell::property(group, schema, name, "sent");
                        cells.insert(cell, property.line());
                    }
                    values(schema, &mut cells);
                });
            }
        }
    }
    cells
}

fn answers(operation: &Operation<'_>, response: &Response<'_>, cells: &mut BTreeMap<Cell, usize>) {
    let (id, status) = (operation.id(), response.status);
    for media_type in response.media_types() {
        let got = match () {
            () if !response.is_success() => "error",
            () if media_type.name == EVENT_STREAM => "events",
            () if media_type.is_binary() => "bytes",
            () => "value",
        };
        let cell = Cell::answer(id, status, media_type.name, got);
        cells.insert(cell, media_type.node.line());
        let events = media_type.node.get("x-event-schema");
        if let Some(schema) = events.or_else(|| media_type.schema()) {
            reach(&schema, &mut |schema| {
                for (name, property) in properties(schema) {
                    let cell = |facet| Cell::property(Group::ResponseProperty, schema, name, facet);
                    cells.insert(cell("present"), property.line());
                    if !is_required(schema, name) {
                        cells.insert(cell("absent"), property.line());
                    }
                }
                values(schema, cells);
            });
        }
    }
    if !response.is_success() {
        for rule in rules(response) {
            let kind = rule.str("kind").unwrap_or_default();
            cells.insert(Cell::meaning(id, status, kind), rule.line());
        }
    }
    if let Some(choice) = response.response_selector() {
        let line = response.node.line();
        for option in &choice.variants {
            cells.insert(Cell::form(id, choice.field, option.value), line);
        }
        if choice.default.is_some() {
            cells.insert(Cell::form(id, choice.field, "absent"), line);
        }
    }
}

fn rules<'c>(response: &Response<'c>) -> Vec<Node<'c>> {
    let rules = response.node.get("x-error-rules");
    rules
        .map(|rules| rules.resolved().items())
        .unwrap_or_default()
}

fn values(schema: &Node<'_>, cells: &mut BTreeMap<Cell, usize>) {
    let cell = |group, facet: &str| Cell::new(group, short(schema), facet);
    for value in enumerated(schema) {
        cells.insert(cell(Group::Enum, value), schema.line());
    }
    if enumerated(schema).len() > 1 && !schema.bool("x-closed-enum") {
        cells.insert(cell(Group::Enum, UNKNOWN), schema.line());
    }
    for variant in schema.get("oneOf").iter().flat_map(Node::items) {
        cells.insert(
            cell(Group::Variant, &variant_name(&variant)),
            variant.line(),
        );
    }
}

/// The properties of an object.
pub(super) fn properties<'c>(schema: &Node<'c>) -> Vec<(&'c str, Node<'c>)> {
    let properties = schema.get("properties");
    properties.map(|all| all.entries()).unwrap_or_default()
}

fn is_required(schema: &Node<'_>, name: &str) -> bool {
    let required = schema.get("required");
    let mut required = required.iter().flat_map(Node::items);
    required.any(|required| required.value() == name)
}

/// The values of a named enum. What tells the variants of a union apart has no name.
pub(super) fn enumerated<'c>(schema: &Node<'c>) -> Vec<&'c str> {
    if schema.pointer().contains("/properties/") {
        return Vec::new();
    }
    let values = schema.get("enum");
    let values = values.iter().flat_map(Node::items);
    values.filter_map(|value| value.value().as_str()).collect()
}

/// A union's variant, as reports name it.
pub(super) fn variant_name(variant: &Node<'_>) -> String {
    let named = variant.str("title").or_else(|| variant.reference_name());
    named.map_or_else(|| variant.key(), str::to_owned)
}

/// A schema, as reports name it.
pub(super) fn short(schema: &Node<'_>) -> String {
    let pointer = schema.pointer();
    let name = pointer.strip_prefix("/components/schemas/");
    name.unwrap_or(pointer).to_owned()
}

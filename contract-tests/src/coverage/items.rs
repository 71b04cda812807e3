//! What there is to exercise in a contract.

use std::collections::BTreeMap;

use cometapi_contract::{Contract, Node, Operation, Response};

use crate::cases::{Case, Snapshots};
use crate::request::EVENT_STREAM;
use crate::schema::{is_required, of_media_type, properties, reach};

/// Something that a case can show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CoverageItem {
    /// What kind of thing it is.
    pub group: Category,
    /// What it is about.
    pub subject: String,
    /// What of it.
    pub aspect: String,
}

/// Kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// A case that has to pass; also one whose outcome is accepted, but which no example makes.
    Case,
    /// Operation, status, media type, and what the caller gets of it.
    Response,
    /// What an error status means.
    ErrorMapping,
    /// What a response can be requested as.
    ResponseFormat,
    /// Of a response: present and absent.
    ResponseProperty,
    /// Of a request: sent.
    RequestProperty,
    /// Each value, and an unknown one.
    Enum,
    /// Each kind of value that a union can be.
    UnionVariant,
}

impl Category {
    /// All of them, in the order of a report.
    pub const ALL: [Self; 8] = [
        Self::Case,
        Self::Response,
        Self::ErrorMapping,
        Self::ResponseFormat,
        Self::ResponseProperty,
        Self::RequestProperty,
        Self::Enum,
        Self::UnionVariant,
    ];

    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Response => "response",
            Self::ErrorMapping => "error-mapping",
            Self::ResponseFormat => "response-format",
            Self::ResponseProperty => "response-property",
            Self::RequestProperty => "request-property",
            Self::Enum => "enum",
            Self::UnionVariant => "union-variant",
        }
    }
}

impl CoverageItem {
    pub(super) fn new(group: Category, subject: impl Into<String>, aspect: &str) -> Self {
        Self {
            group,
            subject: subject.into(),
            aspect: aspect.to_owned(),
        }
    }

    pub(super) fn case(name: &str) -> Self {
        Self::new(Category::Case, name, "passes")
    }

    pub(super) fn response(operation: &str, status: &str, media_type: &str, got: &str) -> Self {
        let subject = format!("{operation} {status} {media_type}");
        Self::new(Category::Response, subject, got)
    }

    pub(super) fn meaning(operation: &str, status: &str, kind: &str) -> Self {
        Self::new(
            Category::ErrorMapping,
            format!("{operation} {status}"),
            kind,
        )
    }

    pub(super) fn form(operation: &str, field: &str, value: &str) -> Self {
        Self::new(
            Category::ResponseFormat,
            format!("{operation} {field}"),
            value,
        )
    }

    pub(super) fn property(group: Category, schema: &Node<'_>, name: &str, aspect: &str) -> Self {
        let subject = format!("{}.{name}", short(schema));
        Self::new(group, subject, aspect)
    }
}

/// A aspect of each open enum.
pub(super) const UNKNOWN: &str = "an unknown value";

/// Every cell, with its line in the contract.
pub(super) fn all(
    contract: &Contract,
    cases: &[Case<'_>],
    accepted: &Snapshots,
) -> BTreeMap<CoverageItem, usize> {
    let mut items = BTreeMap::new();
    for name in accepted.names() {
        items.insert(CoverageItem::case(name), 1);
    }
    for case in cases {
        items.insert(CoverageItem::case(&case.name), case.operation.node().line());
    }
    for operation in contract.operations() {
        for response in operation.responses() {
            add_response_items(&operation, &response, &mut items);
        }
        for body in operation.request_bodies() {
            if let Some(schema) = body.schema() {
                reach(&schema, &mut |schema| {
                    for (name, property) in properties(schema) {
                        let group = Category::RequestProperty;
                        let cell = CoverageItem::property(group, schema, name, "sent");
                        items.insert(cell, property.line());
                    }
                    values(schema, &mut items);
                });
            }
        }
    }
    items
}

fn add_response_items(
    operation: &Operation<'_>,
    response: &Response<'_>,
    items: &mut BTreeMap<CoverageItem, usize>,
) {
    let (id, status) = (operation.id(), response.status);
    for media_type in response.media_types() {
        let got = match () {
            () if !response.is_success() => "error",
            () if media_type.name == EVENT_STREAM => "events",
            () if media_type.is_binary() => "bytes",
            () => "value",
        };
        let cell = CoverageItem::response(id, status, media_type.name, got);
        items.insert(cell, media_type.node.line());
        if let Some(schema) = of_media_type(&media_type) {
            reach(&schema, &mut |schema| {
                for (name, property) in properties(schema) {
                    let cell = |aspect| {
                        CoverageItem::property(Category::ResponseProperty, schema, name, aspect)
                    };
                    items.insert(cell("present"), property.line());
                    if !is_required(schema, name) {
                        items.insert(cell("absent"), property.line());
                    }
                }
                values(schema, items);
            });
        }
    }
    if !response.is_success() {
        for rule in rules(response) {
            let kind = rule.str("kind").unwrap_or_default();
            items.insert(CoverageItem::meaning(id, status, kind), rule.line());
        }
    }
    if let Some(choice) = response.response_selector() {
        let line = response.node.line();
        for option in &choice.variants {
            items.insert(CoverageItem::form(id, choice.field, option.value), line);
        }
        if choice.default.is_some() {
            items.insert(CoverageItem::form(id, choice.field, "absent"), line);
        }
    }
}

fn rules<'c>(response: &Response<'c>) -> Vec<Node<'c>> {
    let rules = response.node.get("x-error-rules");
    rules
        .map(|rules| rules.resolved().items())
        .unwrap_or_default()
}

fn values(schema: &Node<'_>, items: &mut BTreeMap<CoverageItem, usize>) {
    let cell = |group, aspect: &str| CoverageItem::new(group, short(schema), aspect);
    for value in enumerated(schema) {
        items.insert(cell(Category::Enum, value), schema.line());
    }
    if enumerated(schema).len() > 1 && !schema.bool("x-closed-enum") {
        items.insert(cell(Category::Enum, UNKNOWN), schema.line());
    }
    for variant in schema.get("oneOf").iter().flat_map(Node::items) {
        items.insert(
            cell(Category::UnionVariant, &variant_name(&variant)),
            variant.line(),
        );
    }
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

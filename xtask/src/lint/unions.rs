//! Unions that can be distinguished: by a tag, or by the shape of their alternatives.

use std::collections::BTreeMap;

use cometapi_contract::{Contract, Node};

use super::{components, schemas};
use crate::finding::Findings;

pub fn unions(contract: &Contract, findings: &mut Findings) {
    for (name, schema) in components(contract) {
        if let Some(any_of) = schema.get("anyOf") {
            // progenitor makes one struct of all alternatives, flattened and optional.
            let message = format!("{name}: a union is written as `oneOf`; an enum is open anyway");
            findings.add("union", &any_of, message);
        }
        let Some(alternatives) = schema.get("oneOf") else {
            continue;
        };
        match schema.get("discriminator") {
            Some(discriminator) => {
                tagged(name, &discriminator, &alternatives.items(), findings);
            }
            None => untagged(name, &alternatives.items(), findings),
        }
    }
}

/// A variant is nothing without its union, which has its tag.
pub fn variants_apart(contract: &Contract, findings: &mut Findings) {
    let mut unions = BTreeMap::new();
    for (_, union) in components(contract) {
        if union.get("discriminator").is_none() {
            continue;
        }
        for variant in union.get("oneOf").iter().flat_map(Node::items) {
            if let Some(target) = variant.str("$ref") {
                unions
                    .entry(target)
                    .or_insert_with(|| union.pointer().to_owned());
            }
        }
    }
    for schema in schemas(contract) {
        let Some(target) = schema.str("$ref") else {
            continue;
        };
        let union = unions.get(target).map(|union| format!("{union}/oneOf/"));
        if union.is_some_and(|union| !schema.pointer().starts_with(&union)) {
            let message = format!(
                "`{target}` is a variant of a union, which has its tag; \
                                   use the union, or another component"
            );
            findings.add("union", &schema, message);
        }
    }
}

fn tagged(name: &str, discriminator: &Node<'_>, variants: &[Node<'_>], findings: &mut Findings) {
    let tag = discriminator.str("propertyName").unwrap_or_default();
    let mapping = discriminator.get("mapping");
    let mapping = mapping.as_ref().map(Node::entries).unwrap_or_default();
    for variant in variants {
        let target = variant.str("$ref").unwrap_or_default();
        let entry = mapping
            .iter()
            .find(|(_, node)| node.value().as_str() == Some(target));
        let Some((value, _)) = entry else {
            let message = format!("{name}: the mapping has no tag for `{target}`");
            findings.add("union", variant, message);
            continue;
        };
        let schema = variant.resolved();
        let property = schema.get_path(&["properties", tag]);
        let listed = property.and_then(|property| property.get("enum")?.items().into_iter().next());
        if listed.is_none_or(|listed| listed.value().as_str() != Some(value)) {
            let message = format!("{name}: `{tag}` has to be an enum of the one value `{value}`");
            findings.add("union", &schema, message);
        }
    }
    for (value, node) in &mapping {
        let twice = mapping
            .iter()
            .filter(|(_, other)| other.value() == node.value())
            .count()
            > 1;
        if twice {
            let message = format!("{name}: two tags for one alternative, `{value}` among them");
            findings.add("union", node, message);
        }
        let known = variants
            .iter()
            .any(|variant| variant.str("$ref") == node.value().as_str());
        if !known {
            findings.add(
                "union",
                node,
                format!("{name}: `{value}` leads to no alternative"),
            );
        }
    }
}

fn untagged(name: &str, alternatives: &[Node<'_>], findings: &mut Findings) {
    for alternative in alternatives {
        if alternative.str("title").is_none() && alternative.reference().is_none() {
            let message =
                format!("{name}: an alternative needs a `title`, the name of its variant");
            findings.add("union", alternative, message);
        }
    }
    let mut seen = BTreeMap::new();
    for alternative in alternatives {
        let schema = alternative.resolved();
        if schema.get("oneOf").is_some() {
            let message = format!("{name}: a union of unions; list all alternatives in one");
            findings.add("union", alternative, message);
        }
        // To JSON an integer is a number.
        let kind = schema
            .str("type")
            .map(|kind| kind.replace("integer", "number"));
        if let Some(kind) = kind
            && let Some(line) = seen.insert(kind.clone(), alternative.line())
        {
            let message = format!(
                "{name}: nothing tells this {kind} from the one of line {line}; \
                                   use a `discriminator`"
            );
            findings.add("union", alternative, message);
        }
    }
    let is_text = |node: &Node<'_>| node.resolved().str("type") == Some("string");
    let has_set = alternatives
        .iter()
        .any(|one| is_text(one) && one.resolved().get("enum").is_some());
    let has_text = alternatives
        .iter()
        .any(|one| is_text(one) && one.resolved().get("enum").is_none());
    if has_set && has_text {
        let message =
            format!("{name}: an enum takes any string already, unless it is `x-closed-enum`");
        findings.add("union", &alternatives[0], message);
    }
}

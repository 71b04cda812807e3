//! Unions that can be told apart: by a tag, or by the shape of their alternatives.

use cometapi_contract::{Contract, Node};

use super::components;
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

fn tagged(name: &str, discriminator: &Node<'_>, variants: &[Node<'_>], findings: &mut Findings) {
    let tag = discriminator.text("propertyName").unwrap_or_default();
    let mapping = discriminator.get("mapping");
    let mapping = mapping.as_ref().map(Node::entries).unwrap_or_default();
    for variant in variants {
        let target = variant.text("$ref").unwrap_or_default();
        let entry = mapping
            .iter()
            .find(|(_, node)| node.value().as_str() == Some(target));
        let Some((value, _)) = entry else {
            let message = format!("{name}: the mapping has no tag for `{target}`");
            findings.add("union", variant, message);
            continue;
        };
        let schema = variant.resolved();
        let property = schema.path(&["properties", tag]);
        let listed = property.and_then(|property| property.get("enum")?.items().into_iter().next());
        if listed.is_none_or(|listed| listed.value().as_str() != Some(value)) {
            let message = format!("{name}: `{tag}` has to be an enum of the one value `{value}`");
            findings.add("union", &schema, message);
        }
    }
    for (value, node) in &mapping {
        let known = variants
            .iter()
            .any(|variant| variant.text("$ref") == node.value().as_str());
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
        if alternative.text("title").is_none() && alternative.reference().is_none() {
            let message =
                format!("{name}: an alternative needs a `title`, the name of its variant");
            findings.add("union", alternative, message);
        }
    }
    let is_text = |node: &Node<'_>| node.resolved().text("type") == Some("string");
    let has_set = alternatives
        .iter()
        .any(|one| is_text(one) && one.resolved().get("enum").is_some());
    let has_text = alternatives
        .iter()
        .any(|one| is_text(one) && one.resolved().get("enum").is_none());
    if has_set && has_text {
        let message = format!("{name}: an enum takes any string already, unless it is `x-closed`");
        findings.add("union", &alternatives[0], message);
    }
}

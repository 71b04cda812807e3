//! Schemas: named where a name matters, typed where a type is known.

use std::collections::BTreeSet;

use cometapi_contract::{Contract, Node};

use super::{components, is_component, schemas};
use crate::finding::Findings;

/// Formats that make no other type than the plain one, or none at all.
const FORMATS: [&str; 9] = [
    "uint8", "int32", "int64", "uint32", "uint64", "double", "binary", "uri", "byte",
];

/// progenitor would call an enum without a name after the place where it stands.
pub fn named_enums(contract: &Contract, findings: &mut Findings) {
    for schema in schemas(contract) {
        let Some(values) = schema.get("enum") else {
            continue;
        };
        if !is_component(&schema) && !is_tag(&schema) {
            findings.add(
                "inline-enum",
                &schema,
                "an enum has to be a component with a name",
            );
        }
        if schema.str("type") != Some("string") {
            findings.add("enum", &schema, "an enum has to be one of strings");
        }
        if values
            .items()
            .iter()
            .any(|value| !value.value().is_string())
        {
            findings.add(
                "enum",
                &values,
                "an enum's values have to be strings (quote them)",
            );
        }
    }
}

/// The one value of a union variant's tag. It becomes part of the union.
pub fn is_tag(schema: &Node<'_>) -> bool {
    let Some(values) = schema.get("enum") else {
        return false;
    };
    values.items().len() == 1
        && tag_names(schema.contract()).iter().any(|(variant, tag)| {
            schema.pointer() == format!("/components/schemas/{variant}/properties/{tag}")
        })
}

/// For each variant of a discriminated union, the name of its tag.
fn tag_names(contract: &Contract) -> Vec<(&str, &str)> {
    let mut tags = Vec::new();
    for (_, union) in components(contract) {
        let discriminator = union.get("discriminator");
        let Some(tag) = discriminator
            .as_ref()
            .and_then(|one| one.str("propertyName"))
        else {
            continue;
        };
        for alternative in union.get("oneOf").iter().flat_map(Node::items) {
            tags.extend(alternative.reference_name().map(|name| (name, tag)));
        }
    }
    tags
}

/// Nor has an object or a union a good name unless the contract gives it one.
pub fn named_objects(contract: &Contract, findings: &mut Findings) {
    for schema in schemas(contract) {
        if is_component(&schema) {
            continue;
        }
        if schema.get("properties").is_some() {
            findings.add(
                "inline-object",
                &schema,
                "an object has to be a component with a name",
            );
        }
        let is_union = schema.get("oneOf").is_some() || schema.get("anyOf").is_some();
        // A response that depends on what was requested has its types from `x-response-selector`.
        let is_response = !schema.pointer().starts_with("/components/schemas/");
        if is_union && !is_response {
            findings.add(
                "inline-union",
                &schema,
                "a union has to be a component with a name",
            );
        }
    }
}

/// progenitor would make a newtype of it, to be wrapped and unwrapped at every use.
pub fn plain_components(contract: &Contract, findings: &mut Findings) {
    for (name, schema) in components(contract) {
        let has_form = ["enum", "oneOf", "anyOf", "properties"]
            .iter()
            .any(|key| schema.get(key).is_some());
        if !has_form {
            let message =
                format!("`{name}` is no object, enum or union; write it where it is used");
            findings.add("plain-component", &schema, message);
        }
    }
}

/// A date or a UUID would bring a crate for its type; the client leaves them texts.
pub fn formats(contract: &Contract, findings: &mut Findings) {
    for schema in schemas(contract) {
        match schema.str("format") {
            Some(format) if !FORMATS.contains(&format) => {
                let message = format!(
                    "the format `{format}` isn't one that the generator knows; describe the value"
                );
                findings.add("format", &schema, message);
            }
            _ => {}
        }
        let minimum = schema.get("minimum");
        let minimum = minimum.and_then(|minimum| minimum.value().as_f64());
        let is_signed = !schema
            .str("format")
            .is_some_and(|format| format.starts_with("uint"));
        if schema.str("type") == Some("integer") && is_signed && minimum >= Some(0.0) {
            let message = "an integer that is never negative has the format `uint64`";
            findings.add("format", &schema, message);
        }
    }
}

/// Whether null may come is true of a place, not of a type; and where null may come, so may
/// nothing: both are the same to a reader.
pub fn nullable(contract: &Contract, findings: &mut Findings) {
    for (name, schema) in components(contract) {
        if schema.get("nullable").is_some() {
            let message = format!("`nullable` belongs to the fields that hold a {name}");
            findings.add("nullable", &schema, message);
        }
    }
    for schema in schemas(contract) {
        for (name, property) in schema.get("properties").iter().flat_map(Node::entries) {
            if property.bool("nullable") && is_required(&schema, name) {
                let message = format!("`{name}` may be null; then it isn't `required` either");
                findings.add("nullable", &property, message);
            }
        }
        for key in ["items", "additionalProperties"] {
            if let Some(inner) = schema.get(key).filter(|inner| inner.bool("nullable")) {
                findings.add(
                    "nullable",
                    &inner,
                    "an item that may be null can't be generated",
                );
            }
        }
    }
}

/// A boxed property is kept behind a pointer, which is worth it for what is larger than one: an object,
/// or any JSON. A body is made once and sent.
pub fn boxed(contract: &Contract, findings: &mut Findings) {
    let bodies = bodies(contract);
    for schema in schemas(contract) {
        if !schema.bool("x-boxed") {
            continue;
        }
        let is_object =
            schema.reference().is_some() && schema.resolved().str("type") == Some("object");
        let is_large = is_object || schema.str("x-untyped").is_some();
        let problem = match owner(&schema) {
            None => "only a property can be `x-boxed`",
            Some(owner) if is_required(&owner, &schema.key()) => {
                "what is `required` can't be `x-boxed`"
            }
            Some(owner) if bodies.contains(owner.pointer()) => {
                "a field of a request's body can't be `x-boxed`"
            }
            Some(_) if is_large => continue,
            Some(_) => "`x-boxed` gains nothing on what is no object",
        };
        findings.add("boxed", &schema, problem);
    }
}

/// The schema that this one is a property of.
fn owner<'c>(schema: &Node<'c>) -> Option<Node<'c>> {
    let (owner, name) = schema.pointer().rsplit_once("/properties/")?;
    schema
        .contract()
        .pointer(owner)
        .filter(|_| !name.contains('/'))
}

fn is_required(schema: &Node<'_>, name: &str) -> bool {
    let required = schema.get("required");
    required
        .iter()
        .flat_map(Node::items)
        .any(|one| one.value().as_str() == Some(name))
}

/// What is required is there at all.
pub fn required_names(contract: &Contract, findings: &mut Findings) {
    for schema in schemas(contract) {
        for required in schema.get("required").iter().flat_map(Node::items) {
            let name = required.value().as_str().unwrap_or_default();
            if schema.get_path(&["properties", name]).is_none() {
                findings.add("required", &required, format!("`{name}` is no property"));
            }
        }
    }
}

/// Bytes are a field of a form or a complete response.
pub fn files(contract: &Contract, findings: &mut Findings) {
    let forms = bodies(contract);
    for schema in schemas(contract) {
        if schema.str("format") != Some("binary") {
            continue;
        }
        let of_form = owner(&schema).is_some_and(|form| forms.contains(form.pointer()));
        let is_response = !schema.pointer().starts_with("/components/schemas/");
        if !of_form && !is_response {
            let message = "bytes can only be a field of a form, or a complete response";
            findings.add("binary", &schema, message);
        }
    }
}

/// Where the schemas of what is sent as a body stand.
fn bodies(contract: &Contract) -> BTreeSet<String> {
    let operations = contract.operations().into_iter();
    let bodies = operations.flat_map(|operation| operation.request_bodies());
    let schemas = bodies.filter_map(|body| body.schema());
    schemas
        .map(|schema| schema.resolved().pointer().to_owned())
        .collect()
}

/// A body's type takes anything for missing, which no other place of it may.
pub fn bodies_apart(contract: &Contract, findings: &mut Findings) {
    let bodies = bodies(contract);
    let mut is_elsewhere = |node: &Node<'_>| {
        if let Some(target) = node.reference().filter(|target| bodies.contains(*target)) {
            let message = format!(
                "`#{target}` is a request's body, where nothing is required; \
                                   describe it again for other places"
            );
            findings.add("body", node, message);
        }
    };
    schemas(contract)
        .iter()
        .filter(|schema| !schema.pointer().contains("/requestBody/"))
        .for_each(&mut is_elsewhere);
}

/// A value of any type says why.
pub fn untyped(contract: &Contract, findings: &mut Findings) {
    for schema in schemas(contract) {
        let typed = ["type", "$ref", "oneOf", "anyOf"]
            .iter()
            .any(|key| schema.get(key).is_some());
        let reason = schema
            .str("x-untyped")
            .is_some_and(|reason| !reason.trim().is_empty());
        match (typed, reason) {
            (false, false) => {
                findings.add(
                    "untyped",
                    &schema,
                    "a type, or `x-untyped` with a reason, is needed",
                );
            }
            (true, true) => findings.add("untyped", &schema, "`x-untyped` on a typed schema"),
            _ => {}
        }
        let properties = schema
            .get("properties")
            .map(|properties| properties.entries().len());
        let bare_object = schema.str("type") == Some("object")
            && properties.unwrap_or_default() == 0
            && schema.get("additionalProperties").is_none();
        if bare_object {
            let message =
                "an object of nothing; name its properties, or say `additionalProperties`";
            findings.add("untyped", &schema, message);
        }
        if schema.str("type") == Some("array") && schema.get("items").is_none() {
            findings.add("untyped", &schema, "an array needs `items`");
        }
    }
}

/// A map and a struct are two things. progenitor makes of both together a flattened map, through
/// which serde buffers the whole object, and of `false` a type that refuses unknown fields.
pub fn additional_properties(contract: &Contract, findings: &mut Findings) {
    for schema in schemas(contract) {
        let Some(more) = schema.get("additionalProperties") else {
            continue;
        };
        if schema.get("properties").is_some() {
            let message = "`additionalProperties` beside `properties`: further fields are always \
                           taken, and sent with `extra`";
            findings.add("additional-properties", &more, message);
        } else if more.value() == false {
            findings.add(
                "additional-properties",
                &more,
                "an object that can hold nothing",
            );
        } else if more
            .value()
            .as_object()
            .is_some_and(|object| object.is_empty())
        {
            let message = "a map needs the type of its values, or `true` for any";
            findings.add("additional-properties", &more, message);
        }
    }
}

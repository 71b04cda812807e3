//! Keys that no one would read: a typing error, a cut description, or a construct that the
//! generator doesn't know.

use cometapi_contract::{Contract, Node};

use crate::finding::Findings;

/// What may stand where.
#[derive(Clone, Copy)]
enum Shape {
    Document,
    Info,
    Server,
    Tag,
    ExternalDocs,
    Client,
    Components,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    Response,
    Header,
    MediaType,
    Encoding,
    Example,
    Schema,
    Discriminator,
    SecurityScheme,
    ErrorRule,
    ErrorRules,
    ErrorFields,
    ChosenBy,
    Chosen,
    Stream,
    Telemetry,
}

/// Keys that say yes or no.
const FLAGS: [&str; 9] = [
    "x-keep-unknown",
    "nullable",
    "x-null-is-empty",
    "x-reported-error",
    "x-closed-enum",
    "x-unknown-values",
    "x-boxed",
    "x-idempotent",
    "retryable",
];

/// Keys that hold a text.
const TEXTS: [&str; 28] = [
    "$ref",
    "title",
    "description",
    "type",
    "format",
    "x-untyped",
    "operationId",
    "summary",
    "x-stream-parameter",
    "name",
    "in",
    "kind",
    "help",
    "docs-url",
    "url",
    "externalValue",
    "media-type",
    "operation",
    "provider",
    "usage",
    "request-id-in-message",
    "version-prefix",
    "request-model",
    "response-id",
    "response-model",
    "finish-reasons",
    "input-tokens",
    "output-tokens",
];

/// How the value of a key goes on.
#[derive(Clone, Copy)]
enum Next {
    /// Text, number, flag or any JSON.
    Leaf,
    One(Shape),
    List(Shape),
    Map(Shape),
}

use Next::{Leaf, List, Map, One};

fn keys(shape: Shape) -> &'static [(&'static str, Next)] {
    match shape {
        Shape::Document => &[
            ("openapi", Leaf),
            ("info", One(Shape::Info)),
            ("servers", List(Shape::Server)),
            ("tags", List(Shape::Tag)),
            ("externalDocs", One(Shape::ExternalDocs)),
            ("security", Leaf),
            ("paths", Map(Shape::PathItem)),
            ("components", One(Shape::Components)),
            ("x-client-config", One(Shape::Client)),
        ],
        Shape::Info => &[
            ("title", Leaf),
            ("description", Leaf),
            ("version", Leaf),
            ("license", Leaf),
            ("contact", Leaf),
            ("termsOfService", Leaf),
        ],
        Shape::Server => &[("url", Leaf), ("description", Leaf)],
        Shape::Tag => &[
            ("name", Leaf),
            ("description", Leaf),
            ("externalDocs", One(Shape::ExternalDocs)),
        ],
        Shape::ExternalDocs => &[("url", Leaf), ("description", Leaf)],
        Shape::Client => &[
            ("key-variables", Leaf),
            ("base-url-variable", Leaf),
            ("request-id-headers", Leaf),
            ("provider", Leaf),
            ("request-id-in-message", Leaf),
            ("version-prefix", Leaf),
            ("error-fields", List(Shape::ErrorFields)),
        ],
        Shape::Components => &[
            ("schemas", Map(Shape::Schema)),
            ("responses", Map(Shape::Response)),
            ("parameters", Map(Shape::Parameter)),
            ("examples", Map(Shape::Example)),
            ("headers", Map(Shape::Header)),
            ("securitySchemes", Map(Shape::SecurityScheme)),
            ("x-error-rules", Map(Shape::ErrorRules)),
            ("x-response-variants", Map(Shape::ChosenBy)),
            ("x-file-extensions", Leaf),
        ],
        Shape::PathItem => &[
            ("parameters", List(Shape::Parameter)),
            ("get", One(Shape::Operation)),
            ("put", One(Shape::Operation)),
            ("post", One(Shape::Operation)),
            ("delete", One(Shape::Operation)),
            ("head", One(Shape::Operation)),
            ("patch", One(Shape::Operation)),
        ],
        Shape::Operation => &[
            ("operationId", Leaf),
            ("tags", Leaf),
            ("summary", Leaf),
            ("description", Leaf),
            ("externalDocs", One(Shape::ExternalDocs)),
            ("parameters", List(Shape::Parameter)),
            ("requestBody", One(Shape::RequestBody)),
            ("responses", Map(Shape::Response)),
            ("security", Leaf),
            ("x-idempotent", Leaf),
            ("x-stream-parameter", Leaf),
            ("x-genai-telemetry", One(Shape::Telemetry)),
        ],
        Shape::Parameter => &[
            ("$ref", Leaf),
            ("name", Leaf),
            ("in", Leaf),
            ("description", Leaf),
            ("required", Leaf),
            ("schema", One(Shape::Schema)),
            ("example", Leaf),
        ],
        Shape::RequestBody => &[
            ("description", Leaf),
            ("required", Leaf),
            ("content", Map(Shape::MediaType)),
        ],
        Shape::Response => &[
            ("$ref", Leaf),
            ("description", Leaf),
            ("headers", Map(Shape::Header)),
            ("content", Map(Shape::MediaType)),
            ("x-error-rules", One(Shape::ErrorRules)),
            ("x-response-selector", One(Shape::ChosenBy)),
        ],
        Shape::Header => &[
            ("$ref", Leaf),
            ("description", Leaf),
            ("required", Leaf),
            ("schema", One(Shape::Schema)),
            ("example", Leaf),
        ],
        Shape::MediaType => &[
            ("schema", One(Shape::Schema)),
            ("examples", Map(Shape::Example)),
            ("encoding", Map(Shape::Encoding)),
            ("x-event-schema", One(Shape::Schema)),
            ("x-event-stream", One(Shape::Stream)),
        ],
        Shape::Encoding => &[("contentType", Leaf), ("x-file-extensions", Leaf)],
        Shape::Example => &[
            ("$ref", Leaf),
            ("summary", Leaf),
            ("description", Leaf),
            ("value", Leaf),
            ("externalValue", Leaf),
            ("x-unknown-values", Leaf),
        ],
        Shape::Schema => &[
            ("$ref", Leaf),
            ("title", Leaf),
            ("description", Leaf),
            ("type", Leaf),
            ("format", Leaf),
            ("enum", Leaf),
            ("nullable", Leaf),
            ("default", Leaf),
            ("example", Leaf),
            ("minimum", Leaf),
            ("maximum", Leaf),
            ("exclusiveMinimum", Leaf),
            ("exclusiveMaximum", Leaf),
            ("multipleOf", Leaf),
            ("minLength", Leaf),
            ("maxLength", Leaf),
            ("pattern", Leaf),
            ("minItems", Leaf),
            ("maxItems", Leaf),
            ("uniqueItems", Leaf),
            ("minProperties", Leaf),
            ("maxProperties", Leaf),
            ("required", Leaf),
            ("properties", Map(Shape::Schema)),
            ("items", One(Shape::Schema)),
            ("additionalProperties", One(Shape::Schema)),
            ("oneOf", List(Shape::Schema)),
            ("anyOf", List(Shape::Schema)),
            ("discriminator", One(Shape::Discriminator)),
            ("x-closed-enum", Leaf),
            ("x-boxed", Leaf),
            ("x-keep-unknown", Leaf),
            ("x-null-is-empty", Leaf),
            ("x-reported-error", Leaf),
            ("x-text-parts", Leaf),
            ("x-untyped", Leaf),
        ],
        Shape::ErrorFields => &[("code", Leaf), ("message", Leaf)],
        Shape::Discriminator => &[("propertyName", Leaf), ("mapping", Leaf)],
        Shape::SecurityScheme => &[("type", Leaf), ("scheme", Leaf), ("description", Leaf)],
        Shape::ErrorRules => &[("$ref", Leaf)],
        Shape::ErrorRule => &[
            ("code", Leaf),
            ("kind", Leaf),
            ("retryable", Leaf),
            ("help", Leaf),
            ("docs-url", Leaf),
        ],
        Shape::ChosenBy => &[
            ("$ref", Leaf),
            ("description", Leaf),
            ("field", Leaf),
            ("default", Leaf),
            ("values", Map(Shape::Chosen)),
        ],
        Shape::Chosen => &[
            ("description", Leaf),
            ("media-type", Leaf),
            ("schema", One(Shape::Schema)),
        ],
        Shape::Stream => &[
            ("sentinel", Leaf),
            ("choices", Leaf),
            ("index", Leaf),
            ("finish", Leaf),
            ("usage", Leaf),
            ("text", Leaf),
        ],
        Shape::Telemetry => &[
            ("operation", Leaf),
            ("request-model", Leaf),
            ("response-id", Leaf),
            ("response-model", Leaf),
            ("finish-reasons", Leaf),
            ("input-tokens", Leaf),
            ("output-tokens", Leaf),
        ],
    }
}

fn name(shape: Shape) -> &'static str {
    match shape {
        Shape::Document => "the document",
        Shape::Info => "info",
        Shape::Server => "a server",
        Shape::Tag => "a tag",
        Shape::ExternalDocs => "externalDocs",
        Shape::Client => "x-client-config",
        Shape::Components => "components",
        Shape::PathItem => "a path",
        Shape::Operation => "an operation",
        Shape::Parameter => "a parameter",
        Shape::RequestBody => "a request body",
        Shape::Response => "a response",
        Shape::Header => "a header",
        Shape::MediaType => "a media type",
        Shape::Encoding => "an encoding",
        Shape::Example => "an example",
        Shape::Schema => "a schema",
        Shape::Discriminator => "a discriminator",
        Shape::SecurityScheme => "a security scheme",
        Shape::ErrorRule => "a rule of x-error-rules",
        Shape::ErrorRules => "x-error-rules",
        Shape::ChosenBy => "x-response-selector",
        Shape::Chosen => "a value of x-response-selector",
        Shape::Stream => "x-event-stream",
        Shape::Telemetry => "x-genai-telemetry",
        Shape::ErrorFields => "`error-fields`",
    }
}

/// Every key is one that the generator reads or leaves out on purpose.
pub fn unknown_keys(contract: &Contract, findings: &mut Findings) {
    let root = contract.root();
    match root.str("openapi") {
        Some(version) if version.starts_with("3.0.") => {}
        _ => findings.add("openapi-version", &root, "`openapi` has to be 3.0.x"),
    }
    visit(&root, Shape::Document, findings);
}

fn visit(node: &Node<'_>, shape: Shape, findings: &mut Findings) {
    if matches!(shape, Shape::ErrorRules) && node.value().is_array() {
        node.items()
            .iter()
            .for_each(|rule| visit(rule, Shape::ErrorRule, findings));
        return;
    }
    // The one key whose value may be a flag instead: `additionalProperties`.
    if matches!(shape, Shape::Schema) && node.value().is_boolean() {
        return;
    }
    if !node.value().is_object() {
        findings.add(
            "shape",
            node,
            format!("{} has to be a mapping", name(shape)),
        );
        return;
    }
    for (key, value) in node.entries() {
        let Some((_, next)) = keys(shape).iter().find(|(known, _)| *known == key) else {
            let message = format!(
                "`{key}` isn't a key that the generator knows in {}",
                name(shape)
            );
            findings.add("unknown-key", &value, message);
            continue;
        };
        match next {
            Leaf if FLAGS.contains(&key) && !value.value().is_boolean() => {
                findings.add("shape", &value, format!("`{key}` has to be true or false"));
            }
            Leaf if TEXTS.contains(&key) && !value.value().is_string() => {
                findings.add("shape", &value, format!("`{key}` has to be a text"));
            }
            Leaf => {}
            List(_) if !value.value().is_array() => {
                findings.add("shape", &value, format!("`{key}` has to be a list"));
            }
            Map(_) if !value.value().is_object() => {
                findings.add("shape", &value, format!("`{key}` has to be a mapping"));
            }
            One(shape) => visit(&value, *shape, findings),
            List(shape) => value
                .items()
                .iter()
                .for_each(|item| visit(item, *shape, findings)),
            Map(shape) => {
                value
                    .entries()
                    .iter()
                    .for_each(|(_, entry)| visit(entry, *shape, findings));
            }
        }
    }
}

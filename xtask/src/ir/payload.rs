//! What goes over the wire in an operation: the encoding of its body and the kinds of its responses.
//!
//! Lint asks whether a contract's media types make sense, the emitter what to make of them; both
//! read them here.

use cometapi_contract::{MediaType, Node, Operation, Response};

const JSON: &str = "application/json";
const FORM: &str = "multipart/form-data";
const EVENTS: &str = "text/event-stream";

/// The payloads of an operation.
pub struct OperationPayloads<'c> {
    pub body: Option<RequestBody<'c>>,
    /// None if there is nothing but events.
    pub response: Option<ResponsePayload<'c>>,
    pub events: Option<EventPayload<'c>>,
}

/// The body of a request.
pub struct RequestBody<'c> {
    pub encoding: BodyEncoding,
    /// The component that describes it.
    pub schema: Node<'c>,
    /// Of a form, the fields that are files.
    pub files: Vec<File<'c>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEncoding {
    Json,
    Form,
}

/// A file in a form.
pub struct File<'c> {
    pub name: &'c str,
    pub property: Node<'c>,
    /// The documented extensions, with the content type of each.
    pub extensions: Vec<(&'c str, &'c str)>,
}

/// The response to a request that doesn't ask for events.
pub enum ResponsePayload<'c> {
    Empty,
    Json,
    /// Bytes, whatever media type they come in.
    Binary,
    /// One of several, selected by a field of the request: a component of `x-response-variants`.
    Selected(Node<'c>),
}

/// The response to a request that requests events.
pub struct EventPayload<'c> {
    /// The component that describes the JSON of an event.
    pub schema: Node<'c>,
    /// The media type's `x-event-stream`.
    pub stream: Option<Node<'c>>,
    /// The request's field that requests events, if they have to be requested.
    pub flag: Option<&'c str>,
}

/// What can't be generated, and where it is.
#[derive(Debug)]
pub struct Unsupported<'c> {
    pub node: Node<'c>,
    pub message: String,
}

type PayloadResult<'c, T> = Result<T, Unsupported<'c>>;

impl<'c> OperationPayloads<'c> {
    pub fn read(operation: &Operation<'c>) -> PayloadResult<'c, Self> {
        let body = match operation.request_bodies().into_iter().next() {
            Some(media_type) => Some(RequestBody::read(operation, &media_type)?),
            None => None,
        };
        let success = operation
            .success()
            .ok_or_else(|| unsupported(operation.node(), operation, "there is no 2xx response"))?;
        let mut events = None;
        let mut others = Vec::new();
        for media_type in success.media_types() {
            match media_type.name {
                EVENTS => events = Some(EventPayload::read(operation, &media_type)?),
                _ => others.push(media_type),
            }
        }
        let response = match (others.is_empty(), &events) {
            (true, Some(_)) => None,
            (true, None) => Some(ResponsePayload::Empty),
            (false, _) => Some(ResponsePayload::read(operation, &success, &others)?),
        };
        let is_requested = events.as_ref().is_some_and(|events| events.flag.is_some());
        if events.is_some() && response.is_some() && !is_requested {
            let message = "`x-stream-parameter` has to name the field that requests events";
            return Err(unsupported(operation.node(), operation, message));
        }
        Ok(Self {
            body,
            response,
            events,
        })
    }
}

impl<'c> RequestBody<'c> {
    fn read(operation: &Operation<'c>, media_type: &MediaType<'c>) -> PayloadResult<'c, Self> {
        let encoding = match media_type.name {
            JSON => BodyEncoding::Json,
            FORM => BodyEncoding::Form,
            other => {
                let message = format!("a body in `{other}` can't be generated");
                return Err(unsupported(&media_type.node, operation, &message));
            }
        };
        let schema = media_type
            .schema()
            .filter(|schema| schema.reference().is_some());
        let schema = schema.map(|schema| schema.resolved()).ok_or_else(|| {
            unsupported(
                &media_type.node,
                operation,
                "the body has to be a `$ref` to an object",
            )
        })?;
        for (name, encoding) in media_type
            .node
            .get("encoding")
            .iter()
            .flat_map(Node::entries)
        {
            let property = schema.get_path(&["properties", name]);
            if property.is_none_or(|property| property.str("format") != Some("binary")) {
                let message = format!("`{name}` has an encoding and is no file of the body");
                return Err(unsupported(&encoding, operation, &message));
            }
        }
        let mut files = Vec::new();
        for (name, property) in schema.get("properties").iter().flat_map(Node::entries) {
            if property.str("format") != Some("binary") {
                continue;
            }
            if encoding == BodyEncoding::Json {
                return Err(unsupported(&property, operation, "JSON can't hold bytes"));
            }
            let extensions = media_type
                .node
                .get_path(&["encoding", name, "x-file-extensions"]);
            let extensions = extensions.map(|extensions| extensions.resolved());
            let extensions = extensions.iter().flat_map(Node::entries);
            files.push(File {
                name,
                property,
                extensions: extensions
                    .filter_map(|(extension, node)| Some((extension, node.value().as_str()?)))
                    .collect(),
            });
        }
        Ok(Self {
            encoding,
            schema,
            files,
        })
    }
}

impl<'c> ResponsePayload<'c> {
    fn read(
        operation: &Operation<'c>,
        success: &Response<'c>,
        media_types: &[MediaType<'c>],
    ) -> PayloadResult<'c, Self> {
        let is_bytes = |media_type: &MediaType<'_>| {
            let schema = media_type.schema();
            schema.is_some_and(|schema| schema.str("format") == Some("binary"))
        };
        let selector = success.node.get("x-response-selector");
        if media_types.iter().all(is_bytes) {
            if let Some(selector) = selector {
                check_selector(operation, &selector.resolved(), media_types)?;
            }
            return Ok(Self::Binary);
        }
        match (selector, media_types) {
            (Some(selector), _) if selector.reference().is_some() => {
                let selector = selector.resolved();
                check_selector(operation, &selector, media_types)?;
                check_variants(operation, &selector)?;
                Ok(Self::Selected(selector))
            }
            (None, [only]) if only.name == JSON => Ok(Self::Json),
            (_, [only]) => {
                let message = format!("a response in `{}` can't be generated", only.name);
                Err(unsupported(&only.node, operation, &message))
            }
            (_, several) => {
                let message = "of several media types `x-response-selector` has to say which comes when, \
                               as a `$ref` into components/x-response-variants";
                Err(unsupported(&several[0].node, operation, message))
            }
        }
    }
}

/// A field of the body chooses, among values that each come in a listed media type.
fn check_selector<'c>(
    operation: &Operation<'c>,
    selector: &Node<'c>,
    media_types: &[MediaType<'c>],
) -> PayloadResult<'c, ()> {
    let values = selector.get("values");
    let values = values.as_ref().map(Node::entries).unwrap_or_default();
    for (value, node) in &values {
        let name = node.str("media-type").unwrap_or_default();
        if !media_types.iter().any(|media_type| media_type.name == name) {
            let message = format!("`{value}` comes in `{name}`, which the response doesn't list");
            return Err(unsupported(node, operation, &message));
        }
    }
    let default = selector.str("default").unwrap_or_default();
    if !values.iter().any(|(value, _)| *value == default) {
        let message = format!("the default `{default}` is none of the values");
        return Err(unsupported(selector, operation, &message));
    }
    let field = selector.str("field").unwrap_or_default();
    let body = operation.request_bodies().into_iter().next();
    let schema = body
        .and_then(|body| body.schema())
        .map(|schema| schema.resolved());
    let property = schema.and_then(|schema| schema.get_path(&["properties", field]));
    if property.is_none_or(|property| property.resolved().get("enum").is_none()) {
        let message = format!("`field: {field}` is no enum of the body");
        return Err(unsupported(selector, operation, &message));
    }
    Ok(())
}

/// Each variant is JSON of a component, or text.
fn check_variants<'c>(operation: &Operation<'c>, selector: &Node<'c>) -> PayloadResult<'c, ()> {
    for (value, node) in selector.get("values").iter().flat_map(Node::entries) {
        let has_type = node
            .get("schema")
            .is_some_and(|schema| schema.reference().is_some());
        if (node.str("media-type") == Some(JSON)) != has_type {
            let message = format!("`{value}`: JSON needs a `$ref` as schema, a text has none");
            return Err(unsupported(&node, operation, &message));
        }
    }
    Ok(())
}

impl<'c> EventPayload<'c> {
    fn read(operation: &Operation<'c>, media_type: &MediaType<'c>) -> PayloadResult<'c, Self> {
        let schema = media_type.node.get("x-event-schema");
        let schema = schema
            .filter(|schema| schema.reference().is_some())
            .ok_or_else(|| {
                let message = "`x-event-schema` has to be a `$ref` to the schema of an event";
                unsupported(&media_type.node, operation, message)
            })?;
        let stream = media_type.node.get("x-event-stream");
        let has = |key: &str| {
            stream
                .as_ref()
                .is_some_and(|stream| stream.get(key).is_some())
        };
        let has_end = has("sentinel") || (has("choices") && has("finish"));
        if !has_end {
            let message = "`x-event-stream` has to say how the stream ends: by a `sentinel`, or by its \
                           `choices` having `finish`";
            return Err(unsupported(&media_type.node, operation, message));
        }
        Ok(Self {
            schema: schema.resolved(),
            stream,
            flag: operation.node().str("x-stream-parameter"),
        })
    }
}

fn unsupported<'c>(node: &Node<'c>, operation: &Operation<'c>, message: &str) -> Unsupported<'c> {
    Unsupported {
        node: node.clone(),
        message: format!("{}: {message}", operation.id()),
    }
}

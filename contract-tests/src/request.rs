//! Requests that the contract gives as examples, and multipart forms as they go over the wire.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use cometapi_contract::{Example, MediaType, Operation, Response};
use serde_json::{Map, Value, json};

/// The example that requests no more than it must: the one of this name, else the first.
const MINIMAL: &str = "minimal";

/// A valid request for an operation, as the client's dispatcher takes it: the required parameters
/// and the body of the smallest example.
pub fn minimal(operation: &Operation<'_>) -> io::Result<Value> {
    let examples = examples(operation);
    let named = examples.iter().find(|example| example.name == MINIMAL);
    match named.or(examples.first()) {
        Some(example) => with_body(operation, example),
        None => Ok(json!({ "parameters": parameters(operation) })),
    }
}

/// The media type of a stream of events.
pub const EVENT_STREAM: &str = "text/event-stream";

/// A request to one operation.
#[derive(Clone, Debug)]
pub struct MinimalRequest<'c> {
    /// The operation.
    pub operation: Operation<'c>,
    /// What is sent.
    pub request: Value,
    /// Whether it requests a stream of events.
    pub is_stream: bool,
}

impl<'c> MinimalRequest<'c> {
    /// The smallest request of an operation, and the same for its stream if it has one.
    pub fn all(operation: &Operation<'c>) -> std::io::Result<Vec<Self>> {
        let probe = Self {
            operation: operation.clone(),
            request: minimal(operation)?,
            is_stream: false,
        };
        let success = operation.success();
        let mut media_types = success.iter().flat_map(Response::media_types);
        let flag = operation.node().str("x-stream-parameter");
        let has_events = media_types.any(|kind| kind.name == EVENT_STREAM);
        let stream = flag.filter(|_| has_events).map(|flag| {
            let mut stream = probe.clone();
            stream.request["body"][flag] = json!(true);
            stream.is_stream = true;
            stream
        });
        Ok(std::iter::once(probe).chain(stream).collect())
    }

    /// Its name: the operation, and `.stream` if it requests events.
    pub fn name(&self) -> String {
        let suffix = if self.is_stream { ".stream" } else { "" };
        format!("{}{suffix}", self.operation.id())
    }
}

/// A request with the body of this example.
///
/// The files of a form stand in the example as paths from the contract's folder; the client takes
/// them from anywhere.
pub fn with_body(operation: &Operation<'_>, example: &Example<'_>) -> io::Result<Value> {
    let mut body: Value = serde_json::from_slice(&example.bytes()?)?;
    let mut request = json!({ "parameters": parameters(operation) });
    let folder = example.node.contract().file().parent();
    let bodies = operation.request_bodies();
    let own = bodies.iter().find(|body| body.name == example.media_type);
    for name in own.map(MediaType::files).unwrap_or_default() {
        let fields = body.as_object_mut();
        if let Some(Value::String(file)) = fields.and_then(|fields| fields.shift_remove(name)) {
            let file = std::path::absolute(folder.unwrap_or(Path::new("")).join(file))?;
            request["uploads"][name] = json!(file);
        }
    }
    request["body"] = body;
    Ok(request)
}

/// Sets the field of a request that chooses the form of the response; false if there is none.
pub fn ask_for(operation: &Operation<'_>, request: &mut Value, form: &str) -> bool {
    let Some(choice) = operation
        .success()
        .and_then(|success| success.response_selector())
    else {
        return false;
    };
    request["body"][choice.field] = json!(form);
    true
}

/// Whether a request asks for a stream of events.
pub fn is_streamed(operation: &Operation<'_>, request: &Value) -> bool {
    let flag = operation.node().str("x-stream-parameter");
    flag.is_some_and(|flag| request["body"][flag] == true)
}

/// Where a request goes.
pub fn path(operation: &Operation<'_>, request: &Value) -> String {
    let mut path = operation.path().to_owned();
    for (name, value) in request["parameters"].as_object().into_iter().flatten() {
        path = path.replace(&format!("{{{name}}}"), &text(value));
    }
    path
}

/// A value outside of JSON: a string without its quotes.
pub fn text(value: &Value) -> String {
    let string = value.as_str().map(str::to_owned);
    string.unwrap_or_else(|| value.to_string())
}

/// What the fields of a form are that carries a request, each value as text.
pub fn form_fields(request: &Value) -> io::Result<Fields> {
    let mut fields = Fields::new();
    for (name, value) in request["body"].as_object().into_iter().flatten() {
        let values = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        let values = values.iter().map(|value| text(value).into_bytes());
        fields.insert(name.clone(), values.collect());
    }
    for (name, file) in request["uploads"].as_object().into_iter().flatten() {
        let bytes = std::fs::read(file.as_str().unwrap_or_default())?;
        fields.insert(name.clone(), vec![bytes]);
    }
    Ok(fields)
}

/// The examples of an operation's request body.
pub fn examples<'c>(operation: &Operation<'c>) -> Vec<Example<'c>> {
    let bodies = operation.request_bodies();
    // A request has no status.
    bodies.iter().flat_map(|body| body.examples("")).collect()
}

fn parameters(operation: &Operation<'_>) -> Map<String, Value> {
    let parameters = operation.parameters();
    let required = parameters
        .iter()
        .filter(|parameter| parameter.bool("required"));
    required
        .filter_map(|parameter| {
            let own = parameter.get("example");
            let example = own.or_else(|| parameter.get_path(&["schema", "example"]))?;
            Some((parameter.str("name")?.to_owned(), example.value().clone()))
        })
        .collect()
}

/// The values of each field, in order.
pub type Fields = BTreeMap<String, Vec<Vec<u8>>>;

/// The parts of a form, in order.
#[derive(Clone, Debug)]
pub struct Form {
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// A field or a file of a form.
#[derive(Clone, Debug)]
pub struct Part {
    /// Header lines as they were sent.
    pub head: Vec<String>,
    /// What the part carries.
    pub body: Vec<u8>,
}

impl Form {
    /// The form in a body of this content type, if that is what it is.
    pub fn parse(content_type: &str, body: &[u8]) -> Option<Self> {
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=")?;
        let (start, between) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
        let mut rest = body.strip_prefix(start.as_bytes())?;
        let mut parts = Vec::new();
        loop {
            let (part, after) = split(rest, between.as_bytes())?;
            let (head, body) = split(part, b"\r\n\r\n")?;
            let head = std::str::from_utf8(head).ok()?;
            parts.push(Part {
                head: head.split("\r\n").map(str::to_owned).collect(),
                body: body.to_vec(),
            });
            match after {
                b"--\r\n" => return Some(Self { parts }),
                _ => rest = after.strip_prefix(b"\r\n")?,
            }
        }
    }

    /// The values of each field.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        for part in &self.parts {
            let values = fields.entry(part.name().to_owned()).or_default();
            values.push(part.body.clone());
        }
        fields
    }
}

impl Part {
    /// The name of its field; empty if it has none.
    pub fn name(&self) -> &str {
        let disposition = self.head.first().map_or("", String::as_str);
        let name = disposition.strip_prefix("Content-Disposition: form-data; name=\"");
        let named = name.and_then(|rest| rest.split_once('"'));
        named.map_or("", |(name, _)| name)
    }
}

fn split<'b>(bytes: &'b [u8], at: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let position = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..position], &bytes[position + at.len()..]))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use cometapi_contract::Contract;
    use serde_json::json;

    use super::{ask_for, minimal};

    #[test]
    fn parameters_and_body_come_from_examples() {
        let text = "
            paths:
              /things/{id}:
                post:
                  operationId: change_thing
                  parameters:
                    - {name: id, in: path, required: true, example: a}
                    - {name: page, in: query, required: true, schema: {example: 1}}
                    - {name: size, in: query, example: 9}
                  requestBody:
                    content:
                      application/json:
                        examples:
                          full: {value: {name: x, size: 1}}
                          minimal: {value: {name: x}}
                get: {operationId: get_things}
            ";
        let contract = Contract::parse(Path::new("x.yaml"), text.to_owned()).unwrap();
        let request = |id| minimal(&contract.operation(id).unwrap()).unwrap();
        assert_eq!(
            request("change_thing"),
            json!({ "parameters": { "id": "a", "page": 1 }, "body": { "name": "x" } })
        );
        assert_eq!(request("get_things"), json!({ "parameters": {} }));
    }
    #[test]
    fn files_are_found_from_the_contract() {
        let text = "
            paths: {/x: {post: {operationId: x, requestBody: {content: {multipart/form-data: {
              schema: {properties: {file: {format: binary}, other: {format: binary}, n: {}}},
              examples: {minimal: {value: {n: 1, file: sounds/a.mp3}}}}}}, responses: {'200': {
              x-response-selector: {field: form, values: {}}}}}}}";
        let contract = Contract::parse(Path::new("/api/x.yaml"), text.to_owned()).unwrap();
        let operation = contract.operation("x").unwrap();
        let mut request = minimal(&operation).unwrap();
        let uploads = json!({ "file": "/api/sounds/a.mp3" });
        let expected = json!({ "parameters": {}, "uploads": uploads, "body": { "n": 1 } });
        assert_eq!(request, expected);
        assert!(ask_for(&operation, &mut request, "text"));
        assert_eq!(request["body"], json!({ "n": 1, "form": "text" }));
    }
}

//! Validation of requests against an operation, and the error responses to invalid ones. Strings from a query or a form are
//! coerced to the types of their schemas before.

use std::collections::BTreeMap;

use cometapi_contract::{Node, Operation};
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::StartError;
use crate::request::{Body, Form, ParsedRequest};
use crate::response::MockResponse;
use crate::schema_validator::{MISSING, SchemaValidator, Violation};

const FORM: &str = "multipart/form-data";

/// Validator of the requests of one operation.
#[derive(Debug)]
pub(crate) struct RequestValidator {
    /// The response to a request without an API key, if the operation requires one.
    unauthorized: Option<MockResponse>,
    /// The documented response to an invalid request.
    bad_request: Option<MockResponse>,
    query: Vec<QueryParameter>,
    body: Option<BodyRules>,
}

#[derive(Debug)]
struct QueryParameter {
    name: String,
    is_required: bool,
    value_type: ValueType,
    schema: Option<SchemaValidator>,
}

/// The documented request body.
#[derive(Debug)]
struct BodyRules {
    is_required: bool,
    media_type: String,
    schema: Option<SchemaValidator>,
    /// Types of the fields of a form.
    field_types: BTreeMap<String, ValueType>,
    /// Fields of a form that upload files.
    files: Vec<String>,
}

impl RequestValidator {
    pub(crate) fn new(operation: &Operation<'_>) -> Result<Self, StartError> {
        let undocumented = || {
            let message = format!("{} requires an API key", operation.id());
            let error = json!({ "error": { "message": message } });
            MockResponse::json(StatusCode::UNAUTHORIZED, &error)
        };
        let unauthorized = match operation.requires_auth() {
            true => Some(documented(operation, "401")?.unwrap_or_else(undocumented)),
            false => None,
        };
        Ok(Self {
            unauthorized,
            bad_request: documented(operation, "400")?,
            query: QueryParameter::all(operation)?,
            body: BodyRules::new(operation)?,
        })
    }

    /// The error response to an invalid request.
    pub(crate) fn reject(&self, request: &ParsedRequest) -> Option<MockResponse> {
        if let (Some(unauthorized), false) = (&self.unauthorized, request.has_api_key) {
            return Some(unauthorized.clone());
        }
        let mut parameters = self.query.iter();
        let in_query = parameters.find_map(|parameter| parameter.violation(&request.query));
        let in_body = || self.body.as_ref()?.violation(&request.body);
        let violation = in_query.or_else(in_body)?;
        Some(self.bad_request(&violation.message(), violation.field.as_deref()))
    }

    /// The documented response to an invalid request, with this message and parameter.
    pub(crate) fn bad_request(&self, message: &str, param: Option<&str>) -> MockResponse {
        let documented = self.bad_request.as_ref();
        let status = documented.map_or(StatusCode::BAD_REQUEST, |response| response.status);
        let value = documented.and_then(|response| serde_json::from_slice(&response.body).ok());
        let mut error = match value {
            Some(Value::Object(envelope)) if envelope.contains_key("error") => {
                Value::Object(envelope)
            }
            _ => json!({ "error": {} }),
        };
        error["error"]["message"] = json!(message);
        error["error"]["param"] = json!(param);
        MockResponse::json(status, &error)
    }
}

impl QueryParameter {
    fn all(operation: &Operation<'_>) -> Result<Vec<Self>, StartError> {
        let parameters = operation.parameters().into_iter();
        let query = parameters.filter(|parameter| parameter.str("in") == Some("query"));
        let read = |parameter: Node<'_>| {
            let schema = parameter.get("schema");
            Ok(Self {
                name: parameter.str("name").unwrap_or_default().to_owned(),
                is_required: parameter.bool("required"),
                value_type: schema.as_ref().map_or(ValueType::String, ValueType::of),
                schema: schema.as_ref().map(SchemaValidator::new).transpose()?,
            })
        };
        query.map(read).collect()
    }

    fn violation(&self, query: &Map<String, Value>) -> Option<Violation> {
        let violation = match query.get(&self.name) {
            Some(value) => {
                let value = self.value_type.coerce(value);
                self.schema.as_ref()?.violation(&value)
            }
            None => self.is_required.then(|| Violation::at("", MISSING)),
        };
        violation.map(|violation| violation.in_query_parameter(&self.name))
    }
}

impl BodyRules {
    fn new(operation: &Operation<'_>) -> Result<Option<Self>, StartError> {
        let bodies = operation.request_bodies();
        let Some(body) = bodies.first() else {
            return Ok(None);
        };
        let schema = body.schema();
        let request = operation.node().get("requestBody");
        Ok(Some(Self {
            is_required: request.is_some_and(|request| request.resolved().bool("required")),
            media_type: body.name.to_owned(),
            schema: schema.as_ref().map(SchemaValidator::new).transpose()?,
            field_types: schema
                .as_ref()
                .map(ValueType::of_properties)
                .unwrap_or_default(),
            files: body.files().into_iter().map(str::to_owned).collect(),
        }))
    }

    fn violation(&self, body: &Body) -> Option<Violation> {
        let expected = &self.media_type;
        let reason = match (body, expected == FORM) {
            (Body::Empty, _) if !self.is_required => return None,
            (Body::Json(Ok(value)), false) => return self.schema.as_ref()?.violation(value),
            (Body::Form(Ok(form)), true) => {
                return self.schema.as_ref()?.violation(&self.form_value(form));
            }
            (Body::Empty, _) => MISSING.to_owned(),
            (Body::Json(Err(error)), false) => format!("invalid JSON: {error}"),
            (Body::Form(Err(error)), true) => format!("invalid multipart body: {error}"),
            (Body::Other(name), _) => format!("unsupported media type {name}, expected {expected}"),
            (Body::Json(_) | Body::Form(_), _) => format!("expected {expected}"),
        };
        Some(Violation::at("", reason))
    }

    /// The form as an object of its schema. A file is an empty string in it; a value where a file belongs is left out.
    fn form_value(&self, form: &Form) -> Value {
        let values = form.values.iter();
        let values = values.filter(|(name, _)| !self.files.contains(name));
        let values = values.map(|(name, value)| {
            let value_type = self.field_types.get(name).unwrap_or(&ValueType::String);
            (name.clone(), value_type.coerce(value))
        });
        let files = form.files.keys().map(|name| (name.clone(), "".into()));
        values.chain(files).collect()
    }
}

/// The first example of a status.
fn documented(operation: &Operation<'_>, status: &str) -> Result<Option<MockResponse>, StartError> {
    let examples = operation.examples();
    let mut of_status = examples.iter().filter(|example| example.status == status);
    of_status.next().map(MockResponse::from_example).transpose()
}

/// The type that a string is coerced to.
#[derive(Debug)]
pub(crate) enum ValueType {
    String,
    Boolean,
    Number,
    Array(Box<ValueType>),
}

impl ValueType {
    pub(crate) fn of(schema: &Node<'_>) -> Self {
        let schema = schema.resolved();
        match schema.str("type") {
            Some("boolean") => Self::Boolean,
            Some("integer" | "number") => Self::Number,
            Some("array") => {
                let items = schema.get("items");
                Self::Array(Box::new(items.as_ref().map_or(Self::String, Self::of)))
            }
            _ => Self::String,
        }
    }

    /// The types of an object's properties.
    pub(crate) fn of_properties(schema: &Node<'_>) -> BTreeMap<String, Self> {
        let properties = schema.resolved().get("properties");
        let properties = properties.iter().flat_map(Node::entries);
        properties
            .map(|(name, schema)| (name.to_owned(), Self::of(&schema)))
            .collect()
    }

    /// A string that can't be coerced stays a string, which the schema then rejects.
    pub(crate) fn coerce(&self, value: &Value) -> Value {
        match (self, value) {
            (Self::Array(items), Value::Array(values)) => {
                values.iter().map(|value| items.coerce(value)).collect()
            }
            (Self::Array(items), value) => Value::Array(vec![items.coerce(value)]),
            (Self::Boolean, Value::String(text)) => {
                text.parse().map_or_else(|_| value.clone(), Value::Bool)
            }
            (Self::Number, Value::String(text)) => {
                text.parse().map_or_else(|_| value.clone(), Value::Number)
            }
            _ => value.clone(),
        }
    }
}

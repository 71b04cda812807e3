//! Requests that an operation doesn't take, and how the contract says it responds those.

use cometapi_contract::Operation;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::StartError;
use crate::request::{Body, Form, ParsedRequest};
use crate::response::MockResponse;
use crate::text::{Kind, Texts};
use crate::validation::{MISSING, Schema, Violation};

const FORM: &str = "multipart/form-data";

/// What an operation demands of a request.
#[derive(Debug)]
pub(crate) struct RequestValidator {
    /// The response to a request without a key, where one is requested.
    unauthorized: Option<MockResponse>,
    /// The documented response to a wrong request.
    bad_request: Option<MockResponse>,
    query: Vec<Parameter>,
    body: Option<BodyRules>,
}

/// A parameter of the query.
#[derive(Debug)]
struct Parameter {
    name: String,
    is_required: bool,
    kind: Kind,
    schema: Option<Schema>,
}

/// The documented body.
#[derive(Debug)]
struct BodyRules {
    is_required: bool,
    media_type: String,
    schema: Option<Schema>,
    /// Of a form.
    fields: Texts,
    files: Vec<String>,
}

impl RequestValidator {
    pub(crate) fn new(operation: &Operation<'_>) -> Result<Self, StartError> {
        let without_key = || {
            let message = format!("{} needs a key", operation.id());
            let error = json!({ "error": { "message": message } });
            MockResponse::json(StatusCode::UNAUTHORIZED, &error)
        };
        let unauthorized = match operation.requires_auth() {
            true => Some(documented(operation, "401")?.unwrap_or_else(without_key)),
            false => None,
        };
        Ok(Self {
            unauthorized,
            bad_request: documented(operation, "400")?,
            query: Parameter::all(operation)?,
            body: BodyRules::new(operation)?,
        })
    }

    /// What a request that doesn't meet them is responded.
    pub(crate) fn refuse(&self, asked: &ParsedRequest) -> Option<MockResponse> {
        if let (Some(unauthorized), false) = (&self.unauthorized, asked.has_key) {
            return Some(unauthorized.clone());
        }
        let wrong = self
            .query
            .iter()
            .find_map(|parameter| parameter.objection(&asked.query));
        let body = || self.body.as_ref()?.objection(&asked.body);
        let objection = wrong.or_else(body)?;
        Some(self.bad_request(&objection.message(), objection.field.as_deref()))
    }

    /// The documented response to a wrong request, with its message and parameter replaced.
    pub(crate) fn bad_request(&self, message: &str, param: Option<&str>) -> MockResponse {
        let documented = self.bad_request.as_ref();
        let status = documented.map_or(StatusCode::BAD_REQUEST, |reply| reply.status);
        let value = documented.and_then(|reply| serde_json::from_slice(&reply.body).ok());
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

impl Parameter {
    fn all(operation: &Operation<'_>) -> Result<Vec<Self>, StartError> {
        let parameters = operation.parameters().into_iter();
        let query = parameters.filter(|parameter| parameter.str("in") == Some("query"));
        let read = |parameter: cometapi_contract::Node<'_>| {
            let schema = parameter.get("schema");
            Ok(Self {
                name: parameter.str("name").unwrap_or_default().to_owned(),
                is_required: parameter.bool("required"),
                kind: schema.as_ref().map_or(Kind::Text, Kind::of),
                schema: schema.as_ref().map(Schema::new).transpose()?,
            })
        };
        query.map(read).collect()
    }

    fn objection(&self, query: &Map<String, Value>) -> Option<Violation> {
        let Some(text) = query.get(&self.name) else {
            let missing = || Violation::at("", MISSING).in_query(&self.name);
            return self.is_required.then(missing);
        };
        let objection = self.schema.as_ref()?.objection(&self.kind.read(text))?;
        Some(objection.in_query(&self.name))
    }
}

impl BodyRules {
    fn new(operation: &Operation<'_>) -> Result<Option<Self>, StartError> {
        let bodies = operation.request_bodies();
        let Some(body) = bodies.first() else {
            return Ok(None);
        };
        let schema = body.schema();
        let request = operation
            .node()
            .get("requestBody")
            .map(|body| body.resolved());
        Ok(Some(Self {
            is_required: request.is_some_and(|request| request.bool("required")),
            media_type: body.name.to_owned(),
            schema: schema.as_ref().map(Schema::new).transpose()?,
            fields: schema.as_ref().map(Texts::of).unwrap_or_default(),
            files: body.files().into_iter().map(str::to_owned).collect(),
        }))
    }

    fn objection(&self, body: &Body) -> Option<Violation> {
        let objection = |what: String| Some(Violation::at("", what));
        let value = match (body, self.media_type == FORM) {
            (Body::Empty, _) if !self.is_required => return None,
            (Body::Empty, _) => return objection(MISSING.to_owned()),
            (Body::Json(Ok(value)), false) => value.clone(),
            (Body::Json(Err(error)), false) => return objection(format!("no JSON: {error}")),
            (Body::Form(Ok(form)), true) => self.fields(form),
            (Body::Form(Err(error)), true) => return objection(format!("no form: {error}")),
            (Body::Other(name), _) => {
                return objection(format!("{name} in place of {}", self.media_type));
            }
            (Body::Json(_) | Body::Form(_), _) => {
                return objection(format!("something else than {}", self.media_type));
            }
        };
        self.schema.as_ref()?.objection(&value)
    }

    /// A form as its schema describes it. A file is a text there, and a text in place of a file none.
    fn fields(&self, form: &Form) -> Value {
        let mut fields = self.fields.read(&form.values);
        fields.retain(|name, _| !self.files.contains(name));
        let files = form.files.keys();
        fields.extend(files.map(|name| (name.clone(), Value::from(""))));
        Value::Object(fields)
    }
}

/// The first example of that status.
fn documented(operation: &Operation<'_>, status: &str) -> Result<Option<MockResponse>, StartError> {
    let examples = operation.examples();
    let mut fitting = examples.iter().filter(|example| example.status == status);
    fitting.next().map(MockResponse::of).transpose()
}

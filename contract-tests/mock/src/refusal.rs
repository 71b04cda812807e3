//! Requests that an operation doesn't take, and how the contract says it answers those.

use cometapi_contract::{Node, Operation};
use http::StatusCode;
use serde_json::{Value, json};

use crate::Unusable;
use crate::asked::{Asked, Body};
use crate::reply::Reply;

const FORM: &str = "multipart/form-data";

/// What an operation demands of a request.
#[derive(Clone, Debug)]
pub(crate) struct Demands {
    /// The answer to a request without a key, where one is asked for.
    unauthorized: Option<Reply>,
    /// The documented answer to a wrong request.
    bad_request: Option<Reply>,
    /// The body's documented media type.
    media_type: Option<String>,
    required: Vec<String>,
}

impl Demands {
    pub(crate) fn new(operation: &Operation<'_>) -> Result<Self, Unusable> {
        let without_key = || {
            let message = format!("{} needs a key", operation.id());
            let error = json!({ "error": { "message": message } });
            Reply::json(StatusCode::UNAUTHORIZED, &error)
        };
        let unauthorized = match operation.authenticated() {
            true => Some(documented(operation, "401")?.unwrap_or_else(without_key)),
            false => None,
        };
        let bodies = operation.request_bodies();
        let body = bodies.first();
        let schema = body.and_then(|body| body.schema());
        let required = schema.and_then(|schema| schema.resolved().get("required"));
        let required = required.iter().flat_map(Node::items);
        let required = required.filter_map(|name| name.value().as_str().map(str::to_owned));
        Ok(Self {
            unauthorized,
            bad_request: documented(operation, "400")?,
            media_type: body.map(|body| body.name.to_owned()),
            required: required.collect(),
        })
    }

    /// What a request that doesn't meet them is answered.
    pub(crate) fn refuse(&self, asked: &Asked) -> Option<Reply> {
        if let (Some(unauthorized), false) = (&self.unauthorized, asked.has_key) {
            return Some(unauthorized.clone());
        }
        let media_type = self.media_type.as_deref()?;
        let unreadable = match (&asked.body, media_type == FORM) {
            (Body::Json(Ok(_)), false) | (Body::Form(Ok(_)), true) => None,
            (Body::Json(Err(error)), false) => Some(format!("the body is no JSON: {error}")),
            (Body::Form(Err(error)), true) => Some(format!("the body is no form: {error}")),
            (Body::Json(_), true) | (Body::Form(_), false) => {
                Some(format!("the body is not {media_type}"))
            }
        };
        if let Some(message) = unreadable {
            return Some(self.bad_request(&message, None));
        }
        let missing = |name: &&String| asked.value(name).is_null() && asked.file(name).is_none();
        let name = self.required.iter().find(missing)?;
        Some(self.bad_request(&format!("field {name} is required"), Some(name)))
    }

    /// The documented answer to a wrong request, with its message and parameter replaced.
    pub(crate) fn bad_request(&self, message: &str, param: Option<&str>) -> Reply {
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
        Reply::json(status, &error)
    }
}

/// The first example of that status.
fn documented(operation: &Operation<'_>, status: &str) -> Result<Option<Reply>, Unusable> {
    let examples = operation.examples();
    let mut fitting = examples.iter().filter(|example| example.status == status);
    fitting.next().map(Reply::of).transpose()
}

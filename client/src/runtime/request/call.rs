//! One call as plain data: what generated code describes.

use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::Operation;
use crate::runtime::client::Client;
use crate::runtime::error::Error;
use crate::runtime::http::header;
use crate::runtime::limit::deadline::Deadline;
use crate::runtime::request::multipart;
use crate::runtime::request::multipart::FormFields;
use crate::runtime::request::upload::Upload;
use crate::runtime::retry::policy::RetryPolicy;

/// A call that generated code describes and the runtime performs.
#[derive(Clone)]
pub struct Call {
    pub(crate) client: Client,
    pub(crate) operation: &'static Operation,
    pub(crate) path: Vec<(&'static str, String)>,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) headers: HeaderMap,
    /// The first thing found wrong with a header; a setter can't return it.
    pub(crate) invalid_header: Option<String>,
    pub(crate) extra: Map<String, Value>,
    pub(crate) uploads: Vec<(&'static str, Upload)>,
    pub(crate) body: RequestBody,
    timeout: Duration,
    deadline: Option<Instant>,
    pub(crate) retry_policy: Option<RetryPolicy>,
}

/// What an attempt's body is made from.
#[derive(Clone)]
pub(crate) enum RequestBody {
    Empty,
    Json(Bytes),
    Multipart(FormFields),
}

impl Call {
    /// A call of this operation with nothing supplied yet.
    pub fn new(client: &Client, operation: &'static Operation) -> Self {
        Self {
            client: client.clone(),
            operation,
            path: Vec::new(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            invalid_header: None,
            extra: Map::new(),
            uploads: Vec::new(),
            body: RequestBody::Empty,
            timeout: client.config().timeout,
            deadline: None,
            retry_policy: None,
        }
    }

    /// Supplies a path parameter; it is sent as one segment.
    pub fn path(&mut self, name: &'static str, value: impl fmt::Display) {
        self.path.retain(|(known, _)| *known != name);
        self.path.push((name, value.to_string()));
    }

    /// Supplies a query parameter in place of an earlier value.
    pub fn query(&mut self, name: &'static str, value: impl fmt::Display) {
        self.query_list(name, [value]);
    }

    /// Supplies a query parameter that is repeated for each value, in place of earlier ones.
    pub fn query_list(
        &mut self,
        name: &'static str,
        values: impl IntoIterator<Item = impl fmt::Display>,
    ) {
        self.query.retain(|(known, _)| *known != name);
        self.query
            .extend(values.into_iter().map(|value| (name, value.to_string())));
    }

    /// Supplies a header parameter of the contract.
    pub fn header(&mut self, name: &'static str, value: impl fmt::Display) {
        self.with_header(name, &value.to_string());
    }

    /// Adds a header of the caller's in place of an earlier one, of the client's default and of the
    /// runtime's own. `authorization` is refused; so is what can't be a header. Either shows when the
    /// call is sent.
    pub fn with_header(&mut self, name: &str, value: &str) {
        match header::parse(name, value) {
            Ok((name, value)) => {
                self.headers.insert(name, value);
            }
            Err(error) => {
                self.invalid_header.get_or_insert(error);
            }
        }
    }

    /// Replaces the client's total timeout for this call; [`Duration::MAX`] is no limit.
    pub fn with_timeout(&mut self, total: Duration) {
        self.timeout = total;
    }

    /// Sets the time by which this call must be over, reading a stream or download included, besides its timeout.
    pub fn with_deadline(&mut self, deadline: Instant) {
        self.deadline = Some(deadline);
    }

    /// Replaces the client's retries for this call.
    pub fn with_retry_policy(&mut self, policy: RetryPolicy) {
        self.retry_policy = Some(policy);
    }

    /// Adds a field to the body, or overrides it there. `null` is sent as such in JSON, and removes a
    /// field of a form.
    pub fn extra(&mut self, name: String, value: Value) {
        self.extra.insert(name, value);
    }

    /// Supplies a file of the form, in place of an earlier one.
    pub fn upload(&mut self, name: &'static str, upload: Upload) {
        self.uploads.retain(|(known, _)| *known != name);
        self.uploads.push((name, upload));
    }

    /// What the API may not take, though it will be sent: files whose extension isn't documented.
    pub fn warnings(&self) -> Vec<String> {
        let uploads = self.uploads.iter();
        let warnings = uploads.filter_map(|(name, upload)| {
            multipart::extension_warning(self.operation.upload(name)?, upload)
        });
        warnings.collect()
    }

    /// Fails if a required field of the body was neither supplied nor given as an upload or extra.
    pub fn require_field(&self, name: &'static str, supplied: bool) -> Result<(), Error> {
        let uploaded = || self.uploads.iter().any(|(known, _)| *known == name);
        if supplied || uploaded() || self.extra.contains_key(name) {
            Ok(())
        } else {
            Err(self.missing_field(name))
        }
    }

    /// Fails if a required query or header parameter was not supplied.
    pub fn require_parameter(&self, name: &'static str) -> Result<(), Error> {
        let supplied = self.query.iter().any(|(known, _)| *known == name)
            || self.headers.contains_key(name)
            // A supplied header that can't be sent is reported when the request is built.
            || self.invalid_header.is_some();
        if supplied {
            Ok(())
        } else {
            Err(self.missing_field(name))
        }
    }

    /// Sets the body, the extras merged into its object.
    pub fn json_body(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let bytes = if self.extra.is_empty() {
            serde_json::to_vec(body)
        } else {
            merge(body, self.extra.clone())
        };
        let bytes = bytes.map_err(|error| self.serialization_error("JSON", error))?;
        self.body = RequestBody::Json(bytes.into());
        Ok(self)
    }

    /// Sets the body to a form: the object's fields, the extras merged into them, and the uploads.
    pub fn multipart_body(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let fields = FormFields::of(body, &self.extra)
            .map_err(|error| self.serialization_error("a form", error))?;
        self.body = RequestBody::Multipart(fields);
        Ok(self)
    }

    /// When the call must be over if it begins now.
    pub(crate) fn deadline(&self) -> Deadline {
        let deadline = Deadline::from_timeout(self.timeout);
        match self.deadline {
            Some(at) => deadline.earlier_of(at.saturating_duration_since(Instant::now())),
            None => deadline,
        }
    }

    /// When the response's body must have been read if the call begins now. A timeout doesn't limit what is read at the
    /// caller's pace.
    pub(crate) fn reading_deadline(&self) -> Deadline {
        self.deadline.map_or_else(Deadline::never, |at| {
            Deadline::from_timeout(at.saturating_duration_since(Instant::now()))
        })
    }

    /// Whether the body can be sent more than once.
    pub(crate) fn is_replayable(&self) -> bool {
        self.uploads
            .iter()
            .all(|(_, upload)| upload.is_replayable())
    }

    fn serialization_error(&self, format: &str, error: serde_json::Error) -> Error {
        self.invalid_request(format!(
            "failed to serialize the request body as {format}: {error}"
        ))
        .with_source(error)
    }

    pub(crate) fn missing_field(&self, name: &str) -> Error {
        self.invalid_request(format!("missing required field `{name}`"))
    }

    pub(crate) fn invalid_request(&self, message: String) -> Error {
        Error::for_operation(self.operation, ErrorKind::InvalidRequest, message)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation.id)
            .field("path", &self.operation.path)
            .field("header_names", &self.headers.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

fn merge(body: &impl Serialize, extra: Map<String, Value>) -> serde_json::Result<Vec<u8>> {
    let mut body = serde_json::to_value(body)?;
    let Value::Object(fields) = &mut body else {
        return Err(serde::ser::Error::custom(
            "extra fields need an object to go into",
        ));
    };
    fields.extend(extra);
    serde_json::to_vec(&body)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::runtime::test_support::{CREATE_THING, LIST_THINGS, client};

    #[test]
    fn extras_go_into_the_body() {
        let client = client();
        let mut call = Call::new(&client, &CREATE_THING);
        call.extra("b".into(), json!("override"));
        call.extra("c".into(), Value::Null);
        assert!(call.require_field("b", false).is_ok() && call.require_field("d", true).is_ok());
        let error = call.require_field("d", false).unwrap_err();
        assert_eq!(
            error.to_string(),
            "create_thing: missing required field `d`"
        );
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);

        let refused = call.clone().json_body(&[1]).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidRequest);
        let unplaced = call.request("*/*").unwrap_err();
        assert_eq!(
            unplaced.to_string(),
            "create_thing: `extra` field `b`: this operation has no request body"
        );

        let call = call.json_body(&json!({"a": 1, "b": 2})).unwrap();
        for _attempt in 0..2 {
            let request = call.request("*/*").unwrap();
            assert_eq!(request.headers()["content-type"], "application/json");
            let body = request.body().unwrap().as_bytes().unwrap();
            let body: Value = serde_json::from_slice(body).unwrap();
            assert_eq!(body, json!({"a": 1, "b": "override", "c": null}));
        }
    }

    #[test]
    fn a_file_counts_as_supplied() {
        let client = client();
        let mut call = Call::new(&client, &CREATE_THING);
        let error = call.require_field("file", false).unwrap_err();
        assert_eq!(
            error.to_string(),
            "create_thing: missing required field `file`"
        );
        call.upload("file", Upload::bytes("a.mp3", "first"));
        call.upload("file", Upload::bytes("b.mp3", "second"));
        assert!(
            call.require_field("file", false).is_ok()
                && call.require_field("other", false).is_err()
        );
        assert_eq!(call.uploads.len(), 1);
    }

    #[test]
    fn a_form_needs_an_object() {
        let client = client();
        let mut call = Call::new(&client, &CREATE_THING);
        call.extra("a".into(), json!(1));
        let error = call.clone().multipart_body(&[1]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(
            error.message().contains("whose fields become the form's"),
            "{error}"
        );
        let form = call.multipart_body(&json!({})).unwrap();
        assert!(form.request("*/*").is_ok());
    }

    #[test]
    fn a_required_parameter_is_in_query_or_header() {
        let client = client();
        let mut call = Call::new(&client, &LIST_THINGS);
        call.query("limit", 1);
        call.header("X-Tenant", "a");
        assert!(call.require_parameter("limit").is_ok());
        assert!(call.require_parameter("X-Tenant").is_ok());
        assert_eq!(
            call.require_parameter("page").unwrap_err().to_string(),
            "list_things: missing required field `page`"
        );
    }
}

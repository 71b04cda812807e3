//! One call as plain data: what generated code describes.

use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde::Serialize;
use serde_json::{Map, Value};

use super::deadline::Deadline;
use super::multipart::{self, Fields};
use super::{Client, Error, ErrorKind, Operation, RetryPolicy, Upload, header};

/// A call that generated code describes and the runtime performs.
#[derive(Clone)]
pub struct Call<'a> {
    pub(super) client: &'a Client,
    pub(super) operation: &'static Operation,
    pub(super) path: Vec<(&'static str, String)>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) headers: HeaderMap,
    /// The first thing found wrong with a header; a setter can't return it.
    pub(super) bad_header: Option<String>,
    pub(super) extra: Map<String, Value>,
    pub(super) uploads: Vec<(&'static str, Upload)>,
    pub(super) payload: Payload,
    timeout: Duration,
    deadline: Option<Instant>,
    pub(super) retries: Option<RetryPolicy>,
}

/// What an attempt's body is made from.
#[derive(Clone)]
pub(super) enum Payload {
    Nothing,
    Json(Bytes),
    Form(Fields),
}

impl<'a> Call<'a> {
    /// A call of this operation with nothing supplied yet.
    pub fn new(client: &'a Client, operation: &'static Operation) -> Self {
        Self {
            client,
            operation,
            path: Vec::new(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            bad_header: None,
            extra: Map::new(),
            uploads: Vec::new(),
            payload: Payload::Nothing,
            timeout: client.settings().timeout,
            deadline: None,
            retries: None,
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
            Err(problem) => {
                self.bad_header.get_or_insert(problem);
            }
        }
    }

    /// Replaces the client's total timeout for this call; [`Duration::MAX`] is no limit.
    pub fn with_timeout(&mut self, total: Duration) {
        self.timeout = total;
    }

    /// The moment by which this call must be over, besides its total timeout: the earlier counts.
    pub fn with_deadline(&mut self, deadline: Instant) {
        self.deadline = Some(deadline);
    }

    /// Replaces the client's retries for this call.
    pub fn with_retry_policy(&mut self, retries: RetryPolicy) {
        self.retries = Some(retries);
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
        let warnings = uploads
            .filter_map(|(name, upload)| multipart::warning(self.operation.upload(name)?, upload));
        warnings.collect()
    }

    /// Fails if a required field of the body was neither supplied nor given as an upload or extra.
    pub fn require(&self, name: &'static str, supplied: bool) -> Result<(), Error> {
        let uploaded = || self.uploads.iter().any(|(known, _)| *known == name);
        if supplied || uploaded() || self.extra.contains_key(name) {
            Ok(())
        } else {
            Err(self.missing(name))
        }
    }

    /// Fails if a required query or header parameter was not supplied.
    pub fn require_parameter(&self, name: &'static str) -> Result<(), Error> {
        let supplied = self.query.iter().any(|(known, _)| *known == name)
            || self.headers.contains_key(name)
            // The header was supplied and can't be sent: sending says so.
            || self.bad_header.is_some();
        if supplied {
            Ok(())
        } else {
            Err(self.missing(name))
        }
    }

    /// Sets the body, the extras merged into its object.
    pub fn json_body(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let bytes = if self.extra.is_empty() {
            serde_json::to_vec(body)
        } else {
            merge(body, self.extra.clone())
        };
        let bytes = bytes.map_err(|problem| self.formless("JSON", problem))?;
        self.payload = Payload::Json(bytes.into());
        Ok(self)
    }

    /// Sets the body to a form: the object's fields, the extras merged into them, and the uploads.
    pub fn multipart_body(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let fields =
            Fields::of(body, &self.extra).map_err(|problem| self.formless("a form", problem))?;
        self.payload = Payload::Form(fields);
        Ok(self)
    }

    /// When the call must be over if it begins now.
    pub(super) fn deadline(&self) -> Deadline {
        let deadline = Deadline::after(self.timeout);
        match self.deadline {
            Some(at) => deadline.within(at.saturating_duration_since(Instant::now())),
            None => deadline,
        }
    }

    /// Whether the body can be sent more than once.
    pub(super) fn is_replayable(&self) -> bool {
        self.uploads
            .iter()
            .all(|(_, upload)| upload.is_replayable())
    }

    fn formless(&self, form: &str, problem: serde_json::Error) -> Error {
        self.invalid(format!("the body can't be made into {form}: {problem}"))
            .with_source(problem)
    }

    pub(super) fn missing(&self, name: &str) -> Error {
        self.invalid(format!("no value supplied for {name}"))
    }

    pub(super) fn invalid(&self, message: String) -> Error {
        Error::of(self.operation, ErrorKind::InvalidRequest, message)
    }
}

impl fmt::Debug for Call<'_> {
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
    use crate::runtime::specimens::{LIST, MAKE, client};

    #[test]
    fn extras_go_into_the_body() {
        let client = client();
        let mut call = Call::new(&client, &MAKE);
        call.extra("b".into(), json!("override"));
        call.extra("c".into(), Value::Null);
        assert!(call.require("b", false).is_ok() && call.require("d", true).is_ok());
        let error = call.require("d", false).unwrap_err();
        assert_eq!(error.to_string(), "make_thing: no value supplied for d");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);

        let refused = call.clone().json_body(&[1]).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidRequest);
        let unplaced = call.request("*/*").unwrap_err();
        assert_eq!(
            unplaced.to_string(),
            "make_thing: there is no body to put `b` into"
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
        let mut call = Call::new(&client, &MAKE);
        let error = call.require("file", false).unwrap_err();
        assert_eq!(error.to_string(), "make_thing: no value supplied for file");
        call.upload("file", Upload::bytes("a.mp3", "first"));
        call.upload("file", Upload::bytes("b.mp3", "second"));
        assert!(call.require("file", false).is_ok() && call.require("other", false).is_err());
        assert_eq!(call.uploads.len(), 1);
    }

    #[test]
    fn a_form_needs_an_object() {
        let client = client();
        let mut call = Call::new(&client, &MAKE);
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
        let mut call = Call::new(&client, &LIST);
        call.query("limit", 1);
        call.header("X-Tenant", "a");
        assert!(call.require_parameter("limit").is_ok());
        assert!(call.require_parameter("X-Tenant").is_ok());
        assert_eq!(
            call.require_parameter("page").unwrap_err().to_string(),
            "list_things: no value supplied for page"
        );
    }
}

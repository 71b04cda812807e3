//! One call as plain data, from which each attempt builds its request.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Request, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::deadline::Deadline;
use super::multipart::{self, Fields};
use super::{
    Client, Download, Error, EventStream, Kind, Operation, Response, StreamedEvent, Upload, decode,
    header, transport,
};

/// A call that generated code describes and the runtime performs.
#[derive(Clone)]
pub struct Call<'a> {
    client: &'a Client,
    operation: &'static Operation,
    path: Vec<(&'static str, String)>,
    query: Vec<(&'static str, String)>,
    headers: HeaderMap,
    /// The first thing found wrong with a header; a setter can't return it.
    bad_header: Option<String>,
    extra: Map<String, Value>,
    uploads: Vec<(&'static str, Upload)>,
    payload: Payload,
    total_timeout: Duration,
}

/// What an attempt's body is made from.
#[derive(Clone)]
enum Payload {
    Nothing,
    Json(Bytes),
    Form(Fields),
}

/// Everything but what RFC 3986 calls unreserved: a value stays one segment whatever is in it.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

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
            total_timeout: client.settings().total_timeout,
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
        self.total_timeout = total;
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

    /// Performs the call and decodes the JSON body of its answer.
    pub async fn json<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let accept = accept(self.operation);
        self.perform(&accept, decode::json).await
    }

    /// Performs a call whose success has no body. One that comes all the same is ignored, unless it
    /// is an error object or a web page.
    pub async fn empty(self) -> Result<Response<()>, Error> {
        let accept = accept(self.operation);
        self.perform(&accept, decode::empty).await
    }

    /// Performs the call and gives the events of its answer as they arrive.
    pub async fn events<T: StreamedEvent>(self) -> Result<EventStream<T>, Error> {
        let deadline = Deadline::after(self.total_timeout);
        let attempt = async {
            let opened = transport::open(&self, "text/event-stream", deadline).await?;
            EventStream::open(opened).await
        };
        attempt
            .await
            .map_err(|error| error.without_key(self.client.key()))
    }

    /// Performs the call and gives the bytes of its answer as they arrive.
    pub async fn download(self) -> Result<Download, Error> {
        let deadline = Deadline::after(self.total_timeout);
        let attempt = async {
            let accept = media_types(self.operation, is_bytes);
            let opened = transport::open(&self, &accept, deadline).await?;
            Download::open(opened).await
        };
        attempt
            .await
            .map_err(|error| error.without_key(self.client.key()))
    }

    pub(super) fn client(&self) -> &'a Client {
        self.client
    }

    pub(super) fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The request of one attempt, its uploads opened.
    pub(super) async fn attempt(&self, accept: &str) -> Result<Request, Error> {
        let request = self.request(accept)?;
        match &self.payload {
            Payload::Nothing | Payload::Json(_) => Ok(request),
            Payload::Form(fields) => {
                let http = self.client.http();
                multipart::fill(self.operation, http, request, fields, &self.uploads).await
            }
        }
    }

    /// The request of one attempt but for a form, which takes time to open.
    ///
    /// The last header of a name counts: the client's defaults, then the runtime's own, then the
    /// call's, then the key.
    fn request(&self, accept: &str) -> Result<Request, Error> {
        if let Some(problem) = &self.bad_header {
            return Err(self.invalid(problem.clone()));
        }
        if let (Payload::Nothing, Some(name)) = (&self.payload, self.extra.keys().next()) {
            return Err(self.invalid(format!("there is no body to put `{name}` into")));
        }
        let key = self.client.key_for(self.operation)?;
        let mut request = Request::new(self.operation.method.clone(), self.url()?);
        let headers = request.headers_mut();
        headers.clone_from(&self.client.settings().headers);
        if let Ok(accept) = HeaderValue::from_str(accept) {
            headers.insert(ACCEPT, accept);
        }
        if let Payload::Json(_) = self.payload {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.extend(self.headers.clone());
        if let Some(key) = key {
            headers.insert(AUTHORIZATION, key.authorization());
        }
        if let Payload::Json(body) = &self.payload {
            *request.body_mut() = Some(body.clone().into());
        }
        Ok(request)
    }

    pub(super) async fn perform<T>(
        self,
        accept: &str,
        decode: impl FnOnce(&'static Operation, transport::Answer) -> Result<Response<T>, Error>,
    ) -> Result<Response<T>, Error> {
        let deadline = Deadline::after(self.total_timeout);
        let limit = self.client.settings().json_limit;
        let attempt = async {
            let opened = transport::open(&self, accept, deadline).await?;
            decode(self.operation, opened.into_answer(limit).await?)
        };
        attempt
            .await
            .map_err(|error| error.without_key(self.client.key()))
    }

    fn url(&self) -> Result<Url, Error> {
        let mut address = self.client.base_url().to_owned();
        for segment in self.operation.path.split('/').skip(1) {
            address.push('/');
            address.push_str(&self.segment(segment)?);
        }
        let mut url = Url::parse(&address)
            .map_err(|problem| self.invalid(format!("the address is not usable: {problem}")))?;
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    /// A segment of the path with its parameters filled in.
    fn segment(&self, template: &'static str) -> Result<Cow<'static, str>, Error> {
        let (mut filled, mut rest) = (String::new(), template);
        while let Some((before, (name, after))) = rest
            .split_once('{')
            .and_then(|(before, inside)| Some((before, inside.split_once('}')?)))
        {
            let value = self.path.iter().find(|(known, _)| *known == name);
            let (_, value) = value.ok_or_else(|| self.missing(name))?;
            filled.push_str(before);
            filled.extend(utf8_percent_encode(value, SEGMENT));
            // These would address something else: a URL drops them, `..` with the segment before.
            if after.is_empty() && matches!(filled.as_str(), "" | "." | "..") {
                return Err(self.invalid(format!("{name} must not be {value:?}")));
            }
            rest = after;
        }
        Ok(if filled.is_empty() {
            template.into()
        } else {
            (filled + rest).into()
        })
    }

    pub(super) fn extra_field(&self, name: &str) -> Option<&Value> {
        self.extra.get(name)
    }

    fn formless(&self, form: &str, problem: serde_json::Error) -> Error {
        self.invalid(format!("the body can't be made into {form}: {problem}"))
            .with_source(problem)
    }

    fn missing(&self, name: &str) -> Error {
        self.invalid(format!("no value supplied for {name}"))
    }

    fn invalid(&self, message: String) -> Error {
        Error::of(self.operation, Kind::InvalidRequest, message)
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

/// What the caller can use: JSON where the operation also offers something else, such as events.
fn accept(operation: &Operation) -> String {
    media_types(operation, decode::is_json)
}

fn is_bytes(media_type: &str) -> bool {
    !decode::is_json(media_type) && media_type != "text/event-stream"
}

/// The media types wanted, if the operation offers any of them, else all that it offers.
pub(super) fn media_types(operation: &Operation, is_wanted: fn(&str) -> bool) -> String {
    let offered = operation.media_types;
    let wanted: Vec<&str> = offered
        .iter()
        .copied()
        .filter(|kind| is_wanted(kind))
        .collect();
    match (wanted.is_empty(), offered) {
        (false, _) => wanted.join(", "),
        (true, []) => "*/*".to_owned(),
        (true, all) => all.join(", "),
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
    use crate::runtime::Method;

    static GET: Operation = operation("get_thing", "/v1/boxes/{box}/things/{thing}.json", false);
    static LIST: Operation = operation("list_things", "/api/things", false);
    static MAKE: Operation = operation("make_thing", "/v1/things", true);

    const fn operation(id: &'static str, path: &'static str, authenticated: bool) -> Operation {
        Operation {
            id,
            method: Method::POST,
            path,
            success: 200,
            media_types: &["application/json", "text/event-stream"],
            authenticated,
            send_twice: false,
            uploads: &[],
            errors: &[],
            page: None,
        }
    }

    fn client() -> Client {
        let builder = Client::builder()
            .key("sk-secret")
            .base_url("https://gw.example/comet/v1/");
        builder.default_header("x-team", "default").build().unwrap()
    }

    fn request(
        operation: &'static Operation,
        supply: impl FnOnce(&mut Call<'_>),
    ) -> Result<Request, Error> {
        let client = client();
        let mut call = Call::new(&client, operation);
        supply(&mut call);
        call.request("application/json")
    }

    #[test]
    fn a_path_parameter_stays_one_segment() {
        let url = |place: &str, thing: &str| {
            let request = request(&GET, |call| {
                call.path("box", place);
                call.path("thing", thing);
            });
            request.map(|request| request.url().to_string())
        };
        let expected =
            "https://gw.example/comet/v1/boxes/a%2Fb%3Fc%23d%20%25/things/%C3%A4-_.~.json";
        assert_eq!(url("a/b?c#d %", "ä-_.~").unwrap(), expected);
        // `..json` is a name like any other.
        assert_eq!(
            url("x", ".").unwrap(),
            "https://gw.example/comet/v1/boxes/x/things/..json"
        );
        for place in ["", ".", ".."] {
            let error = url(place, "a").unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidRequest);
            assert_eq!(
                error.to_string(),
                format!("get_thing: box must not be {place:?}")
            );
        }
        let error = request(&GET, |call| call.path("box", 1)).unwrap_err();
        assert_eq!(error.to_string(), "get_thing: no value supplied for thing");
    }

    #[test]
    fn query_parameters_are_replaced_and_repeated() {
        let request = request(&LIST, |call| {
            call.query("limit", 1);
            call.query("limit", 2);
            call.query_list("tag", ["a b", "c&d"]);
            call.query_list("none", [0; 0]);
        });
        assert_eq!(
            request.unwrap().url().query(),
            Some("limit=2&tag=a+b&tag=c%26d")
        );
        let plain = super::tests::request(&LIST, |_| ()).unwrap();
        assert_eq!(plain.url().as_str(), "https://gw.example/comet/api/things");
    }

    #[test]
    fn the_nearest_header_counts() {
        let request = |name: &str| {
            let request = request(&MAKE, |call| {
                call.with_header(name, "caller");
            });
            request.unwrap()
        };
        let headers = request("x-other").headers().clone();
        assert_eq!(headers["x-team"], "default");
        assert_eq!(headers["x-other"], "caller");
        assert_eq!(headers["accept"], "application/json");
        assert_eq!(headers["authorization"], "Bearer sk-secret");
        assert!(headers["authorization"].is_sensitive());
        assert!(headers["user-agent"].to_str().unwrap().contains("-rust/"));
        assert!(!headers.contains_key("content-type"));
        for name in ["X-Team", "accept", "user-agent"] {
            let headers = request(name).headers().clone();
            assert_eq!(
                headers.get_all(name).iter().collect::<Vec<_>>(),
                ["caller"],
                "{name}"
            );
        }
    }

    #[test]
    fn a_bad_header_is_reported_when_sent() {
        for (name, value, message) in [
            (
                "Authorization",
                "Bearer x",
                "the header `authorization` is refused: give the client a key",
            ),
            (
                "x y",
                "a",
                "the name of a header has characters that names can't have",
            ),
            (
                "x-y",
                "a\r\nb",
                "the header `x-y` contains a line break or control character",
            ),
        ] {
            let error = request(&LIST, |call| call.with_header(name, value)).unwrap_err();
            assert_eq!(
                (error.kind(), error.message()),
                (Kind::InvalidRequest, message)
            );
        }
    }

    #[test]
    fn the_key_goes_only_where_it_is_asked_for() {
        let request = request(&LIST, |_| ()).unwrap();
        assert!(!request.headers().contains_key("authorization"));
        let without = Client::builder().build().unwrap();
        let error = Call::new(&without, &MAKE).request("*/*").unwrap_err();
        assert_eq!(error.kind(), Kind::MissingKey);
        for name in crate::generated::API.key_variables {
            assert!(error.message().contains(name), "{error}");
        }
        assert!(Call::new(&without, &LIST).request("*/*").is_ok());
    }

    #[test]
    fn the_key_is_not_shown_to_the_network() {
        let plain = || {
            Client::builder()
                .key("sk-secret")
                .base_url("http://gw.example")
        };
        let client = plain().build().unwrap();
        let error = Call::new(&client, &MAKE).request("*/*").unwrap_err();
        assert_eq!(error.kind(), Kind::Configuration);
        assert!(Call::new(&client, &LIST).request("*/*").is_ok());
        let allowed = plain().allow_key_over_plain_http().build().unwrap();
        assert!(Call::new(&allowed, &MAKE).request("*/*").is_ok());
        let local = plain().base_url("http://127.0.0.1:1").build().unwrap();
        assert!(Call::new(&local, &MAKE).request("*/*").is_ok());
    }

    #[test]
    fn extras_go_into_the_body() {
        let client = client();
        let mut call = Call::new(&client, &MAKE);
        call.extra("b".into(), json!("override"));
        call.extra("c".into(), Value::Null);
        assert!(call.require("b", false).is_ok() && call.require("d", true).is_ok());
        let error = call.require("d", false).unwrap_err();
        assert_eq!(error.to_string(), "make_thing: no value supplied for d");
        assert_eq!(error.kind(), Kind::InvalidRequest);

        let refused = call.clone().json_body(&[1]).unwrap_err();
        assert_eq!(refused.kind(), Kind::InvalidRequest);
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
        assert_eq!(error.kind(), Kind::InvalidRequest);
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

    #[test]
    fn json_is_asked_for_where_there_is_a_choice() {
        assert_eq!(accept(&MAKE), "application/json");
        let with = |media_types| {
            accept(&Operation {
                media_types,
                ..operation("", "", false)
            })
        };
        assert_eq!(
            with(&["audio/mpeg", "text/plain"]),
            "audio/mpeg, text/plain"
        );
        assert_eq!(
            with(&["application/problem+json", "a/b"]),
            "application/problem+json"
        );
        assert_eq!(with(&[]), "*/*");
        let bytes = |media_types| {
            let operation = Operation {
                media_types,
                ..operation("", "", false)
            };
            super::media_types(&operation, is_bytes)
        };
        assert_eq!(bytes(&["application/json", "audio/mpeg"]), "audio/mpeg");
        assert_eq!(bytes(&["text/event-stream", "audio/wav"]), "audio/wav");
        assert_eq!(bytes(&["application/json"]), "application/json");
    }

    #[test]
    fn nothing_shows_the_key_or_a_header_value() {
        let client = client();
        let mut call = Call::new(&client, &MAKE);
        call.with_header("x-secret", "geheim");
        let builder = Client::builder()
            .key("sk-secret")
            .default_header("x-secret", "geheim");
        let shown = format!(
            "{client:?} {call:?} {builder:?} {:?}",
            call.request("*/*").unwrap()
        );
        assert!(shown.contains("x-secret"), "{shown}");
        assert!(
            !shown.contains("sk-secret") && !shown.contains("geheim"),
            "{shown}"
        );
    }

    #[test]
    fn a_call_can_be_spawned() {
        fn assert_send<T: Send>(_: T) {}
        let client = client();
        assert_send(Call::new(&client, &LIST).json::<Value>());
        assert_send(Call::new(&client, &LIST).empty());
    }
}

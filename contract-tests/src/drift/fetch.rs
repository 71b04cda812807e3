//! One request to a service, and all of its response.

use std::path::Path;
use std::time::Duration;

use cometapi_contract::Operation;
use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use serde_json::Value;

use crate::request::text;

/// A response as it came.
#[derive(Clone, Debug)]
pub struct ServerResponse {
    /// The status.
    pub status: u16,
    /// Names in lower case, and values, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The complete body.
    pub body: Vec<u8>,
}

/// A service that requests can be sent to.
#[derive(Clone, Debug)]
pub struct Service {
    http: reqwest::Client,
    base_url: String,
    key: Option<String>,
}

impl ServerResponse {
    /// Whether its status is a 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The media type without parameters, in lower case; empty if the server said none.
    pub fn media_type(&self) -> String {
        let named = |(name, _): &&(String, String)| name == "content-type";
        let value = self
            .headers
            .iter()
            .find(named)
            .map_or("", |(_, value)| value);
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    }
}

impl Service {
    /// The service at this address. The key goes only to operations that ask for it, and in clear
    /// text only to this machine. Each response may take `timeout`; the headers go with every request.
    pub fn new(
        base_url: &str,
        key: Option<String>,
        timeout: Duration,
        headers: HeaderMap,
    ) -> Result<Self, String> {
        let url = reqwest::Url::parse(base_url).map_err(|error| format!("{base_url}: {error}"))?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let address = host.parse::<std::net::IpAddr>();
        let is_here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        if key.is_some() && url.scheme() != "https" && !is_here {
            return Err(format!("{base_url}: a key is sent by https only"));
        }
        let base_url = base_url.trim_end_matches('/');
        let mut http = reqwest::Client::builder()
            .redirect(Policy::none())
            .default_headers(headers)
            .timeout(timeout);
        if is_here {
            http = http.no_proxy();
        }
        Ok(Self {
            http: http.build().map_err(|error| error.to_string())?,
            base_url: base_url.strip_suffix("/v1").unwrap_or(base_url).to_owned(),
            key,
        })
    }

    /// Whether there is a key for what requests one.
    pub fn has_api_key(&self) -> bool {
        self.key.is_some()
    }

    /// Replaces the key, should a server have echoed it.
    pub(super) fn without_key(&self, text: &str) -> String {
        match &self.key {
            Some(key) => text.replace(key, "[key]"),
            None => text.to_owned(),
        }
    }

    /// Sends a request, described as [`request`](crate::request) does, and reads the response.
    pub async fn send(
        &self,
        operation: &Operation<'_>,
        request: &Value,
    ) -> Result<ServerResponse, String> {
        let mut path = operation.path().to_owned();
        let mut query = Vec::new();
        for (name, value) in request["parameters"].as_object().into_iter().flatten() {
            let slot = format!("{{{name}}}");
            if path.contains(&slot) {
                path = path.replace(&slot, &text(value));
            } else {
                query.push((name.clone(), text(value)));
            }
        }
        let method = operation
            .method()
            .parse()
            .map_err(|_| "no such method".to_owned())?;
        let url = format!("{}{path}", self.base_url);
        let mut url = reqwest::Url::parse(&url).map_err(|error| format!("{url}: {error}"))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(&query);
        }
        let mut builder = self.http.request(method, url);
        if let Some(key) = self.key.as_ref().filter(|_| operation.requires_auth()) {
            builder = builder.bearer_auth(key);
        }
        let is_form = operation
            .request_bodies()
            .iter()
            .any(|body| body.name == "multipart/form-data");
        builder = match &request["body"] {
            Value::Null => builder,
            body if is_form => builder.multipart(form(body, &request["uploads"])?),
            body => {
                let builder = builder.header("content-type", "application/json");
                builder.body(body.to_string())
            }
        };
        let rendered = |error: reqwest::Error| self.without_key(&chain(&error));
        let response = builder.send().await.map_err(rendered)?;
        let headers = response.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Ok(ServerResponse {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: response.bytes().await.map_err(rendered)?.to_vec(),
        })
    }
}

fn form(body: &Value, uploads: &Value) -> Result<Form, String> {
    let mut form = Form::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        let items = match value {
            Value::Array(items) => items,
            one => std::slice::from_ref(one),
        };
        for item in items {
            form = form.text(name.clone(), text(item));
        }
    }
    for (name, path) in uploads.as_object().into_iter().flatten() {
        let path = Path::new(path.as_str().unwrap_or_default());
        let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let file_name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        form = form.part(name.clone(), Part::bytes(bytes).file_name(file_name));
    }
    Ok(form)
}

/// An error with all its causes; reqwest's own words don't say what failed.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

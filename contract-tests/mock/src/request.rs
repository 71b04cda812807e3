//! Parsed requests: the parts that a response depends on.

use std::collections::BTreeMap;
use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use multer::Multipart;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::prefer::Prefer;

/// A request with its body.
#[derive(Debug)]
pub(crate) struct ParsedRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Strings; of a repeated parameter an array of them.
    pub(crate) query: Map<String, Value>,
    pub(crate) has_api_key: bool,
    pub(crate) prefer: Prefer,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) enum Body {
    Empty,
    /// JSON, or the reason why it is invalid. The media type is one of JSON, or missing.
    Json(Result<Value, String>),
    Form(Result<Form, String>),
    /// Another media type.
    Other(String),
}

/// A multipart form.
#[derive(Debug, Default)]
pub(crate) struct Form {
    /// Strings; of a repeated field an array of them.
    pub(crate) values: Map<String, Value>,
    pub(crate) files: BTreeMap<String, Bytes>,
}

impl ParsedRequest {
    /// Reads the complete body, because a response before its end would close the connection.
    pub(crate) async fn read(request: Request<Incoming>) -> Result<Self, hyper::Error> {
        let (head, body) = request.into_parts();
        let bytes = body.collect().await?.to_bytes();
        let media_type = header(&head.headers, "content-type");
        let key = header(&head.headers, "authorization");
        let key = key.and_then(|value| value.strip_prefix("Bearer "));
        Ok(Self {
            method: head.method.as_str().to_owned(),
            path: head.uri.path().to_owned(),
            query: query(head.uri.query().unwrap_or_default()),
            has_api_key: key.is_some_and(|key| !key.trim().is_empty()),
            prefer: Prefer::from_headers(&head.headers),
            body: Body::read(media_type, bytes).await,
        })
    }

    /// The value of a field of the body; null if it is absent.
    pub(crate) fn body_field(&self, field: &str) -> &Value {
        match &self.body {
            Body::Json(Ok(value)) => value.get(field),
            Body::Form(Ok(form)) => form.values.get(field),
            _ => None,
        }
        .unwrap_or(&Value::Null)
    }

    /// An uploaded file of a form.
    pub(crate) fn file(&self, field: &str) -> Option<&Bytes> {
        match &self.body {
            Body::Form(Ok(form)) => form.files.get(field),
            _ => None,
        }
    }
}

impl Body {
    async fn read(media_type: Option<&str>, bytes: Bytes) -> Self {
        if let Ok(boundary) = multer::parse_boundary(media_type.unwrap_or_default()) {
            let form = form(boundary, bytes).await;
            return Self::Form(form.map_err(|error| error.to_string()));
        }
        let media_type = media_type.map(|name| name.split(';').next().unwrap_or_default().trim());
        match media_type {
            _ if bytes.is_empty() => Self::Empty,
            Some(other) if !is_json(other) => Self::Other(other.to_owned()),
            _ => Self::Json(serde_json::from_slice(&bytes).map_err(|error| error.to_string())),
        }
    }
}

fn is_json(media_type: &str) -> bool {
    let media_type = media_type.to_ascii_lowercase();
    media_type == "application/json" || media_type.ends_with("+json")
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

async fn form(boundary: String, body: Bytes) -> Result<Form, multer::Error> {
    let body = futures_util::stream::iter([Ok::<_, Infallible>(body)]);
    let mut parts = Multipart::new(body, boundary);
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            form.files.insert(name, part.bytes().await?);
        } else {
            add(&mut form.values, name, part.text().await?);
        }
    }
    Ok(form)
}

fn query(text: &str) -> Map<String, Value> {
    let mut query = Map::new();
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        add(&mut query, decode(name), decode(value));
    }
    query
}

/// Adds a value to those of the same name.
fn add(values: &mut Map<String, Value>, name: String, value: String) {
    match values.get_mut(&name) {
        None => {
            values.insert(name, value.into());
        }
        Some(Value::Array(values)) => values.push(value.into()),
        Some(first) => *first = Value::Array(vec![first.take(), value.into()]),
    }
}

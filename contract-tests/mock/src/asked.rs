//! A request, read as far as answers depend on it.

use std::collections::BTreeMap;
use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use multer::Multipart;
use serde_json::{Map, Value};

/// A request with its body.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) has_key: bool,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) enum Body {
    /// Anything but a form: JSON, if it is any.
    Json(Result<Value, String>),
    Form(Result<Form, String>),
}

/// A multipart form.
#[derive(Debug, Default)]
pub(crate) struct Form {
    /// The values of its fields; of a repeated one a list.
    pub(crate) values: Map<String, Value>,
    pub(crate) files: BTreeMap<String, Bytes>,
}

impl Asked {
    /// Reads all of it: an answer before the end of the body would break the connection.
    pub(crate) async fn read(request: Request<Incoming>) -> Result<Self, hyper::Error> {
        let (head, body) = request.into_parts();
        let bytes = body.collect().await?.to_bytes();
        let media_type = header(&head.headers, "content-type").unwrap_or_default();
        let body = match multer::parse_boundary(media_type) {
            Ok(boundary) => Body::Form(
                form(boundary, bytes)
                    .await
                    .map_err(|error| error.to_string()),
            ),
            Err(_) => Body::Json(serde_json::from_slice(&bytes).map_err(|error| error.to_string())),
        };
        let key = header(&head.headers, "authorization");
        let key = key.and_then(|value| value.strip_prefix("Bearer "));
        Ok(Self {
            method: head.method.as_str().to_owned(),
            path: head.uri.path().to_owned(),
            has_key: key.is_some_and(|key| !key.trim().is_empty()),
            body,
        })
    }

    /// The value of a field of the body; null if there is none.
    pub(crate) fn value(&self, field: &str) -> &Value {
        match &self.body {
            Body::Json(Ok(value)) => value.get(field),
            Body::Form(Ok(form)) => form.values.get(field),
            Body::Json(Err(_)) | Body::Form(Err(_)) => None,
        }
        .unwrap_or(&Value::Null)
    }

    /// A file of a form.
    pub(crate) fn file(&self, field: &str) -> Option<&Bytes> {
        match &self.body {
            Body::Form(Ok(form)) => form.files.get(field),
            _ => None,
        }
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

async fn form(boundary: String, body: Bytes) -> Result<Form, multer::Error> {
    let whole = futures_util::stream::iter([Ok::<_, Infallible>(body)]);
    let mut parts = Multipart::new(whole, boundary);
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            form.files.insert(name, part.bytes().await?);
            continue;
        }
        let value = Value::from(part.text().await?);
        match form.values.get_mut(&name) {
            None => {
                form.values.insert(name, value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Ok(form)
}

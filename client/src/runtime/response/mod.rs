//! A successful answer.

pub(crate) mod atomic_file;
pub(crate) mod decode;
pub(crate) mod download;
pub(crate) mod selected;

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Serialize;
use serde_json::Value;

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::error::Error;
use crate::runtime::http::parts::ResponseParts;

/// A successful answer: the decoded value, and what it came with.
///
/// It dereferences to the value, so fields can be read straight away;
/// [`into_inner`](Response::into_inner) takes the value out.
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    head: ResponseParts,
    raw: Bytes,
}

impl<T> Response<T> {
    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The body's bytes as they arrived, with all fields that the types don't know.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// The status, always a 2xx.
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The server's id of this request, to be quoted to its support, if a header holds one.
    pub fn request_id(&self) -> Option<&str> {
        self.head.request_id()
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            value: change(self.value),
            head: self.head,
            raw: self.raw,
        }
    }

    pub(crate) fn new(value: T, head: ResponseParts, raw: Bytes) -> Self {
        Self { value, head, raw }
    }
}

impl<T: Serialize> Response<T> {
    /// The same answer with its value as JSON, for callers that know operations by name only.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the value has no form in JSON, which no generated type does.
    #[doc(hidden)]
    pub fn into_json_value(self) -> Result<Response<Value>, Error> {
        let value = serde_json::to_value(self.value).map_err(|error| {
            Error::new(
                ErrorKind::Decode,
                format!("the value has no form in JSON: {error}"),
            )
        })?;
        Ok(Response {
            value,
            head: self.head,
            raw: self.raw,
        })
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status().as_u16())
            .field("request_id", &self.request_id())
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

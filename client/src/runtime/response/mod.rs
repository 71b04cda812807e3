//! A successful response: decoded value, metadata, and raw body.

pub(crate) mod atomic_file;
pub(crate) mod decode;
pub(crate) mod download;
pub(crate) mod json;
pub(crate) mod selected;

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::runtime::http::parts::ResponseParts;
use crate::runtime::tolerance::deviation::Deviation;

/// A successful response: the decoded value with its status, headers and raw body.
///
/// It dereferences to the value, so fields can be read directly; [`into_inner`](Response::into_inner)
/// returns the value alone, [`into_parts`](Response::into_parts) the value with status and headers.
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    parts: ResponseParts,
    raw: Bytes,
    deviations: Vec<Deviation>,
}

impl<T> Response<T> {
    /// Returns the value.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Returns status and headers, and the value.
    pub fn into_parts(self) -> (ResponseParts, T) {
        (self.parts, self.value)
    }

    /// Returns the bytes of the body as they arrived, with the fields that the types don't know.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// Returns the status, always a 2xx.
    pub fn status(&self) -> StatusCode {
        self.parts.status()
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        self.parts.headers()
    }

    /// Returns the server's id of this request, to quote in a support request, if a header contains one.
    pub fn request_id(&self) -> Option<&str> {
        self.parts.request_id()
    }

    /// Converts the value; status, headers and raw body stay.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            value: convert(self.value),
            parts: self.parts,
            raw: self.raw,
            deviations: self.deviations,
        }
    }

    /// Returns the places where the body differs from the API schema, each read as its
    /// [`action`](Deviation::action) says. Empty for a valid response.
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    pub(crate) fn new(value: T, parts: ResponseParts, raw: Bytes) -> Self {
        Self {
            value,
            parts,
            raw,
            deviations: Vec::new(),
        }
    }

    pub(crate) fn with_deviations(mut self, deviations: Vec<Deviation>) -> Self {
        self.deviations = deviations;
        self
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> AsRef<T> for Response<T> {
    fn as_ref(&self) -> &T {
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

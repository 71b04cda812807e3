//! Answers whose form the request chooses.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::runtime::api::operation::Operation;
use crate::runtime::error::Error;
use crate::runtime::execute::media_types;
use crate::runtime::request::call::Call;
use crate::runtime::response::{Response, decode};
use crate::runtime::transport::BufferedResponse;

/// An answer that has one of several forms, by the value of a field of the request.
pub trait SelectedResponse: Sized + 'static {
    /// The field of the request that chooses.
    const FIELD: &'static str;
    /// What is chosen when the field isn't sent.
    const DEFAULT: &'static str;

    /// The form of the answer to a request whose field has this value.
    fn variant(requested: &str) -> ResponseVariant<Self>;
}

/// One form of an answer: its media type, and how its body becomes a value.
pub struct ResponseVariant<T> {
    media_type: Option<&'static str>,
    decode: Decode<T>,
}

type Decode<T> =
    Box<dyn Fn(&'static Operation, BufferedResponse) -> Result<Response<T>, Error> + Send + Sync>;

impl<T: 'static> ResponseVariant<T> {
    /// JSON of a type.
    pub fn json<U: DeserializeOwned + 'static>(media_type: &'static str, wrap: fn(U) -> T) -> Self {
        Self {
            media_type: Some(media_type),
            decode: Box::new(move |operation, answer| {
                Ok(decode::json::<U>(operation, answer)?.map(wrap))
            }),
        }
    }

    /// Text as it comes, which may be empty: nothing is parsed. An error object, a web page and JSON
    /// in its place are errors.
    pub fn text(media_type: &'static str, wrap: fn(String) -> T) -> Self {
        Self {
            media_type: Some(media_type),
            decode: Box::new(move |operation, answer| {
                Ok(decode::text_not_json(operation, answer)?.map(wrap))
            }),
        }
    }

    /// For what the contract doesn't list: text as it comes, which may be JSON. An error object and
    /// a web page are errors.
    pub fn undocumented(wrap: fn(String) -> T) -> Self {
        Self {
            media_type: None,
            decode: Box::new(move |operation, answer| {
                Ok(decode::text(operation, answer)?.map(wrap))
            }),
        }
    }
}

impl Call {
    /// Performs the call and decodes its answer by the form that was asked for, whatever shape would
    /// fit. An extra that overrides the field which asks also overrides `asked`.
    pub async fn send_selected<T: SelectedResponse>(
        self,
        requested: &str,
    ) -> Result<Response<T>, Error> {
        let form = T::variant(&match self.extra.get(T::FIELD) {
            None => Cow::Borrowed(requested),
            Some(Value::Null) => T::DEFAULT.into(),
            Some(Value::String(text)) => text.into(),
            Some(other) => other.to_string().into(),
        });
        let accept = match form.media_type {
            Some(media_type) => media_type.into(),
            None => media_types(self.operation, |_| true),
        };
        self.execute_buffered(&accept, form.decode).await
    }
}

impl<T> fmt::Debug for ResponseVariant<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseVariant")
            .field("media_type", &self.media_type)
            .finish_non_exhaustive()
    }
}

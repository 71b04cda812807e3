//! Responses whose format is selected by a field of the request.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::runtime::api::operation::Operation;
use crate::runtime::error::Error;
use crate::runtime::response::{Response, decode};
use crate::runtime::tolerance::Tolerance;
use crate::runtime::tolerance::deviation::{Deviation, DeviationAction, JsonType};
use crate::runtime::tolerance::schema::Described;
use crate::runtime::transport::BufferedResponse;

/// A response that has one of several formats, selected by a field of the request.
pub trait SelectedResponse: Sized + 'static {
    /// The field of the request that selects the format.
    const FIELD: &'static str;
    /// The value that applies if the field isn't sent.
    const DEFAULT: &'static str;

    /// Returns the format of the response to a request whose field has this value.
    fn variant(requested: &str) -> ResponseVariant<Self>;
}

/// One format of a response: its media type, and how its body is decoded.
pub struct ResponseVariant<T> {
    pub(crate) media_type: Option<&'static str>,
    pub(crate) decode: Decode<T>,
}

type Decode<T> =
    Box<dyn Fn(&'static Operation, BufferedResponse) -> Result<Response<T>, Error> + Send + Sync>;

impl<T: 'static> ResponseVariant<T> {
    /// JSON of one type.
    pub fn json<U: DeserializeOwned + Described + 'static>(
        media_type: &'static str,
        wrap: fn(U) -> T,
    ) -> Self {
        Self {
            media_type: Some(media_type),
            decode: Box::new(move |operation, response| {
                Ok(decode::json::<U>(operation, response)?.map(wrap))
            }),
        }
    }

    /// Text as it was sent, which may be empty. An error object, HTML and JSON are errors.
    pub fn text(media_type: &'static str, wrap: fn(String) -> T) -> Self {
        Self {
            media_type: Some(media_type),
            decode: Box::new(move |operation, response| {
                Ok(decode::text_not_json(operation, response)?.map(wrap))
            }),
        }
    }

    /// Returns the same format, which also takes a JSON object of this type instead of text.
    pub fn or_json<U: DeserializeOwned + Described + 'static>(self, wrap: fn(U) -> T) -> Self {
        let decode = self.decode;
        Self {
            media_type: self.media_type,
            decode: Box::new(move |operation, response| {
                if response.tolerance == Tolerance::Strict || !decode::is_json_object(&response) {
                    return decode(operation, response);
                }
                let deviation = Deviation::of_body(
                    operation.id,
                    "text",
                    JsonType::Object,
                    DeviationAction::Converted,
                );
                let response = decode::json::<U>(operation, response)?.map(wrap);
                let found = response.deviations().to_vec();
                Ok(response.with_deviations([vec![deviation], found].concat()))
            }),
        }
    }

    /// Text as it was sent, which may be JSON, for a value that the API doesn't document. An error object and HTML
    /// are errors.
    pub fn undocumented(wrap: fn(String) -> T) -> Self {
        Self {
            media_type: None,
            decode: Box::new(move |operation, response| {
                Ok(decode::text(operation, response)?.map(wrap))
            }),
        }
    }
}

impl<T> fmt::Debug for ResponseVariant<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseVariant")
            .field("media_type", &self.media_type)
            .finish_non_exhaustive()
    }
}

//! Builder of `multipart/form-data` bodies. Every attempt rebuilds its body.

use std::borrow::Cow;
use std::fmt;

use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::multipart::{Form, Part};
use reqwest::{Request, RequestBuilder};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::{FileField, Operation};
use crate::runtime::error::Error;
use crate::runtime::request::upload::Upload;

/// The fields of a form, without its files, in the order in which they are sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FormFields(Vec<(String, Value)>);

impl FormFields {
    /// Collects the fields of a value that serialises to a JSON object. A field of `extra` replaces a
    /// field with the same name.
    pub(crate) fn of(
        body: &impl Serialize,
        extra: &Map<String, Value>,
    ) -> serde_json::Result<Self> {
        // Serialised to text, because `serde_json::Value` does not preserve the order.
        let mut fields: Self = serde_json::from_slice(&serde_json::to_vec(body)?)?;
        for (name, value) in extra {
            match fields.0.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => known.clone_from(value),
                None => fields.0.push((name.clone(), value.clone())),
            }
        }
        Ok(fields)
    }

    /// Returns the value of a field, if the form has it.
    #[cfg(feature = "tracing")]
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let mut fields = self.0.iter();
        fields.find_map(|(known, value)| (known == name).then_some(value))
    }

    fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Returns names and texts of the parts: one for each field, one for each item of an array, none for
    /// `null`.
    fn parts(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.0.iter().flat_map(|(name, value)| {
            let items = match value {
                Value::Array(items) => items,
                single => std::slice::from_ref(single),
            };
            let present = items.iter().filter(|item| !item.is_null());
            present.map(|item| (name.as_str(), field_text(item)))
        })
    }
}

impl<'de> Deserialize<'de> for FormFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FormFieldsVisitor;

        impl<'de> Visitor<'de> for FormFieldsVisitor {
            type Value = FormFields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, whose fields become the form's")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FormFields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(FormFields(fields))
            }
        }

        deserializer.deserialize_map(FormFieldsVisitor)
    }
}

/// Adds the form to the request of one attempt and opens its uploads.
pub(crate) async fn attach_form(
    operation: &'static Operation,
    http: &reqwest::Client,
    mut request: Request,
    fields: &FormFields,
    uploads: &[(&'static str, Upload)],
) -> Result<Request, Error> {
    let invalid =
        |message: String| Error::for_operation(operation, ErrorKind::InvalidRequest, message);
    // Names are escaped by `escape_quoted`, as browsers do, because many servers do not support the
    // encodings of reqwest.
    let mut form = Form::new().percent_encode_noop();
    for (name, text) in fields.parts() {
        form = form.part(escape_quoted(name), Part::text(text.into_owned()));
    }
    for (name, upload) in uploads {
        // An `extra` field with this name replaces the file.
        if fields.contains(name) {
            continue;
        }
        let opened = upload.open(operation).await?;
        let part = match opened.length {
            Some(length) => Part::stream_with_length(opened.body, length),
            None => Part::stream(opened.body),
        };
        let media_type = upload.part_content_type(operation.upload(name));
        let part = part.mime_str(media_type).map_err(|error| {
            invalid(format!("invalid content type {media_type:?}")).with_source(error)
        })?;
        form = form.part(
            *name,
            part.file_name(escape_quoted(upload.part_file_name())),
        );
    }
    // A header of the caller would lack the boundary or have the wrong length.
    request.headers_mut().remove(CONTENT_TYPE);
    request.headers_mut().remove(CONTENT_LENGTH);
    let request = RequestBuilder::from_parts(http.clone(), request).multipart(form);
    request.build().map_err(|error| {
        invalid(format!("failed to build the multipart body: {error}")).with_source(error)
    })
}

/// Returns a warning if the extension of an upload is not among those that the API documents.
pub(crate) fn extension_warning(field: &FileField, upload: &Upload) -> Option<String> {
    if field.extensions.is_empty() || field.content_type(upload.part_file_name()).is_some() {
        return None;
    }
    let documented: Vec<&str> = field.extensions.iter().map(|(name, _)| *name).collect();
    Some(format!(
        "{}: the API documents {}",
        upload.part_file_name(),
        documented.join(", ")
    ))
}

/// Escapes quotes and control characters, which would end the quoted name or its line, as `%` and two
/// hexadecimal digits.
fn escape_quoted(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter == '"' || letter.is_ascii_control() {
            escaped.push_str(&format!("%{:02X}", u32::from(letter)));
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

/// Returns a string unchanged and any other value as JSON.
fn field_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parts(body: &impl Serialize, extra: Value) -> Vec<(String, String)> {
        let Value::Object(extra) = extra else {
            panic!("{extra}")
        };
        let fields = FormFields::of(body, &extra).unwrap();
        let parts = fields.parts();
        parts
            .map(|(name, text)| (name.to_owned(), text.into_owned()))
            .collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[derive(Serialize)]
    struct Body {
        z: &'static str,
        #[serde(rename = "m[]")]
        m: [u8; 2],
        a: Option<f64>,
    }

    const BODY: Body = Body {
        z: "1 ",
        m: [1, 2],
        a: Some(0.1),
    };

    #[test]
    fn fields_keep_their_order() {
        let expected = [("z", "1 "), ("m[]", "1"), ("m[]", "2"), ("a", "0.1")];
        assert_eq!(parts(&BODY, json!({})), pairs(&expected));
    }

    #[test]
    fn an_extra_field_replaces_a_field_of_the_body() {
        let extra = json!({"z": false, "m[]": ["x"], "a": null, "new": "y"});
        let expected = [("z", "false"), ("m[]", "x"), ("new", "y")];
        assert_eq!(parts(&BODY, extra), pairs(&expected));
    }

    #[test]
    fn null_adds_no_part_and_an_empty_string_adds_one() {
        let body = json!({"a": null, "b": [], "c": [null], "d": ""});
        assert_eq!(parts(&body, json!({})), pairs(&[("d", "")]));
    }

    #[test]
    fn quotes_and_control_characters_in_names_are_escaped() {
        assert_eq!(escape_quoted("größe[] %22'\\"), "größe[] %22'\\");
        assert_eq!(escape_quoted("a\"b\r\nc\0\u{7f}"), "a%22b%0D%0Ac%00%7F");
    }
}

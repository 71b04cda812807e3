//! Input of a call by name, for callers that know operations by id only.

use std::path::PathBuf;

use cometapi::{Error, ErrorKind, Upload};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The input of an operation: `{"parameters": {name: value}, "uploads": {name: path},
/// "body": {...}}`, each optional.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationInput {
    parameters: Option<Map<String, Value>>,
    uploads: Option<Map<String, Value>>,
    body: Option<Value>,
}

impl OperationInput {
    /// Parses the JSON.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] if it has another shape.
    pub fn new(input: Value) -> Result<Self, Error> {
        match input.is_object() {
            true => typed("the input", input),
            false => typed::<Map<_, _>>("the input", input).map(|_| Self::default()),
        }
    }

    /// A path, query or header parameter; absent or `null` is `None`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] if it isn't of the type.
    pub fn parameter<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        match self.parameters.as_ref().and_then(|all| all.get(name)) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => typed(&format!("parameter `{name}`"), value.clone()).map(Some),
        }
    }

    /// The file of a form, by its path; absent or `null` is `None`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] if it is no path.
    pub fn upload(&self, name: &str) -> Result<Option<Upload>, Error> {
        match self.uploads.as_ref().and_then(|all| all.get(name)) {
            None | Some(Value::Null) => Ok(None),
            Some(path) => {
                let path: PathBuf = typed(&format!("upload `{name}`"), path.clone())?;
                Ok(Some(Upload::path(path)))
            }
        }
    }

    /// The body; absent is an empty object.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] if it isn't of the type, naming the field.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Error> {
        typed(
            "body",
            self.body
                .clone()
                .unwrap_or_else(|| Value::Object(Map::new())),
        )
    }
}

fn typed<T: DeserializeOwned>(what: &str, value: Value) -> Result<T, Error> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let message = format!("{what}: {error}");
        Error::new(ErrorKind::InvalidRequest, message)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn gives_parameters_and_body_by_type() {
        let arguments = json!({"parameters": {"id": "a", "limit": 5, "after": null}, "body": [1]});
        let arguments = OperationInput::new(arguments).unwrap();
        assert_eq!(
            arguments.parameter::<String>("id").unwrap().as_deref(),
            Some("a")
        );
        assert_eq!(arguments.parameter::<u8>("limit").unwrap(), Some(5));
        assert_eq!(arguments.parameter::<u8>("after").unwrap(), None);
        assert_eq!(arguments.parameter::<u8>("other").unwrap(), None);
        assert_eq!(arguments.body::<Vec<u8>>().unwrap(), [1]);
        assert_eq!(
            OperationInput::default().body::<Value>().unwrap(),
            json!({})
        );
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let arguments =
            OperationInput::new(json!({"parameters": {"id": "a"}, "body": [1, "x"]})).unwrap();
        let error = arguments.parameter::<u8>("id").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(
            error.message().starts_with("parameter `id`: invalid type"),
            "{error}"
        );
        let error = arguments.body::<Vec<u8>>().unwrap_err();
        assert!(
            error.message().starts_with("body: [1]: invalid type"),
            "{error}"
        );
        for wrong in [json!([]), json!({"parameters": []}), json!({"bodi": {}})] {
            assert_eq!(
                OperationInput::new(wrong).unwrap_err().kind(),
                ErrorKind::InvalidRequest
            );
        }
    }
}

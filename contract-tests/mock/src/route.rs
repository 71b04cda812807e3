//! Which operation of the contract a request requests.

use cometapi_contract::{Contract, Operation};
use http::StatusCode;
use serde_json::json;

use crate::StartError;
use crate::fault::Faults;
use crate::remembered_audio::RememberedAudio;
use crate::request::ParsedRequest;
use crate::response::{Delivery, MockResponse};
use crate::select_example::OperationHandler;
use crate::suggestion::{is_parameter, suggest_route};

/// The operations of a contract, as a server sees them.
#[derive(Debug)]
pub(crate) struct Routes {
    /// Method and path, for people.
    lines: Vec<(String, String)>,
    /// In the order of `lines`.
    responses: Vec<OperationHandler>,
    spoken: RememberedAudio,
}

impl Routes {
    pub(crate) fn new(contract: &Contract) -> Result<Self, StartError> {
        let operations = contract.operations();
        let spoken = RememberedAudio::new(&operations)?;
        let line = |operation: &Operation<'_>| {
            (operation.method().to_owned(), operation.path().to_owned())
        };
        let response = |operation| OperationHandler::new(operation, &spoken);
        Ok(Self {
            lines: operations.iter().map(line).collect(),
            responses: operations.iter().map(response).collect::<Result<_, _>>()?,
            spoken,
        })
    }

    pub(crate) fn deliver(&self, asked: &ParsedRequest, faults: &Faults) -> Delivery {
        let (method, path) = (&asked.method, &asked.path);
        let fits = |line: &(String, String)| &line.0 == method && fits(&line.1, path);
        match self.lines.iter().position(fits) {
            Some(index) => self.responses[index].deliver(asked, &self.spoken, faults),
            None => Delivery::Complete(self.unknown(method, path)),
        }
    }

    fn unknown(&self, method: &str, path: &str) -> MockResponse {
        let mut message = format!("the contract has no {method} {path}");
        if let Some((method, path)) = suggest_route(&self.lines, method, path) {
            message.push_str(&format!("; the nearest it has is {method} {path}"));
        }
        let error = json!({
            "error": { "message": message, "type": "mock_error", "code": "no_such_operation" },
        });
        MockResponse::json(StatusCode::NOT_FOUND, &error)
    }
}

/// A `{parameter}` stands for one segment, and not for an empty one.
fn fits(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let mut documented = template.split('/');
    loop {
        match (documented.next(), segments.next()) {
            (None, None) => return true,
            (Some(expected), Some(segment)) => {
                let fits = match is_parameter(expected) {
                    true => !segment.is_empty(),
                    false => expected == segment,
                };
                if !fits {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_parameter_is_one_segment() {
        assert!(fits("/things/{id}/parts", "/things/7/parts"));
        assert!(!fits("/things/{id}/parts", "/things//parts"));
        assert!(!fits("/things/{id}/parts", "/things/7/8/parts"));
        assert!(!fits("/things/{id}", "/things"));
    }

    #[test]
    fn a_trailing_slash_is_another_path() {
        assert!(!fits("/things", "/things/"));
    }
}

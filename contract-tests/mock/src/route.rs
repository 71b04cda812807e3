//! Routes from method and path to the operations of a contract, with a suggestion where none matches.

use cometapi_contract::Contract;
use http::StatusCode;
use serde_json::json;
use strsim::levenshtein;

use crate::StartError;
use crate::fault::FaultInjector;
use crate::remembered_audio::RememberedAudio;
use crate::request::ParsedRequest;
use crate::response::{Delivery, MockResponse};
use crate::select_example::OperationHandler;

/// What another method adds to the edit distance of the path.
const METHOD_PENALTY: usize = 3;

/// The handlers of a contract's operations.
#[derive(Debug)]
pub(crate) struct Router {
    /// Method and path template of each operation.
    templates: Vec<(String, String)>,
    /// In the order of `templates`.
    handlers: Vec<OperationHandler>,
    audio: RememberedAudio,
}

impl Router {
    pub(crate) fn new(contract: &Contract) -> Result<Self, StartError> {
        let operations = contract.operations();
        let audio = RememberedAudio::new(&operations)?;
        let mut templates = Vec::new();
        let mut handlers = Vec::new();
        for operation in &operations {
            templates.push((operation.method().to_owned(), operation.path().to_owned()));
            handlers.push(OperationHandler::new(operation, &audio)?);
        }
        Ok(Self {
            templates,
            handlers,
            audio,
        })
    }

    pub(crate) fn handle(&self, request: &ParsedRequest, faults: &FaultInjector) -> Delivery {
        let (method, path) = (&request.method, &request.path);
        let mut templates = self.templates.iter();
        match templates.position(|route| route.0 == *method && matches(&route.1, path)) {
            Some(index) => self.handlers[index].handle(request, &self.audio, faults),
            None => Delivery::Complete(self.not_found(method, path)),
        }
    }

    fn not_found(&self, method: &str, path: &str) -> MockResponse {
        let mut message = format!("the contract has no {method} {path}");
        if let Some((method, path)) = suggest_route(&self.templates, method, path) {
            message.push_str(&format!("; the nearest it has is {method} {path}"));
        }
        let error = json!({
            "error": { "message": message, "type": "mock_error", "code": "no_such_operation" },
        });
        MockResponse::json(StatusCode::NOT_FOUND, &error)
    }
}

/// The method and path of `candidates` with the least edit distance to the requested ones.
///
/// A `{parameter}` in a candidate's path equals any segment.
pub fn suggest_route<'a>(
    candidates: &'a [(String, String)],
    method: &str,
    path: &str,
) -> Option<&'a (String, String)> {
    candidates
        .iter()
        .min_by_key(|(candidate_method, template)| {
            let penalty = match candidate_method == method {
                true => 0,
                false => METHOD_PENALTY,
            };
            penalty + levenshtein(&fill_parameters(template, path), path)
        })
}

fn fill_parameters(template: &str, path: &str) -> String {
    let mut segments = path.split('/');
    let fill = |expected| match segments.next() {
        Some(segment) if is_parameter(expected) => segment,
        _ => expected,
    };
    template.split('/').map(fill).collect::<Vec<_>>().join("/")
}

/// A `{parameter}` matches one segment that isn't empty.
fn matches(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(expected, segment)| {
            expected == segment || is_parameter(expected) && !segment.is_empty()
        })
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

#[cfg(test)]
mod tests {
    use super::{matches, suggest_route};

    fn suggestion(candidates: [(&str, &str); 2], method: &str, path: &str) -> Option<usize> {
        let candidates = candidates.map(|(method, path)| (method.to_owned(), path.to_owned()));
        let found = suggest_route(&candidates, method, path);
        candidates
            .iter()
            .position(|candidate| Some(candidate) == found)
    }

    #[test]
    fn a_parameter_is_one_segment() {
        assert!(matches("/things/{id}/parts", "/things/7/parts"));
        assert!(!matches("/things/{id}/parts", "/things//parts"));
        assert!(!matches("/things/{id}/parts", "/things/7/8/parts"));
        assert!(!matches("/things/{id}", "/things"));
    }

    #[test]
    fn a_trailing_slash_is_another_path() {
        assert!(!matches("/things", "/things/"));
    }

    #[test]
    fn the_path_counts_more_than_the_method() {
        let candidates = [("GET", "/things"), ("POST", "/things/search")];
        assert_eq!(suggestion(candidates, "POST", "/thing"), Some(0));
        assert_eq!(suggest_route(&[], "GET", "/"), None);
    }

    #[test]
    fn a_parameter_equals_any_segment() {
        let candidates = [("GET", "/things"), ("GET", "/things/{thing_id}/parts")];
        assert_eq!(suggestion(candidates, "GET", "/things/7/part"), Some(1));
    }
}

//! Which requests an operation of the contract is asked by.

use cometapi_contract::Operation;
use wiremock::{Match, Request};

use crate::Unusable;
use crate::answer::Answer;
use crate::nearest::is_parameter;

/// An operation as a server sees it.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    method: String,
    path: String,
    pub(crate) answer: Answer,
}

impl Route {
    pub(crate) fn new(operation: &Operation<'_>) -> Result<Self, Unusable> {
        Ok(Self {
            method: operation.method().to_owned(),
            path: operation.path().to_owned(),
            answer: Answer::new(operation)?,
        })
    }

    /// Its method and path, for people.
    pub(crate) fn line(&self) -> (String, String) {
        (self.method.clone(), self.path.clone())
    }
}

impl Match for Route {
    fn matches(&self, request: &Request) -> bool {
        request.method.as_str() == self.method && fits(&self.path, request.url.path())
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

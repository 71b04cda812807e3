//! The `Prefer` header of a request, and the examples it can choose.

use cometapi_contract::{Example, Operation, Response};
use http::{HeaderMap, StatusCode};

use crate::StartError;
use crate::response::MockResponse;

/// `code=429`, `example=NAME`, or both. Other preferences are ignored.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefer {
    pub(crate) code: Option<String>,
    pub(crate) example: Option<String>,
}

/// All examples of an operation's responses, those of its success first.
#[derive(Debug)]
pub(crate) struct NamedExamples {
    operation: String,
    examples: Vec<NamedExample>,
}

#[derive(Debug)]
struct NamedExample {
    /// The key of the response in the contract, such as `200` or `2XX`.
    status: String,
    is_success: bool,
    name: String,
    response: MockResponse,
}

impl Prefer {
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        let values = headers.get_all("prefer").into_iter();
        let values = values.filter_map(|value| value.to_str().ok());
        let mut prefer = Self::default();
        for preference in values.flat_map(|value| value.split([',', ';'])) {
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = Some(value.trim().trim_matches('"').to_owned());
            match name.trim().to_ascii_lowercase().as_str() {
                "code" => prefer.code = value,
                "example" => prefer.example = value,
                _ => {}
            }
        }
        prefer
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl NamedExamples {
    pub(crate) fn new(operation: &Operation<'_>) -> Result<Self, StartError> {
        let mut responses = operation.responses();
        responses.sort_by_key(|response| !response.is_success());
        let mut examples = Vec::new();
        for response in responses {
            for media_type in response.media_types() {
                for example in media_type.examples(response.status) {
                    examples.push(NamedExample::new(&response, &example)?);
                }
            }
        }
        Ok(Self {
            operation: operation.id().to_owned(),
            examples,
        })
    }

    /// The preferred response; none if the default one satisfies the preference. The error lists the examples there are.
    pub(crate) fn select(
        &self,
        prefer: &Prefer,
        default: &MockResponse,
    ) -> Result<Option<MockResponse>, String> {
        let code = prefer.code.as_deref();
        let examples = self.examples.iter();
        let examples = examples.filter(|example| code.is_none_or(|code| example.has_status(code)));
        let examples: Vec<&NamedExample> = examples.collect();
        let Some(first) = examples.first() else {
            let wanted = format!("response {}", code.unwrap_or_default());
            let statuses = self.examples.iter().map(|example| &*example.status);
            return Err(self.not_documented(&wanted, statuses));
        };
        let selected = match &prefer.example {
            None if first.is_success => return Ok(None),
            None => first,
            Some(name) => {
                let mut named = examples.iter().filter(|example| example.name == *name);
                let same_type =
                    |example: &&&NamedExample| example.response.media_type == default.media_type;
                match named.clone().find(same_type).or(named.next()) {
                    Some(found) => found,
                    None => {
                        let of_code = code.map(|code| format!(" of {code}")).unwrap_or_default();
                        let names = examples.iter().map(|example| &*example.name);
                        return Err(
                            self.not_documented(&format!("example {name:?}{of_code}"), names)
                        );
                    }
                }
            }
        };
        let mut response = selected.response.clone();
        // The example may be of a range, such as `2XX`.
        if let Some(Ok(code)) = code.map(str::parse::<StatusCode>) {
            response.status = code;
        }
        Ok(Some(response))
    }

    fn not_documented<'n>(&self, wanted: &str, there_are: impl Iterator<Item = &'n str>) -> String {
        let mut known: Vec<&str> = Vec::new();
        for name in there_are {
            if !known.contains(&name) {
                known.push(name);
            }
        }
        let (operation, known) = (&self.operation, known.join(", "));
        format!("{operation} documents no {wanted}; there are: {known}")
    }
}

impl NamedExample {
    fn new(response: &Response<'_>, example: &Example<'_>) -> Result<Self, StartError> {
        Ok(Self {
            status: response.status.to_owned(),
            is_success: response.is_success(),
            name: example.name.to_owned(),
            response: MockResponse::from_example(example)?,
        })
    }

    fn has_status(&self, code: &str) -> bool {
        let range = self.status.strip_suffix("XX");
        self.status == code || code.len() == 3 && range.is_some_and(|range| code.starts_with(range))
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::Prefer;

    #[test]
    fn preferences_stand_in_one_header_or_several() {
        let both = Prefer {
            code: Some("429".into()),
            example: Some("busy".into()),
        };
        for values in [
            &["code=429, example=busy"][..],
            &["code=429", "example=busy"],
            &["respond-async; Example = \"busy\";code=429"],
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("prefer", HeaderValue::from_static(value));
            }
            assert_eq!(Prefer::from_headers(&headers), both, "{headers:?}");
        }
        assert!(Prefer::from_headers(&HeaderMap::new()).is_empty());
    }
}

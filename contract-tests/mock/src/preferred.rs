//! The documented responses by status and name, for requests that prefer one.

use cometapi_contract::{Operation, Response};
use http::StatusCode;

use crate::StartError;
use crate::prefer::Prefer;
use crate::response::MockResponse;

/// All examples of an operation, those of its success first.
#[derive(Debug)]
pub(crate) struct Documented {
    operation: String,
    examples: Vec<Named>,
}

#[derive(Debug)]
struct Named {
    /// As written, such as `2XX`.
    status: String,
    is_success: bool,
    name: String,
    reply: MockResponse,
}

impl Documented {
    pub(crate) fn new(operation: &Operation<'_>) -> Result<Self, StartError> {
        let mut responses = operation.responses();
        responses.sort_by_key(|response| !response.is_success());
        let named = responses.iter().flat_map(named);
        Ok(Self {
            operation: operation.id().to_owned(),
            examples: named.collect::<Result<_, _>>()?,
        })
    }

    /// The preferred response; none if the usual one will do. The error says what there is.
    pub(crate) fn preferred(
        &self,
        prefer: &Prefer,
        usual: &MockResponse,
    ) -> Result<Option<MockResponse>, String> {
        let of_code: Vec<&Named> = match &prefer.code {
            Some(code) => self
                .examples
                .iter()
                .filter(|one| one.responses(code))
                .collect(),
            None => self.examples.iter().collect(),
        };
        let Some(first) = of_code.first() else {
            let code = prefer.code.as_deref().unwrap_or_default();
            let statuses = self.examples.iter().map(|one| &one.status);
            return Err(self.lacking(&format!("response {code}"), statuses));
        };
        let chosen = match &prefer.example {
            None if first.is_success => return Ok(None),
            None => first,
            Some(name) => {
                let mut fitting = of_code.iter().filter(|one| one.name == *name);
                let usual = |one: &&&Named| one.reply.media_type == usual.media_type;
                match fitting.clone().find(usual).or(fitting.next()) {
                    Some(found) => found,
                    None => {
                        let names = of_code.iter().map(|one| &one.name);
                        let of = prefer.code.as_ref().map(|code| format!(" of {code}"));
                        let wanted = format!("example {name:?}{}", of.unwrap_or_default());
                        return Err(self.lacking(&wanted, names));
                    }
                }
            }
        };
        let mut reply = chosen.reply.clone();
        // One of a range, such as `2XX`.
        if let Some(Ok(code)) = prefer.code.as_deref().map(str::parse::<StatusCode>) {
            reply.status = code;
        }
        Ok(Some(reply))
    }

    fn lacking<'n>(&self, wanted: &str, there_are: impl Iterator<Item = &'n String>) -> String {
        let mut known: Vec<&str> = Vec::new();
        for name in there_are {
            if !known.contains(&name.as_str()) {
                known.push(name);
            }
        }
        let (operation, known) = (&self.operation, known.join(", "));
        format!("{operation} documents no {wanted}; there are: {known}")
    }
}

impl Named {
    fn responses(&self, code: &str) -> bool {
        let range = self.status.strip_suffix("XX");
        self.status == code || code.len() == 3 && range.is_some_and(|range| code.starts_with(range))
    }
}

fn named(response: &Response<'_>) -> Vec<Result<Named, StartError>> {
    let media_types = response.media_types().into_iter();
    let examples = media_types.flat_map(|media_type| media_type.examples(response.status));
    let named = |example: cometapi_contract::Example<'_>| {
        Ok(Named {
            status: response.status.to_owned(),
            is_success: response.is_success(),
            name: example.name.to_owned(),
            reply: MockResponse::of(&example)?,
        })
    };
    examples.map(named).collect()
}

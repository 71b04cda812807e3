//! What an operation answers: an example of its contract, chosen by what was asked.

use std::borrow::Cow;
use std::collections::BTreeMap;

use cometapi_contract::{Example, MediaType, Node, Operation, Response};
use serde_json::Value;
use wiremock::{Request, ResponseTemplate};

use crate::Unusable;

const EVENT_STREAM: &str = "text/event-stream";

/// Everything an operation can answer here, read from the contract once.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    usual: ResponseTemplate,
    /// The request field that asks for an event stream, and the stream.
    streamed: Option<(String, ResponseTemplate)>,
    chosen: Option<Chosen>,
    /// What a request without a key gets, where one is asked for.
    unauthorized: Option<ResponseTemplate>,
}

/// Answers by the value of a request field.
#[derive(Clone, Debug)]
struct Chosen {
    field: String,
    by_value: BTreeMap<String, ResponseTemplate>,
}

impl Answer {
    pub(crate) fn new(operation: &Operation<'_>) -> Result<Self, Unusable> {
        let unusable = |what: &str| Unusable::new(format!("{} {what}", operation.id()));
        let success = operation.success();
        let success = success.ok_or_else(|| unusable("documents no success"))?;
        let chosen = Chosen::new(&success)?;
        let usual = match chosen.as_ref().and_then(|chosen| chosen.default(&success)) {
            Some(default) => default,
            None => {
                let examples = examples(&success, |media_type| media_type.name != EVENT_STREAM);
                let usual = usual(operation, &examples)?;
                usual.ok_or_else(|| unusable("documents no example of its success"))?
            }
        };
        let streamed = match operation.node().text("x-stream-flag") {
            Some(flag) => {
                let streams = examples(&success, |media_type| media_type.name == EVENT_STREAM);
                let stream = streams.first().map(template).transpose()?;
                stream.map(|stream| (flag.to_owned(), stream))
            }
            None => None,
        };
        let unauthorized = match operation.authenticated() {
            true => Some(unauthorized(operation)?),
            false => None,
        };
        Ok(Self {
            usual,
            streamed,
            chosen,
            unauthorized,
        })
    }

    pub(crate) fn to(&self, request: &Request) -> ResponseTemplate {
        if let Some(unauthorized) = &self.unauthorized
            && !bears_a_key(request)
        {
            return unauthorized.clone();
        }
        let body: Value = request.body_json().unwrap_or_default();
        if let Some((flag, stream)) = &self.streamed
            && body[flag] == true
        {
            return stream.clone();
        }
        let chosen = self.chosen.as_ref().and_then(|chosen| {
            let value = body[&chosen.field].as_str()?;
            chosen.by_value.get(value)
        });
        chosen.unwrap_or(&self.usual).clone()
    }
}

impl Chosen {
    fn new(success: &Response<'_>) -> Result<Option<Self>, Unusable> {
        let Some(choice) = success.node.get("x-chosen-by") else {
            return Ok(None);
        };
        let mut by_value = BTreeMap::new();
        for (value, chosen) in choice.get("values").iter().flat_map(Node::entries) {
            let Some(name) = chosen.text("media-type") else {
                continue;
            };
            // Values may share a media type: the example whose name begins with it is its own.
            let media_types = success.media_types();
            let Some(media_type) = media_types.iter().find(|found| found.name == name) else {
                continue;
            };
            let examples = media_type.examples(success.status);
            let own = examples
                .iter()
                .find(|example| example.name.starts_with(value));
            if let Some(example) = own.or(examples.first()) {
                by_value.insert(value.to_owned(), template(example)?);
            }
        }
        Ok(choice.text("field").map(|field| Self {
            field: field.to_owned(),
            by_value,
        }))
    }

    fn default(&self, success: &Response<'_>) -> Option<ResponseTemplate> {
        let choice = success.node.get("x-chosen-by")?;
        self.by_value.get(choice.text("default")?).cloned()
    }
}

/// An answer to a request without a body has nothing to fit: the longest example shows the most.
/// Otherwise it is the first, the one that the contract puts forward.
fn usual(
    operation: &Operation<'_>,
    examples: &[Example<'_>],
) -> Result<Option<ResponseTemplate>, Unusable> {
    if !operation.request_bodies().is_empty() {
        return examples.first().map(template).transpose();
    }
    let mut longest: Option<(usize, &Example<'_>)> = None;
    for example in examples {
        let length = bytes(example)?.len();
        if longest.is_none_or(|(most, _)| length > most) {
            longest = Some((length, example));
        }
    }
    longest.map(|(_, example)| template(example)).transpose()
}

fn examples<'c>(
    response: &Response<'c>,
    fits: impl Fn(&MediaType<'c>) -> bool,
) -> Vec<Example<'c>> {
    let media_types = response.media_types();
    let fitting = media_types.iter().filter(|media_type| fits(media_type));
    fitting
        .flat_map(|media_type| media_type.examples(response.status))
        .collect()
}

fn unauthorized(operation: &Operation<'_>) -> Result<ResponseTemplate, Unusable> {
    let responses = operation.responses();
    let documented = responses.iter().find(|response| response.status == "401");
    let documented = documented.map(|response| examples(response, |_| true));
    if let Some(example) = documented.as_ref().and_then(|examples| examples.first()) {
        return template(example);
    }
    let message = format!("{} needs a key", operation.id());
    let error = serde_json::json!({ "error": { "message": message } });
    Ok(ResponseTemplate::new(401).set_body_json(error))
}

fn bytes<'c>(example: &Example<'c>) -> Result<Cow<'c, [u8]>, Unusable> {
    example.bytes().map_err(|error| {
        let (file, line) = (example.node.contract().file(), example.node.line());
        Unusable::new(format!("{}:{line}: {error}", file.display()))
    })
}

fn template(example: &Example<'_>) -> Result<ResponseTemplate, Unusable> {
    // `2XX` stands for any of them.
    let status = example.status.parse().unwrap_or(200);
    let template = ResponseTemplate::new(status);
    Ok(template.set_body_raw(bytes(example)?, example.media_type))
}

fn bears_a_key(request: &Request) -> bool {
    let value = request.headers.get("authorization");
    let value = value.and_then(|value| value.to_str().ok());
    value
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|key| !key.trim().is_empty())
}

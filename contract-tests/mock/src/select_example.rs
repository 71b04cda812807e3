//! What an operation responds: an example of its contract, chosen by what was requested.

use std::collections::BTreeMap;

use cometapi_contract::{Example, MediaType, Operation, Response, ResponseSelector};
use serde_json::Value;

use crate::StartError;
use crate::fault::{Fault, Faults, passing_errors};
use crate::preferred::Documented;
use crate::remembered_audio::{RememberedAudio, retold};
use crate::request::{Body, ParsedRequest};
use crate::response::{Delivery, EVENT_STREAM, MockResponse};
use crate::validation_error::RequestValidator;

/// Everything an operation can respond here, read from the contract once.
#[derive(Debug)]
pub(crate) struct OperationHandler {
    demands: RequestValidator,
    documented: Documented,
    usual: MockResponse,
    /// The request field that requests an event stream, and the stream.
    streamed: Option<(String, MockResponse)>,
    chosen: Option<Chosen>,
    /// The file whose bytes have to be known.
    heard: Option<String>,
    /// Errors that may come at any time.
    passing: Vec<MockResponse>,
}

/// Responses by the value of a request field.
#[derive(Clone, Debug)]
struct Chosen {
    field: String,
    by_value: BTreeMap<String, MockResponse>,
}

impl OperationHandler {
    pub(crate) fn new(
        operation: &Operation<'_>,
        spoken: &RememberedAudio,
    ) -> Result<Self, StartError> {
        let unusable = |what: &str| StartError::contract(format!("{} {what}", operation.id()));
        let success = operation.success();
        let success = success.ok_or_else(|| unusable("documents no success"))?;
        let choice = success.response_selector();
        let chosen = choice.as_ref().map(|choice| Chosen::new(&success, choice));
        let chosen = chosen.transpose()?;
        let default = choice.and_then(|choice| chosen.as_ref()?.by_value.get(choice.default?));
        let usual = match default {
            Some(default) => default.clone(),
            None => {
                let examples = examples(&success, |media_type| media_type.name != EVENT_STREAM);
                let usual = usual(operation, &examples)?;
                usual.ok_or_else(|| unusable("documents no example of its success"))?
            }
        };
        let streamed = match operation.node().str("x-stream-parameter") {
            Some(flag) => {
                let streams = examples(&success, |media_type| media_type.name == EVENT_STREAM);
                let stream = streams.first().map(MockResponse::of).transpose()?;
                stream.map(|stream| (flag.to_owned(), stream))
            }
            None => None,
        };
        Ok(Self {
            demands: RequestValidator::new(operation)?,
            documented: Documented::new(operation)?,
            usual,
            streamed,
            chosen,
            heard: heard(operation, spoken),
            passing: passing_errors(operation)?,
        })
    }

    /// Responses, or fails to. What a request prefers never fails.
    pub(crate) fn deliver(
        &self,
        asked: &ParsedRequest,
        spoken: &RememberedAudio,
        faults: &Faults,
    ) -> Delivery {
        let fault = match asked.prefer.is_empty() {
            true => faults.next(),
            false => None,
        };
        match fault {
            None => Delivery::Complete(self.to(asked, spoken)),
            Some(Fault::Error(chance)) => match pick(chance, self.passing.len()) {
                Some(index) => Delivery::Complete(self.passing[index].clone()),
                None => Delivery::Disconnect,
            },
            Some(Fault::Truncate(chance)) => {
                let reply = self.to(asked, spoken);
                match pick(chance, reply.body.len()) {
                    Some(at) => Delivery::Truncated(reply, at),
                    None => Delivery::Disconnect,
                }
            }
            Some(Fault::Disconnect) => Delivery::Disconnect,
        }
    }

    fn to(&self, asked: &ParsedRequest, spoken: &RememberedAudio) -> MockResponse {
        if let Some(refusal) = self.demands.refuse(asked) {
            return refusal;
        }
        let usual = self.asked_for(asked);
        match self.documented.preferred(&asked.prefer, &usual) {
            Ok(Some(preferred)) => preferred,
            Ok(None) => self.told(usual, asked, spoken),
            Err(message) => self.demands.bad_request(&message, None),
        }
    }

    /// The response in the form that the request requests.
    fn asked_for(&self, asked: &ParsedRequest) -> MockResponse {
        if let Some((flag, stream)) = &self.streamed
            && asked.value(flag) == true
        {
            return stream.clone();
        }
        let chosen = self.chosen.as_ref().and_then(|chosen| {
            let value = asked.value(&chosen.field).as_str()?;
            chosen.by_value.get(value)
        });
        chosen.unwrap_or(&self.usual).clone()
    }

    /// The response with what the mock remembers.
    fn told(
        &self,
        reply: MockResponse,
        asked: &ParsedRequest,
        spoken: &RememberedAudio,
    ) -> MockResponse {
        if let Body::Json(Ok(Value::Object(fields))) = &asked.body {
            spoken.remember(&reply.body, fields);
        }
        let Some(file) = &self.heard else {
            return reply;
        };
        match asked.file(file).and_then(|bytes| spoken.hear(bytes)) {
            Some(replaced) => retold(reply, &replaced),
            None => {
                let message = "the mock understands only what it has said itself";
                self.demands.bad_request(message, Some(file))
            }
        }
    }
}

impl Chosen {
    fn new(success: &Response<'_>, choice: &ResponseSelector<'_>) -> Result<Self, StartError> {
        let mut by_value = BTreeMap::new();
        for option in &choice.variants {
            let examples = examples(success, |media_type| media_type.name == option.media_type);
            // Options may share a media type: the example whose name begins with it is its own.
            let own = |example: &&Example<'_>| {
                let named = choice.variant_for(example);
                named.is_some_and(|named| named.value == option.value)
            };
            if let Some(example) = examples.iter().find(own).or(examples.first()) {
                by_value.insert(option.value.to_owned(), MockResponse::of(example)?);
            }
        }
        Ok(Self {
            field: choice.field.to_owned(),
            by_value,
        })
    }
}

/// One of so many by chance.
fn pick(chance: u64, count: usize) -> Option<usize> {
    // Less than `count`, so that it fits.
    chance.checked_rem(count as u64).map(|index| index as usize)
}

/// A response to a request without a body has nothing to fit: the longest example shows the most.
/// Otherwise it is the first, the one that the contract puts forward.
fn usual(
    operation: &Operation<'_>,
    examples: &[Example<'_>],
) -> Result<Option<MockResponse>, StartError> {
    if !operation.request_bodies().is_empty() {
        return examples.first().map(MockResponse::of).transpose();
    }
    let replies: Vec<MockResponse> = examples
        .iter()
        .map(MockResponse::of)
        .collect::<Result<_, _>>()?;
    // Of several the first, which `max_by_key` would pass over.
    let longest = replies
        .into_iter()
        .rev()
        .max_by_key(|reply| reply.body.len());
    Ok(longest)
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

/// The field of a form whose file in an example is something that the mock says.
fn heard(operation: &Operation<'_>, spoken: &RememberedAudio) -> Option<String> {
    let bodies = operation.request_bodies();
    let folder = operation.node().contract().file().parent()?;
    bodies.iter().find_map(|body| {
        let examples = body.examples("");
        let says = |file: &&str| {
            let files = examples.iter().filter_map(|example| {
                let name = example.node.get("value")?.str(file)?;
                std::fs::read(folder.join(name)).ok()
            });
            files
                .into_iter()
                .any(|bytes| spoken.hear(&bytes.into()).is_some())
        };
        body.files().into_iter().find(says).map(str::to_owned)
    })
}

//! Handler of one operation: selects the example of the contract that a request gets.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use cometapi_contract::{Example, MediaType, Operation, Response, ResponseSelector};
use serde_json::Value;

use crate::StartError;
use crate::fault::{Fault, FaultInjector, transient_errors};
use crate::prefer::NamedExamples;
use crate::remembered_audio::{RememberedAudio, substitute};
use crate::request::{Body, ParsedRequest};
use crate::request_validator::RequestValidator;
use crate::response::{Delivery, EVENT_STREAM, MockResponse};

/// The responses of an operation, read from the contract once.
#[derive(Debug)]
pub(crate) struct OperationHandler {
    validator: RequestValidator,
    examples: NamedExamples,
    default: MockResponse,
    /// The request field that requests an event stream, and the stream.
    event_stream: Option<(String, MockResponse)>,
    by_field: Option<ByField>,
    /// The form field of audio to transcribe.
    audio_field: Option<String>,
    transient_errors: Vec<MockResponse>,
}

/// Responses by the value of a request field.
#[derive(Debug)]
struct ByField {
    field: String,
    responses: BTreeMap<String, MockResponse>,
}

impl OperationHandler {
    pub(crate) fn new(
        operation: &Operation<'_>,
        audio: &RememberedAudio,
    ) -> Result<Self, StartError> {
        let undocumented =
            |what: &str| StartError::contract(format!("{} documents no {what}", operation.id()));
        let success = operation.success();
        let success = success.ok_or_else(|| undocumented("success"))?;
        let selector = success.response_selector();
        let by_field = selector
            .as_ref()
            .map(|selector| ByField::new(&success, selector));
        let by_field = by_field.transpose()?;
        let default =
            selector.and_then(|selector| by_field.as_ref()?.responses.get(selector.default?));
        let default = match default {
            Some(default) => Some(default.clone()),
            None => default_response(operation, &success)?,
        };
        let event_stream = match operation.node().str("x-stream-parameter") {
            Some(flag) => {
                let streams = examples(&success, |media_type| media_type.name == EVENT_STREAM);
                let stream = streams
                    .first()
                    .map(MockResponse::from_example)
                    .transpose()?;
                stream.map(|stream| (flag.to_owned(), stream))
            }
            None => None,
        };
        Ok(Self {
            validator: RequestValidator::new(operation)?,
            examples: NamedExamples::new(operation)?,
            default: default.ok_or_else(|| undocumented("example of its success"))?,
            event_stream,
            by_field,
            audio_field: audio_field(operation, audio),
            transient_errors: transient_errors(operation)?,
        })
    }

    /// The response, or a fault. A request with a preference gets no fault.
    pub(crate) fn handle(
        &self,
        request: &ParsedRequest,
        audio: &RememberedAudio,
        faults: &FaultInjector,
    ) -> Delivery {
        let fault = match request.prefer.is_empty() {
            true => faults.next(),
            false => None,
        };
        match fault {
            None => Delivery::Complete(self.respond(request, audio)),
            Some(Fault::TransientError(random)) => {
                match pick(random, self.transient_errors.len()) {
                    Some(index) => Delivery::Complete(self.transient_errors[index].clone()),
                    None => Delivery::Disconnect,
                }
            }
            Some(Fault::Truncate(random)) => {
                let response = self.respond(request, audio);
                match pick(random, response.body.len()) {
                    Some(length) => Delivery::Truncated(response, length),
                    None => Delivery::Disconnect,
                }
            }
            Some(Fault::Disconnect) => Delivery::Disconnect,
        }
    }

    fn respond(&self, request: &ParsedRequest, audio: &RememberedAudio) -> MockResponse {
        if let Some(error) = self.validator.reject(request) {
            return error;
        }
        let requested = self.requested(request);
        match self.examples.select(&request.prefer, requested) {
            Ok(Some(preferred)) => preferred,
            Ok(None) => self.with_audio(requested.clone(), request, audio),
            Err(message) => self.validator.bad_request(&message, None),
        }
    }

    /// The response in the format that the request selects.
    fn requested(&self, request: &ParsedRequest) -> &MockResponse {
        if let Some((flag, stream)) = &self.event_stream
            && request.body_field(flag) == true
        {
            return stream;
        }
        let selected = self.by_field.as_ref().and_then(|by_field| {
            let value = request.body_field(&by_field.field).as_str()?;
            by_field.responses.get(value)
        });
        selected.unwrap_or(&self.default)
    }

    /// Remembers the request if the response is audio, and puts the remembered text into a transcript.
    fn with_audio(
        &self,
        response: MockResponse,
        request: &ParsedRequest,
        audio: &RememberedAudio,
    ) -> MockResponse {
        if let Body::Json(Ok(Value::Object(fields))) = &request.body {
            audio.record(&response.body, fields);
        }
        let Some(field) = &self.audio_field else {
            return response;
        };
        match request.file(field).and_then(|bytes| audio.lookup(bytes)) {
            Some(texts) => substitute(response, &texts),
            None => {
                let message = "unknown audio: the mock transcribes only audio that it generated";
                self.validator.bad_request(message, Some(field))
            }
        }
    }
}

impl ByField {
    fn new(success: &Response<'_>, selector: &ResponseSelector<'_>) -> Result<Self, StartError> {
        let mut responses = BTreeMap::new();
        for variant in &selector.variants {
            let examples = examples(success, |media_type| media_type.name == variant.media_type);
            // Variants may share a media type: an example whose name begins with the value belongs to it.
            let own = |example: &&Example<'_>| {
                let named = selector.variant_for(example);
                named.is_some_and(|named| named.value == variant.value)
            };
            if let Some(example) = examples.iter().find(own).or(examples.first()) {
                let response = MockResponse::from_example(example)?;
                responses.insert(variant.value.to_owned(), response);
            }
        }
        Ok(Self {
            field: selector.field.to_owned(),
            responses,
        })
    }
}

/// An index below `count`; none if that is 0.
fn pick(random: u64, count: usize) -> Option<usize> {
    // Less than `count`, so that it fits.
    random.checked_rem(count as u64).map(|index| index as usize)
}

/// The first example, which the contract puts forward, or the longest if the operation has no request body whose
/// examples it would have to match.
fn default_response(
    operation: &Operation<'_>,
    success: &Response<'_>,
) -> Result<Option<MockResponse>, StartError> {
    let examples = examples(success, |media_type| media_type.name != EVENT_STREAM);
    let responses = examples.iter().map(MockResponse::from_example);
    let mut responses: Vec<MockResponse> = responses.collect::<Result<_, _>>()?;
    if operation.request_bodies().is_empty() {
        // Stable: of several the first.
        responses.sort_by_key(|response| Reverse(response.body.len()));
    }
    Ok(responses.into_iter().next())
}

fn examples<'c>(
    response: &Response<'c>,
    filter: impl Fn(&MediaType<'c>) -> bool,
) -> Vec<Example<'c>> {
    let media_types = response.media_types();
    let media_types = media_types.iter().filter(|media_type| filter(media_type));
    media_types
        .flat_map(|media_type| media_type.examples(response.status))
        .collect()
}

/// The field of a form whose file in an example is audio that the mock generates.
fn audio_field(operation: &Operation<'_>, audio: &RememberedAudio) -> Option<String> {
    let bodies = operation.request_bodies();
    let folder = operation.node().contract().file().parent()?;
    bodies.iter().find_map(|body| {
        let examples = body.examples("");
        let is_audio = |field: &&str| {
            examples.iter().any(|example| {
                let file = example.node.get("value").and_then(|value| value.str(field));
                let bytes = file.and_then(|file| std::fs::read(folder.join(file)).ok());
                bytes.is_some_and(|bytes| audio.lookup(&bytes.into()).is_some())
            })
        };
        body.files().into_iter().find(is_audio).map(str::to_owned)
    })
}

//! Memory of the texts that audio was generated from, so that the mock can transcribe it.
//!
//! The contract's examples say which operations are involved. An operation with a binary response generates audio: an
//! example of its request and the example of its response with the same name belong together. An operation transcribes
//! audio if an example of its request uploads a file with the same bytes; the examples of its responses then contain the
//! text of the request that generated the audio. If the same bytes were last generated from another text, that text
//! replaces the example's.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use cometapi_contract::{Example, Operation};
use serde_json::{Map, Value};

use crate::StartError;
use crate::response::MockResponse;

type Fields = Map<String, Value>;

/// The requests that each binary response was generated from, by its bytes.
#[derive(Debug, Default)]
pub(crate) struct RememberedAudio {
    sources: Mutex<HashMap<Bytes, Source>>,
}

#[derive(Clone, Debug)]
struct Source {
    /// The fields of the example request.
    documented: Fields,
    /// The fields of the last request that got these bytes.
    last: Fields,
}

/// A text of the example request, and the text of the last one in its place.
#[derive(Debug)]
pub(crate) struct Substitution {
    documented: String,
    last: String,
}

impl RememberedAudio {
    pub(crate) fn new(operations: &[Operation<'_>]) -> Result<Self, StartError> {
        let mut sources = HashMap::new();
        for operation in operations {
            let bodies = operation.request_bodies();
            let requests: Vec<_> = bodies.iter().flat_map(|body| body.examples("")).collect();
            for response in binary_examples(operation) {
                let mut requests = requests.iter();
                let request = requests.find(|request| request.name == response.name);
                let fields = request.and_then(|request| request.node.get("value"));
                if let Some(Value::Object(fields)) = fields.map(|fields| fields.value()) {
                    let source = Source {
                        documented: fields.clone(),
                        last: fields.clone(),
                    };
                    sources.insert(MockResponse::from_example(&response)?.body, source);
                }
            }
        }
        let sources = Mutex::new(sources);
        Ok(Self { sources })
    }

    /// Remembers the request that got these bytes.
    pub(crate) fn record(&self, bytes: &Bytes, request: &Fields) {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(source) = sources.get_mut(bytes) {
            source.last = request.clone();
        }
    }

    /// The texts to substitute in the contract's transcripts of these bytes; none if the mock never generates them.
    pub(crate) fn lookup(&self, bytes: &Bytes) -> Option<Vec<Substitution>> {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let source = sources.get(bytes)?;
        let substitution = |(name, value): (&String, &Value)| {
            Some(Substitution {
                documented: value.as_str()?.to_owned(),
                last: source.last.get(name)?.as_str()?.to_owned(),
            })
        };
        Some(source.documented.iter().filter_map(substitution).collect())
    }
}

fn binary_examples<'c>(operation: &Operation<'c>) -> Vec<Example<'c>> {
    let success = operation.success();
    let media_types = success.iter().flat_map(|success| success.media_types());
    let binary = media_types.filter(|media_type| media_type.is_binary());
    // Bytes mean the same under any status.
    binary
        .flat_map(|media_type| media_type.examples(""))
        .collect()
}

/// Substitutes texts in the body of a response.
pub(crate) fn substitute(mut response: MockResponse, texts: &[Substitution]) -> MockResponse {
    if texts.iter().all(|text| text.documented == text.last) {
        return response;
    }
    let body = String::from_utf8_lossy(&response.body);
    response.body = match serde_json::from_str::<Value>(&body) {
        Ok(mut value) if response.media_type == "application/json" => {
            substitute_in_json(&mut value, texts);
            value.to_string().into()
        }
        _ => substitute_in_text(&body, texts).into(),
    };
    response
}

/// Substitutes in all strings, and returns whether one has changed.
///
/// Objects in an array that contain none of the texts, such as timestamps of the example's words, are removed.
fn substitute_in_json(value: &mut Value, texts: &[Substitution]) -> bool {
    let mut found = false;
    match value {
        Value::String(text) => {
            for Substitution { documented, last } in texts {
                if text.contains(documented) {
                    *text = text.replace(documented, last);
                    found = true;
                }
            }
        }
        Value::Array(items) => items.retain_mut(|item| {
            let in_item = substitute_in_json(item, texts);
            found |= in_item;
            in_item || !item.is_object()
        }),
        Value::Object(fields) => {
            for value in fields.values_mut() {
                found |= substitute_in_json(value, texts);
            }
        }
        _ => {}
    }
    found
}

fn substitute_in_text(body: &str, texts: &[Substitution]) -> String {
    let mut substituted = body.to_owned();
    for Substitution { documented, last } in texts {
        // Among other lines, as in subtitles, a text has one line.
        let last = match body.trim() == documented {
            true => last.clone(),
            false => last.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        substituted = substituted.replace(documented, &last);
    }
    substituted
}

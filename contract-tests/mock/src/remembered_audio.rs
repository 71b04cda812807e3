//! What the mock has said in bytes, and recognises when it hears it.
//!
//! The contract's examples tell who speaks and who hears. An operation that responds bytes speaks:
//! an example of its request and the example of its response with the same name belong together, so
//! the bytes say what that request requested. An operation hears if an example of its request
//! uploads a file with the same bytes; the examples of its responses then repeat a text of that
//! request. To bytes that were last made of another text it gives the same response with that text
//! in place of the example's.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use cometapi_contract::{Example, Operation};
use http::HeaderValue;
use serde_json::{Map, Value};

use crate::StartError;
use crate::response::MockResponse;

type Fields = Map<String, Value>;

/// By the bytes of a response, what they were made of.
#[derive(Debug, Default)]
pub(crate) struct RememberedAudio {
    said: Mutex<HashMap<Bytes, Said>>,
}

#[derive(Clone, Debug)]
struct Said {
    /// The fields of the request that the contract gives as an example.
    documented: Fields,
    /// The fields of the last request that was responded to with these bytes.
    last: Fields,
}

/// A text of the documented request, and what the last one had in its place.
#[derive(Debug)]
pub(crate) struct Replaced {
    documented: String,
    last: String,
}

impl RememberedAudio {
    pub(crate) fn new(operations: &[Operation<'_>]) -> Result<Self, StartError> {
        let mut said = HashMap::new();
        for operation in operations {
            let bodies = operation.request_bodies();
            let requests: Vec<_> = bodies.iter().flat_map(|body| body.examples("")).collect();
            for response in binary_examples(operation) {
                let same = requests
                    .iter()
                    .find(|request| request.name == response.name);
                let fields = same.and_then(|request| request.node.get("value"));
                if let Some(Value::Object(fields)) = fields.map(|fields| fields.value()) {
                    let documented = fields.clone();
                    let last = fields.clone();
                    said.insert(MockResponse::of(&response)?.body, Said { documented, last });
                }
            }
        }
        let said = Mutex::new(said);
        Ok(Self { said })
    }

    /// Remembers what was requested when these bytes were the response.
    pub(crate) fn remember(&self, bytes: &Bytes, asked: &Fields) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(said) = said.get_mut(bytes) {
            said.last = asked.clone();
        }
    }

    /// Which texts have to be replaced in what the contract says about these bytes; none if the
    /// mock has never said them.
    pub(crate) fn hear(&self, bytes: &Bytes) -> Option<Vec<Replaced>> {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = said.get(bytes)?;
        let replaced = |(name, value): (&String, &Value)| {
            Some(Replaced {
                documented: value.as_str()?.to_owned(),
                last: said.last.get(name)?.as_str()?.to_owned(),
            })
        };
        Some(said.documented.iter().filter_map(replaced).collect())
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

/// A reply with texts replaced.
pub(crate) fn retold(mut reply: MockResponse, replaced: &[Replaced]) -> MockResponse {
    if replaced.iter().all(|text| text.documented == text.last) {
        return reply;
    }
    let json = HeaderValue::from_static("application/json");
    let text = String::from_utf8_lossy(&reply.body);
    reply.body = match serde_json::from_str::<Value>(&text) {
        Ok(mut value) if reply.media_type == json => {
            retell(&mut value, replaced);
            Bytes::from(value.to_string())
        }
        _ => Bytes::from(retold_text(&text, replaced)),
    };
    reply
}

/// Replaces in all strings, and tells whether there was anything to replace.
///
/// Objects of a list that say nothing of the kind go: they are details of the example.
fn retell(value: &mut Value, replaced: &[Replaced]) -> bool {
    match value {
        Value::String(text) => {
            let mut found = false;
            for Replaced { documented, last } in replaced {
                if text.contains(documented) {
                    *text = text.replace(documented, last);
                    found = true;
                }
            }
            found
        }
        Value::Array(items) => {
            let mut found = false;
            items.retain_mut(|item| {
                let here = retell(item, replaced);
                found |= here;
                here || !item.is_object()
            });
            found
        }
        Value::Object(fields) => {
            let found = fields.values_mut().map(|value| retell(value, replaced));
            found.fold(false, |any, found| any | found)
        }
        _ => false,
    }
}

fn retold_text(text: &str, replaced: &[Replaced]) -> String {
    let mut retold = text.to_owned();
    for Replaced { documented, last } in replaced {
        // Among other lines, as in subtitles, a text has one line to itself.
        let last = match text.trim() == documented {
            true => last.clone(),
            false => last.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        retold = retold.replace(documented, &last);
    }
    retold
}

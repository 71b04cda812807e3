//! Where cases are played: the client, a relay, and whatever server there is.

use std::fmt;

use crate::dispatch;
use crate::operation_input::OperationInput;
use cometapi::{Client, Error};
use serde_json::{Map, Value, json};

use super::{CallMode, Case, CaseKind, Exchange, ForwardOptions, Key, RecordingProxy, Snapshots};
use crate::multipart::Form;
use crate::normalize::normalize;
use crate::outcome_json::{call_snapshot, stream_snapshot};
use crate::request;
use crate::test_client::{KEY, test_client};

/// The client, with a relay to any server. It plays one case after the other.
#[derive(Debug)]
pub struct CaseRunner {
    client: Client,
    relay: RecordingProxy,
}

/// What a case has seen and found right.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The status that came.
    pub status: u16,
    /// The media type that came.
    pub media_type: String,
    /// What the caller got.
    pub got: CallResult,
    /// The body that was sent, as JSON; of a form its fields.
    pub sent: Value,
}

/// What a caller got.
#[derive(Clone, Debug)]
pub enum CallResult {
    /// A typed value, as JSON.
    Value(Value),
    /// Events, as JSON.
    Events(Vec<Value>),
    /// A file.
    Bytes,
    /// An error, with its body as JSON where it is some.
    Error {
        /// `ErrorKind::as_str`.
        kind: &'static str,
        /// What the caller can read.
        body: Value,
    },
}

/// Why a case fails.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The name of the case.
    pub case: String,
    /// What isn't as it has to be.
    pub reason: String,
}

impl CaseRunner {
    /// A client and a relay.
    pub async fn start() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let relay = RecordingProxy::start().await?;
        let client = test_client(relay.url()).strict_responses().build()?;
        Ok(Self { client, relay })
    }

    /// Plays a case against the server at this address.
    pub async fn play(
        &self,
        case: &Case<'_>,
        accepted: &Snapshots,
        server: &str,
    ) -> Result<Observation, Failure> {
        let seen = self.seen(case, accepted, server).await;
        seen.map_err(|reason| Failure {
            case: case.name.clone(),
            reason,
        })
    }

    async fn seen(
        &self,
        case: &Case<'_>,
        accepted: &Snapshots,
        server: &str,
    ) -> Result<Observation, String> {
        self.relay.send(errand(case, server));
        let arguments =
            OperationInput::new(case.request.clone()).map_err(|error| error.to_string())?;
        let (report, got, raw) = match case.reading {
            CallMode::Buffered => self.call(case, &arguments).await?,
            CallMode::Streaming => self.stream(case, &arguments).await?,
        };
        let exchanges = self.relay.exchanges();
        let [exchange] = exchanges.as_slice() else {
            return Err(format!("{} requests were sent: {report}", exchanges.len()));
        };
        let sent = check_sent(case, exchange)?;
        match &case.purpose {
            CaseKind::Response(example) => {
                let accepted = accepted.get(&case.name);
                let accepted = accepted.ok_or("no outcome of this name is accepted")?;
                if let Some(difference) = difference("", accepted, &report) {
                    return Err(difference);
                }
                check_raw(
                    &got,
                    &raw,
                    &example.bytes().map_err(|error| error.to_string())?,
                )?;
            }
            CaseKind::Request => {
                if let CallResult::Error { .. } = got {
                    return Err(format!("the request is not taken: {}", report["display"]));
                }
            }
            CaseKind::Unauthorized => {
                return match &got {
                    CallResult::Error {
                        kind: "authentication",
                        ..
                    } => Ok(seen(exchange, got, sent)),
                    _ => Err("a request without a key is not refused".to_owned()),
                };
            }
        }
        match case.media_type() {
            Some(expected) if expected != exchange.media_type => Err(format!(
                "media type {} came, not {expected}",
                exchange.media_type
            )),
            _ => Ok(seen(exchange, got, sent)),
        }
    }

    async fn call(
        &self,
        case: &Case<'_>,
        arguments: &OperationInput,
    ) -> Result<(Value, CallResult, Vec<u8>), String> {
        let id = case.operation.id();
        let outcome = dispatch::call(&self.client, id, arguments).await;
        let outcome = outcome.ok_or("the client has no such operation")?;
        let report = call_snapshot(id, &outcome);
        let (got, raw) = match outcome {
            Err(error) => (failed(&error), raw(&error)),
            Ok(response) if response["bytes"].is_u64() => {
                (CallResult::Bytes, response.raw().to_vec())
            }
            Ok(response) => {
                let raw = response.raw().to_vec();
                (CallResult::Value((*response).clone()), raw)
            }
        };
        Ok((report, got, raw))
    }

    async fn stream(
        &self,
        case: &Case<'_>,
        arguments: &OperationInput,
    ) -> Result<(Value, CallResult, Vec<u8>), String> {
        let id = case.operation.id();
        let mut events = Vec::new();
        let mut each = |event| events.push(event);
        let drained = dispatch::stream(&self.client, id, arguments, &mut each).await;
        let drained = drained.ok_or("the client has no such stream")?;
        let streamed = drained.map(|drained| (drained, events));
        let report = stream_snapshot(id, &streamed);
        Ok(match streamed {
            Err(error) => (report, failed(&error), raw(&error)),
            Ok((drained, events)) => match drained.outcome {
                Err(error) => (report, failed(&error), raw(&error)),
                Ok(_) => (report, CallResult::Events(events), Vec::new()),
            },
        })
    }
}

fn errand(case: &Case<'_>, server: &str) -> ForwardOptions {
    let address = server.trim_start_matches("http://").to_owned();
    ForwardOptions {
        server: address,
        prefer: match &case.purpose {
            CaseKind::Response(example) => {
                Some(format!("code={}, example={}", example.status, example.name))
            }
            CaseKind::Request | CaseKind::Unauthorized => None,
        },
        key: match case.purpose {
            CaseKind::Unauthorized => Key::Removed,
            _ => Key::Kept,
        },
    }
}

fn seen(exchange: &Exchange, got: CallResult, sent: Value) -> Observation {
    Observation {
        status: exchange.status,
        media_type: exchange.media_type.clone(),
        got,
        sent,
    }
}

fn failed(error: &Error) -> CallResult {
    CallResult::Error {
        kind: error.kind().as_str(),
        body: serde_json::from_slice(&raw(error)).unwrap_or_default(),
    }
}

fn raw(error: &Error) -> Vec<u8> {
    error.body().map(|body| body.to_vec()).unwrap_or_default()
}

/// Files and the bodies of errors are handed on as they are.
fn check_raw(got: &CallResult, raw: &[u8], documented: &[u8]) -> Result<(), String> {
    let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
    match got {
        CallResult::Value(_) | CallResult::Events(_) => Ok(()),
        CallResult::Bytes | CallResult::Error { .. } if raw == documented => Ok(()),
        CallResult::Error { .. } if json(raw).is_some() && json(raw) == json(documented) => Ok(()),
        CallResult::Bytes => Err("other bytes came".to_owned()),
        CallResult::Error { .. } => Err("the error has another body".to_owned()),
    }
}

/// Compares what went over the wire with the contract that the case was made from, and gives the
/// body that was sent.
fn check_sent(case: &Case<'_>, exchange: &Exchange) -> Result<Value, String> {
    let operation = &case.operation;
    let path = request::path(operation, &case.request);
    if (&*exchange.method, &exchange.path) != (operation.method(), &path) {
        let Exchange { method, path, .. } = exchange;
        return Err(format!("the request went to {method} {path}"));
    }
    let key = operation.requires_auth().then(|| format!("Bearer {KEY}"));
    if exchange.header("authorization") != key.as_deref() {
        return Err("the key was sent where it must not be, or not where it must".to_owned());
    }
    let content_type = exchange.header("content-type").unwrap_or_default();
    if let Some(form) = Form::parse(content_type, &exchange.body) {
        let expected = request::form_fields(&case.request).map_err(|error| error.to_string())?;
        return match form.fields() == expected {
            true => Ok(form_as_json(&form)),
            false => Err("the form that was sent has other fields".to_owned()),
        };
    }
    let sent = serde_json::from_slice(&exchange.body).unwrap_or_default();
    let mut expected = case.request["body"].clone();
    if let (CallMode::Streaming, Some(flag)) =
        (case.reading, operation.node().str("x-stream-parameter"))
    {
        expected[flag] = json!(true);
    }
    match difference("", &normalize(&expected), &normalize(&sent)) {
        Some(difference) => Err(format!("in the request: {difference}")),
        None => Ok(sent),
    }
}

fn form_as_json(form: &Form) -> Value {
    let mut fields = Map::new();
    for (name, values) in form.fields() {
        let texts = values.iter().map(|bytes| String::from_utf8_lossy(bytes));
        let mut texts: Vec<Value> = texts.map(|text| json!(text)).collect();
        let is_list = name.ends_with("[]") || texts.len() > 1;
        let value = match is_list {
            true => Value::Array(texts),
            false => texts.remove(0),
        };
        fields.insert(name, value);
    }
    Value::Object(fields)
}

/// The first place where two values differ, in words.
fn difference(place: &str, expected: &Value, got: &Value) -> Option<String> {
    match (expected, got) {
        (Value::Object(all), Value::Object(found)) => {
            let inside = |name: &String| format!("{place}.{name}");
            for (name, expected) in all {
                match found.get(name) {
                    None => return Some(format!("{} is lost", inside(name))),
                    Some(found) => {
                        let difference = difference(&inside(name), expected, found);
                        if difference.is_some() {
                            return difference;
                        }
                    }
                }
            }
            let gained = found.keys().find(|name| !all.contains_key(*name))?;
            Some(format!("{} is gained", inside(gained)))
        }
        (Value::Array(all), Value::Array(found)) if all.len() == found.len() => {
            let pairs = all.iter().zip(found).enumerate();
            let mut differences = pairs.filter_map(|(index, (expected, found))| {
                difference(&format!("{place}[{index}]"), expected, found)
            });
            differences.next()
        }
        _ if expected == got => None,
        _ => Some(format!("{place} is {got} instead of {expected}")),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.case, self.reason)
    }
}

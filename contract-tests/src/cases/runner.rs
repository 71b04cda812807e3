//! Runner of cases: the client, a recording proxy, and whatever server there is.

use std::fmt;

use bytes::Bytes;
use cometapi::{Client, Error};
use cometapi_contract::Example;
use serde_json::{Map, Value, json};

use super::recording_proxy::MARK;
use super::{CallMode, Case, CaseKind, Exchange, ForwardOptions, RecordingProxy, Snapshots};
use crate::dispatch;
use crate::normalize::normalize;
use crate::operation_input::OperationInput;
use crate::outcome_json::{call_snapshot, stream_snapshot};
use crate::request;
use crate::request::Form;
use crate::test_client::{KEY, test_client};

/// The client, with a proxy to any server. It plays one case after the other.
#[derive(Debug)]
pub struct CaseRunner {
    client: Client,
    proxy: RecordingProxy,
}

/// What a case has seen.
#[derive(Clone, Debug)]
pub struct Observation {
    /// What went over the wire.
    pub exchange: Exchange,
    /// The body that was sent, as JSON; of a form its fields.
    pub sent: Value,
    /// What the caller got.
    pub got: CallResult,
    /// All that the caller can learn of it, for a snapshot.
    pub report: Value,
    /// The body that the caller can read, of a stream only if it failed.
    raw: Bytes,
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
    /// A client and a proxy. The client fails where a response deviates from the schema.
    pub async fn start() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let proxy = RecordingProxy::start().await?;
        let client = test_client(proxy.url()).strict_responses().build()?;
        Ok(Self { client, proxy })
    }

    /// The same with a client that reads tolerantly, as that of a user does.
    pub async fn tolerant() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let proxy = RecordingProxy::start().await?;
        let client = test_client(proxy.url()).build()?;
        Ok(Self { client, proxy })
    }

    /// Plays a case against the server at this address, and compares with the approved snapshot.
    pub async fn play(
        &self,
        case: &Case<'_>,
        accepted: &Snapshots,
        server: &str,
    ) -> Result<Observation, Failure> {
        let observed = self.observe(case, server).await;
        let checked = observed.and_then(|observation| {
            if let CaseKind::Response(_) = case.purpose {
                let accepted = accepted.get(&case.name);
                let accepted = accepted.ok_or("no outcome of this name is accepted")?;
                if let Some(difference) = difference("", accepted, &observation.report) {
                    return Err(difference);
                }
            }
            observation.check(case)?;
            Ok(observation)
        });
        checked.map_err(|reason| Failure {
            case: case.name.clone(),
            reason,
        })
    }

    /// Plays a case, and compares the request with the contract.
    pub async fn observe(&self, case: &Case<'_>, server: &str) -> Result<Observation, String> {
        self.proxy.forward(ForwardOptions {
            server: server.to_owned(),
            prefer: match &case.purpose {
                CaseKind::Response(example) => {
                    Some(format!("code={}, example={}", example.status, example.name))
                }
                CaseKind::Request | CaseKind::Unauthorized => None,
            },
            removes_key: matches!(case.purpose, CaseKind::Unauthorized),
        });
        let input = OperationInput::new(case.request.clone()).map_err(|error| error.to_string())?;
        let (report, got, raw) = match case.reading {
            CallMode::Buffered => self.call(case, &input).await?,
            CallMode::Streaming => self.stream(case, &input).await?,
        };
        let exchange = match <[_; 1]>::try_from(self.proxy.exchanges()) {
            Ok([exchange]) => exchange,
            Err(all) => return Err(format!("{} requests were sent: {report}", all.len())),
        };
        Ok(Observation {
            sent: check_sent(case, &exchange)?,
            exchange,
            got,
            report,
            raw,
        })
    }

    async fn call(
        &self,
        case: &Case<'_>,
        input: &OperationInput,
    ) -> Result<(Value, CallResult, Bytes), String> {
        let id = case.operation.id();
        let outcome = dispatch::call(&self.client, id, input).await;
        let outcome = outcome.ok_or("the client has no such operation")?;
        let report = call_snapshot(id, &outcome);
        let headers = match &outcome {
            Ok(response) => Some(&response.headers),
            Err(error) => error.headers(),
        };
        if !headers.is_some_and(|headers| headers.contains_key(MARK)) {
            return Err(format!("the headers of the response are lost: {report}"));
        }
        let (got, raw) = match outcome {
            Err(error) => (failed(&error), raw(&error)),
            Ok(response) => match response.value["bytes"].is_u64() {
                true => (CallResult::Bytes, response.raw),
                false => (CallResult::Value(response.value), response.raw),
            },
        };
        Ok((report, got, raw))
    }

    async fn stream(
        &self,
        case: &Case<'_>,
        input: &OperationInput,
    ) -> Result<(Value, CallResult, Bytes), String> {
        let id = case.operation.id();
        let mut events = Vec::new();
        let mut each = |event| events.push(event);
        let drained = dispatch::stream(&self.client, id, input, &mut each).await;
        let drained = drained.ok_or("the client has no such stream")?;
        let streamed = drained.map(|drained| (drained, events));
        let report = stream_snapshot(id, &streamed);
        let complete = streamed.and_then(|(drained, events)| drained.outcome.map(|_| events));
        let (got, raw) = match complete {
            Ok(events) => (CallResult::Events(events), Bytes::new()),
            Err(error) => (failed(&error), raw(&error)),
        };
        Ok((report, got, raw))
    }
}

impl Observation {
    /// Compares what came with what the case is for.
    pub fn check(&self, case: &Case<'_>) -> Result<(), String> {
        match (&case.purpose, &self.got) {
            (CaseKind::Response(example), _) => self.check_example(example)?,
            (CaseKind::Request, CallResult::Error { .. }) => {
                return Err(format!(
                    "the request is not taken: {}",
                    self.report["display"]
                ));
            }
            (CaseKind::Request, _) => {}
            (CaseKind::Unauthorized, CallResult::Error { kind, .. })
                if *kind == "authentication" =>
            {
                return Ok(());
            }
            (CaseKind::Unauthorized, _) => {
                return Err("a request without a key is not refused".to_owned());
            }
        }
        let came = &self.exchange.media_type;
        match case.media_type() {
            Some(expected) if expected != came => {
                Err(format!("media type {came} came, not {expected}"))
            }
            _ => Ok(()),
        }
    }

    /// Whether the caller has all of a documented response: its bytes, and each of its values in the client's types.
    fn check_example(&self, example: &Example<'_>) -> Result<(), String> {
        let documented = example.bytes().map_err(|error| error.to_string())?;
        let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
        let same_or_equal = || {
            let raw = json(&self.raw);
            self.raw == *documented || raw.is_some() && raw == json(&documented)
        };
        let is_same = match &self.got {
            CallResult::Events(events) => {
                let documented = String::from_utf8_lossy(&documented);
                let documented = events_in(&documented);
                return match documented
                    .map(|event| normalize(&event))
                    .eq(events.iter().map(normalize))
                {
                    true => Ok(()),
                    false => Err("the events are not those of the example".to_owned()),
                };
            }
            CallResult::Value(value) => {
                if let Some(documented) = json(&documented).filter(|_| example.is_json())
                    && let Some(difference) =
                        difference("", &normalize(&documented), &normalize(value))
                {
                    return Err(format!("of the example {difference}"));
                }
                same_or_equal()
            }
            CallResult::Error { .. } => same_or_equal(),
            CallResult::Bytes => self.raw == *documented,
        };
        match is_same {
            true => Ok(()),
            false => Err("the caller can read another body".to_owned()),
        }
    }
}

fn failed(error: &Error) -> CallResult {
    CallResult::Error {
        kind: error.kind().as_str(),
        body: serde_json::from_slice(&raw(error)).unwrap_or_default(),
    }
}

fn raw(error: &Error) -> Bytes {
    error.body().cloned().unwrap_or_default()
}

/// The JSON in the events of a stream, read without the client; what isn't JSON is the marker of the end.
fn events_in(stream: &str) -> impl Iterator<Item = Value> {
    let data = stream.lines().filter_map(|line| line.strip_prefix("data:"));
    data.filter_map(|data| serde_json::from_str(data).ok())
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
    if let Some(form) = exchange.form() {
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

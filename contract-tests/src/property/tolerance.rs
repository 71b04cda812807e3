//! Each property of each documented response with a value of each other type: the tolerant client delivers the rest
//! unchanged and reports one deviation, or fails where the response can't do without the property.

use std::collections::BTreeMap;

use cometapi_contract::Node;
use serde_json::{Value, json};

use super::Finding;
use crate::cases::{CallMode, Case, CaseKind};
use crate::chunking::Chunking;
use crate::outcome_json::{call_summary, stream_snapshot};
use crate::replay::{Recording, ReplayError, Replayer};
use crate::schema::{is_required, property};

/// A value of each type, also such that can be converted to another.
fn replacements() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(7),
        json!(0.5),
        json!("text"),
        json!("7"),
        json!(""),
        json!([]),
        json!(["text"]),
        json!({}),
        json!({"key": "text"}),
    ]
}

/// A value with another one in the place of one within it.
struct Replaced {
    pointer: String,
    replacement: Value,
    changed: Value,
}

/// A value with each of its inner values replaced by a value of each other type in turn.
fn each_replaced(value: &Value) -> Vec<Replaced> {
    let mut all = Vec::new();
    for pointer in pointers(value) {
        for replacement in replacements() {
            let mut changed = value.clone();
            let Some(place) = changed.pointer_mut(&pointer) else {
                continue;
            };
            if *place != replacement {
                place.clone_from(&replacement);
                all.push(Replaced {
                    pointer: pointer.clone(),
                    replacement,
                    changed,
                });
            }
        }
    }
    all
}

/// The pointers of all values within a value but the root.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), value)];
    while let Some((pointer, value)) = open.pop() {
        let children: Vec<(String, &Value)> = match value {
            Value::Object(object) => object
                .iter()
                .map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
                .collect(),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, value)| (index.to_string(), value))
                .collect(),
            _ => Vec::new(),
        };
        for (name, child) in children {
            let pointer = format!("{pointer}/{name}");
            found.push(pointer.clone());
            open.push((pointer, child));
        }
    }
    found
}

/// A value without the one that a pointer leads to.
fn without(value: &Value, pointer: &str) -> Value {
    let mut value = value.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    let name = name.replace("~1", "/").replace("~0", "~");
    match value.pointer_mut(parent) {
        Some(Value::Object(object)) => drop(object.shift_remove(&name)),
        Some(Value::Array(items)) => {
            if let Ok(index) = name.parse::<usize>()
                && index < items.len()
            {
                items.remove(index);
            }
        }
        _ => {}
    }
    value
}

/// Whether a pointer is of the places that a deviation's pointer, with `*` for items, stands for.
fn matches(pattern: &str, pointer: &str) -> bool {
    let (pattern, pointer): (Vec<_>, Vec<_>) =
        (pattern.split('/').collect(), pointer.split('/').collect());
    pattern.len() == pointer.len()
        && pattern
            .iter()
            .zip(&pointer)
            .all(|(pattern, name)| *pattern == "*" || pattern == name)
}

/// What may be delivered for a replacement, besides nothing.
fn is_made_of(delivered: &Value, replacement: &Value) -> bool {
    let text = Value::from(replacement.to_string());
    let inner = replacement
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok());
    let whole = replacement
        .as_f64()
        .map(|number| json!(number.trunc() as i64));
    let candidates = [
        Some(replacement.clone()),
        Some(text.clone()),
        Some(json!([replacement])),
        Some(json!([text])),
        inner.as_ref().map(|inner: &Value| json!([inner])),
        whole.as_ref().map(|whole: &Value| json!([whole])),
        inner,
        whole,
        Some(json!([])),
        Some(json!({})),
    ];
    let is_equal = |one: &Value| {
        *one == *delivered || one.as_f64().is_some() && one.as_f64() == delivered.as_f64()
    };
    candidates.iter().flatten().any(is_equal)
}

/// Explains a delivered value by what was replaced, or says why it can't.
fn explain(
    original: &Value,
    delivered: &Value,
    pointer: &str,
    replacement: &Value,
    deviations: &[Value],
) -> Result<String, String> {
    if deviations.len() > 1 {
        return Err("more than one deviation".to_owned());
    }
    if original == delivered {
        return Ok("no difference".to_owned());
    }
    let is_confined_to = |place: &str| {
        let expected = without(original, place);
        expected == without(delivered, place) || expected == *delivered
    };
    if is_confined_to(pointer) {
        let kept = delivered.pointer(pointer);
        // The next item of a list takes the place of one that was left out.
        let is_next = without(original, pointer) == *delivered;
        return match (kept, deviations) {
            (Some(kept), _) if !is_next && !is_made_of(kept, replacement) => {
                Err(format!("invented {kept}"))
            }
            (_, []) => Ok("valid".to_owned()),
            _ => Ok("one deviation".to_owned()),
        };
    }
    let place = deviations.first().and_then(|one| one["place"].as_str());
    let mut around = pointer;
    while let Some((parent, _)) = around.rsplit_once('/') {
        around = parent;
        let is_reported = place.is_some_and(|place| matches(place, around));
        if !around.is_empty() && is_reported && is_confined_to(around) {
            return Ok("one deviation, of what is around it".to_owned());
        }
    }
    Err("another difference".to_owned())
}

/// How many replacements had each outcome, and what has no explanation.
#[derive(Debug, Default)]
pub struct Replacements {
    /// By outcome.
    pub explained: BTreeMap<String, usize>,
    /// Those without one.
    pub findings: Vec<Finding>,
}

impl Replacements {
    /// Explains what came of a replacement at this place of what is delivered, which was `original` before.
    fn judge(
        &mut self,
        case: &Case<'_>,
        one: &Replaced,
        got: &Value,
        original: &Value,
        place: &str,
        is_needed: bool,
    ) {
        let deviations = got["deviations"].as_array().cloned().unwrap_or_default();
        let deviations = deviations.into_iter();
        let explanation = match got["outcome"].as_str() {
            Some("ok") => {
                let deviations: Vec<Value> = deviations.collect();
                explain(
                    original,
                    &got["value"],
                    place,
                    &one.replacement,
                    &deviations,
                )
            }
            Some("stream_ok") => {
                let deviations: Vec<Value> = deviations.map(within_events).collect();
                explain(
                    original,
                    &got["events"],
                    place,
                    &one.replacement,
                    &deviations,
                )
            }
            _ => {
                let error = match case.reading {
                    CallMode::Buffered => got,
                    CallMode::Streaming => &got["error"],
                };
                expected_error(error, &one.pointer, is_needed)
            }
        };
        match explanation {
            Ok(explanation) => *self.explained.entry(explanation).or_default() += 1,
            Err(reason) => self.findings.push(Finding {
                schema: case.name.clone(),
                operator: "replaced",
                pointer: one.pointer.clone(),
                problem: format!("{reason}, with {}: {got}", one.replacement),
                body: one.changed.to_string(),
            }),
        }
    }
}

/// A deviation of an event as one of the list of events.
fn within_events(mut deviation: Value) -> Value {
    if let Some(place) = deviation["place"].as_str() {
        deviation["place"] = json!(format!("/*{place}"));
    } else if deviation["action"] == "skipped" {
        deviation["place"] = json!("/*");
    }
    deviation
}

/// Whether a body can't do without the value at a pointer: everything on the way is required, or the only item of a list.
fn is_needed(schema: Option<Node<'_>>, body: &Value, pointer: &str) -> bool {
    let (mut schema, mut value) = (schema, body);
    for name in pointer.split('/').skip(1) {
        let Some(own) = schema else { return false };
        (schema, value) = match value {
            Value::Array(items) if items.len() == 1 => (own.resolved().get("items"), &items[0]),
            Value::Object(_) if is_required(&own, name) => (property(&own, name), &value[name]),
            _ => return false,
        };
    }
    true
}

/// Explains an error that the rules ask for.
fn expected_error(error: &Value, pointer: &str, is_needed: bool) -> Result<String, String> {
    let kind = error["kind"].as_str().unwrap_or_default();
    let is_expected = match kind {
        "decode" => is_needed,
        // A replaced error is one, and so is a success that became false.
        "server" => pointer.ends_with("/error") || pointer.contains("/error/"),
        _ => false,
    };
    match is_expected {
        true => Ok(format!("error: {kind}")),
        false => Err("an error".to_owned()),
    }
}

/// Replaces in the JSON of every documented success, and in the events of every documented stream.
///
/// # Errors
///
/// If the contract can't be read or the client not be set up.
pub async fn replace_all(cases: &[Case<'_>]) -> Result<Replacements, ReplayError> {
    let player = Replayer::start().await?;
    let mut replacements = Replacements::default();
    for case in cases {
        let CaseKind::Response(example) = &case.purpose else {
            continue;
        };
        let Ok(body) = example.bytes() else { continue };
        let text = String::from_utf8_lossy(&body);
        if example.status != "200" {
            continue;
        }
        match (case.reading, serde_json::from_str::<Value>(&text)) {
            (CallMode::Streaming, _) => {
                replace_in_events(&player, case, &text, &mut replacements).await?;
            }
            (CallMode::Buffered, Ok(body)) if example.media_type == "application/json" => {
                replace_in_body(&player, case, &body, &mut replacements).await?;
            }
            _ => {}
        }
    }
    Ok(replacements)
}

async fn replace_in_body(
    player: &Replayer,
    case: &Case<'_>,
    body: &Value,
    replacements: &mut Replacements,
) -> Result<(), ReplayError> {
    let id = case.operation.id();
    let play = async |body: &Value| {
        let recording = Recording::new(200, "application/json", body.to_string());
        let got = player
            .call(id, &case.request, &recording, Chunking::Whole)
            .await?;
        Ok::<_, ReplayError>(call_summary(id, &got))
    };
    let original = play(body).await?;
    if original["outcome"] != "ok" {
        // An example of a failure.
        return Ok(());
    }
    for one in each_replaced(body) {
        let got = play(&one.changed).await?;
        let is_needed = is_needed(case.schema(), body, &one.pointer);
        replacements.judge(
            case,
            &one,
            &got,
            &original["value"],
            &one.pointer,
            is_needed,
        );
    }
    Ok(())
}

async fn replace_in_events(
    player: &Replayer,
    case: &Case<'_>,
    body: &str,
    replacements: &mut Replacements,
) -> Result<(), ReplayError> {
    let id = case.operation.id();
    let play = async |body: String| {
        let recording = Recording::new(200, "text/event-stream", body);
        let got = player
            .stream(id, &case.request, &recording, Chunking::Whole)
            .await?;
        Ok::<_, ReplayError>(stream_snapshot(id, &got))
    };
    let original = play(body.to_owned()).await?["events"].clone();
    let events: Vec<&str> = body.split_inclusive("\n\n").collect();
    let mut delivered_before = 0;
    for (index, event) in events.iter().enumerate() {
        let data = event.trim().strip_prefix("data:").unwrap_or_default();
        let Ok(data) = serde_json::from_str::<Value>(data) else {
            delivered_before += usize::from(event.contains("data: {") || event.contains("data:{"));
            continue;
        };
        for one in each_replaced(&data) {
            let changed = format!("data: {}\n\n", one.changed);
            let body = [&events[..index], &[&changed], &events[index + 1..]].concat();
            let got = play(body.concat()).await?;
            let place = format!("/{delivered_before}{}", one.pointer);
            replacements.judge(case, &one, &got, &original, &place, false);
        }
        delivered_before += 1;
    }
    Ok(())
}

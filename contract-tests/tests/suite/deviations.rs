//! Each property of each documented response with a value of each other type: the rest is delivered unchanged.

use std::collections::BTreeMap;

use cometapi_contract::Operation;
use contract_tests::chunking::Chunking;
use contract_tests::outcome_json::{call_summary, stream_snapshot};
use contract_tests::replay::{Recording, Replayer};
use serde_json::{Value, json};

use crate::support::cases;

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
            let place = changed.pointer_mut(&pointer).unwrap();
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
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    match value.pointer_mut(parent) {
        Some(Value::Object(object)) => drop(object.shift_remove(&name)),
        Some(Value::Array(items)) => {
            let index: usize = name.parse().unwrap();
            if index < items.len() {
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
) -> Result<&'static str, String> {
    if deviations.len() > 1 {
        return Err("more than one deviation".to_owned());
    }
    if original == delivered {
        return Ok("no difference");
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
            (_, []) => Ok("valid"),
            _ => Ok("one deviation"),
        };
    }
    let place = deviations.first().and_then(|one| one["place"].as_str());
    let mut around = pointer;
    while let Some((parent, _)) = around.rsplit_once('/') {
        around = parent;
        let is_told = place.is_some_and(|place| matches(place, around));
        if !around.is_empty() && is_told && is_confined_to(around) {
            return Ok("one deviation, of what is around it");
        }
    }
    Err("another difference".to_owned())
}

/// Counts of explained outcomes, and what is unexplained.
#[derive(Default)]
struct Tally {
    explained: BTreeMap<String, usize>,
    unexplained: Vec<String>,
}

impl Tally {
    fn count(&mut self, explanation: Result<String, String>) {
        match explanation {
            Ok(explanation) => *self.explained.entry(explanation).or_default() += 1,
            Err(reason) => self.unexplained.push(reason),
        }
    }

    #[track_caller]
    fn assert_explained(&self, at_least: usize) {
        println!("{:#?}", self.explained);
        let unexplained: Vec<_> = self.unexplained.iter().take(10).collect();
        assert!(
            unexplained.is_empty(),
            "{} unexplained, such as {unexplained:#?}",
            self.unexplained.len()
        );
        assert!(self.explained.values().sum::<usize>() > at_least);
        assert!(self.explained["one deviation"] > at_least / 5);
    }
}

fn recording(media_type: &str, body: &str) -> Recording {
    let head = format!("HTTP/1.1 200\r\ncontent-type: {media_type}\r\n\r\n");
    Recording::parse(format!("{head}{body}").as_bytes()).unwrap()
}

fn operation(id: &str) -> Operation<'static> {
    cases::CONTRACT.operation(id).unwrap()
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

/// What a response can't do without: its required properties, and the only item of a list, with what that needs.
const NEEDED: [&str; 8] = [
    "/choices",
    "/choices/0",
    "/choices/0/message",
    "/data",
    "/data/0",
    "/data/0/id",
    "/success",
    "/text",
];

/// Explains an error that the rules ask for.
fn expected_error(got: &Value, pointer: &str) -> Result<String, String> {
    let is_expected = match got["kind"].as_str() {
        Some("decode") => NEEDED.contains(&pointer),
        // A replaced error is one, and so is a success that became false.
        Some("server") => pointer.ends_with("/error") || pointer.contains("/error/"),
        _ => false,
    };
    match is_expected {
        true => Ok(format!(
            "error: {}",
            got["kind"].as_str().unwrap_or_default()
        )),
        false => Err("an error".to_owned()),
    }
}

#[tokio::test]
async fn each_other_type_in_each_property_of_a_response() {
    let player = Replayer::start().await.unwrap();
    let mut tally = Tally::default();
    for id in [
        "list_catalog_models",
        "list_models",
        "create_chat_completion",
        "create_transcription",
    ] {
        let responses = cases::responses_of(&operation(id)).into_iter();
        // One example of status 200 is a failure.
        let successes =
            responses.filter(|one| one.example.status == "200" && one.example.name != "failure");
        for case in successes.filter(|one| one.example.media_type == "application/json") {
            let body: Value = serde_json::from_slice(&case.bytes()).unwrap();
            let play = |body: Value| {
                let recording = recording("application/json", &body.to_string());
                let (player, request) = (&player, &case.request);
                async move {
                    let got = player.call(id, request, &recording, Chunking::Whole).await;
                    call_summary(id, &got.unwrap())
                }
            };
            let original = play(body.clone()).await["value"].clone();
            for one in each_replaced(&body) {
                let Replaced {
                    pointer,
                    replacement,
                    changed,
                } = one;
                let got = play(changed).await;
                let explanation = match got["outcome"].as_str() {
                    Some("ok") => {
                        let deviations = got["deviations"].as_array().unwrap();
                        explain(&original, &got["value"], &pointer, &replacement, deviations)
                            .map(str::to_owned)
                    }
                    _ => expected_error(&got, &pointer),
                };
                let context =
                    |reason| format!("{reason}: {} {pointer} = {replacement}: {got}", case.name);
                tally.count(explanation.map_err(context));
            }
        }
    }
    tally.assert_explained(5_000);
}

#[tokio::test]
async fn each_other_type_in_each_property_of_an_event() {
    let player = Replayer::start().await.unwrap();
    let mut tally = Tally::default();
    let id = "create_chat_completion";
    for case in cases::streams_of(&operation(id)) {
        let bytes = case.bytes();
        let text = std::str::from_utf8(&bytes).unwrap();
        let events: Vec<&str> = text.split_inclusive("\n\n").collect();
        let play = |body: String| {
            let recording = recording("text/event-stream", &body);
            let (player, request) = (&player, &case.request);
            async move {
                let got = player
                    .stream(id, request, &recording, Chunking::Whole)
                    .await;
                stream_snapshot(id, &got.unwrap())
            }
        };
        let original = play(text.to_owned()).await["events"].clone();
        let is_data = |event: &&&str| event.contains("data: {") || event.contains("data:{");
        for (index, event) in events.iter().enumerate() {
            let delivered_before = events[..index].iter().filter(is_data).count();
            let data = event.trim().strip_prefix("data:").unwrap_or_default();
            let Ok(data) = serde_json::from_str::<Value>(data) else {
                continue;
            };
            for one in each_replaced(&data) {
                let Replaced {
                    pointer,
                    replacement,
                    changed,
                } = one;
                let changed = format!("data: {changed}\n\n");
                let body = [&events[..index], &[&changed], &events[index + 1..]].concat();
                let got = play(body.concat()).await;
                let deviations = got["deviations"].as_array().cloned().unwrap_or_default();
                let deviations: Vec<Value> = deviations.into_iter().map(within_events).collect();
                let place = format!("/{delivered_before}{pointer}");
                let explanation = match got["outcome"].as_str() {
                    Some("stream_ok") => {
                        explain(&original, &got["events"], &place, &replacement, &deviations)
                            .map(str::to_owned)
                    }
                    _ => expected_error(&got["error"], &pointer),
                };
                let context =
                    |reason| format!("{reason}: {} {place} = {replacement}: {got}", case.name);
                tally.count(explanation.map_err(context));
            }
        }
    }
    tally.assert_explained(5_000);
}

//! What a caller gets for streams that go wrong, each in its own way.

use cometapi_contract::Operation;
use contract_tests::chunking::Chunking;
use contract_tests::outcome_json::stream_summary;
use contract_tests::replay::{Recording, Replayer};
use contract_tests::stream_text::Shape;
use serde_json::{Value, json};

use crate::support::cases;
use crate::support::snapshot::check_all;

const ERROR: &str = r#"{"error":{"message":"no available channel for model x (request id: 2026Abc)","type":"comet_api_error","code":"model_not_found"}}"#;

/// How a stream goes wrong, given the contract's first one in chunks that end in blank lines.
type Wrong = fn(&[&str]) -> String;

const STREAMS: &[(&str, &str, Wrong)] = &[
    ("cut_between_events", "", |events| events[..3].concat()),
    ("cut_inside_an_event", "", |events| {
        events[..2].concat() + &events[2][..40]
    }),
    (
        "broken_between_events",
        "content-length: 9000\n",
        |events| events[..3].concat(),
    ),
    (
        "broken_inside_an_event",
        "content-length: 9000\n",
        |events| events[..2].concat() + &events[2][..40],
    ),
    ("empty", "", |_| String::new()),
    ("comments_only", "", |_| ": PING\n\n: PING\n\n".to_owned()),
    ("error_instead", "", |_| ERROR.to_owned()),
    ("page_instead", "", |_| {
        "<!DOCTYPE html><html><title>502 Bad Gateway</title></html>".to_owned()
    }),
    ("error_event_first", "", |_| format!("data: {ERROR}\n\n")),
    ("error_event", "", |events| {
        format!("{}data: {ERROR}\n\ndata: [DONE]\n\n", events[..2].concat())
    }),
    ("error_event_by_name", "", |events| {
        let error = "event: error\ndata: {\"message\":\"upstream failed\"}\n\n";
        events[..2].concat() + error
    }),
    ("error_beside_choices", "", |events| {
        let event = events[2].trim_end().strip_suffix('}').unwrap();
        let error = r#","error":{"message":"upstream failed","code":null}}"#;
        format!("{}{event}{error}\n\n", events[..2].concat())
    }),
    ("event_of_another_shape", "", |events| {
        events[0].to_owned() + "data: {\"choices\":[{\"index\":0,\"delta\":7}]}\n\n"
    }),
    ("event_without_json", "", |events| {
        events[0].to_owned() + "data: hello\n\n"
    }),
    ("without_its_marker", "", |events| {
        events[..events.len() - 1].concat()
    }),
    (
        "broken_after_the_last_event",
        "content-length: 9000\n",
        |events| events[..events.len() - 1].concat(),
    ),
];

pub(crate) fn names() -> impl Iterator<Item = String> {
    STREAMS.iter().map(|(name, ..)| format!("stream.{name}"))
}

fn streaming() -> Vec<Operation<'static>> {
    let mut operations = cases::operations();
    operations.retain(|operation| !cases::streams_of(operation).is_empty());
    operations
}

async fn played(
    operation: &Operation<'static>,
    head: &str,
    wrong: Wrong,
    split: Chunking,
) -> Value {
    let stream = &cases::streams_of(operation)[0];
    let bytes = stream.bytes();
    let text = std::str::from_utf8(&bytes).unwrap();
    let body = wrong(&text.split_inclusive("\n\n").collect::<Vec<_>>());
    let head = format!("HTTP/1.1 200\ncontent-type: text/event-stream\nx-request-id: r1\n{head}");
    let recording = Recording::parse(format!("{head}\n{body}").as_bytes()).unwrap();
    let player = Replayer::start().await.unwrap();
    let (id, shape) = (operation.id(), Shape::of(operation).unwrap());
    let streamed = player.stream(id, &stream.request, &recording, split);
    stream_summary(id, &shape, &streamed.await.unwrap())
}

#[tokio::test]
async fn every_odd_stream() {
    let (mut got, mut cuts_that_matter) = (Vec::new(), Vec::new());
    for ((_, head, wrong), name) in STREAMS.iter().zip(names()) {
        let mut outcomes = Vec::new();
        for operation in streaming() {
            let whole = played(&operation, head, *wrong, Chunking::Whole).await;
            for split in [Chunking::Bytes, Chunking::Random(1), Chunking::Random(2)] {
                let cut = played(&operation, head, *wrong, split).await;
                if cut != whole {
                    cuts_that_matter.push(format!("{name} {split:?}: {cut}"));
                }
            }
            outcomes.push(whole);
        }
        got.push((name, json!(outcomes)));
    }
    check_all(&got);
    assert!(cuts_that_matter.is_empty(), "{cuts_that_matter:#?}");
}

/// No two of them may look the same to a caller.
#[tokio::test]
async fn an_end_too_early_an_empty_body_and_an_error_are_told_apart() {
    for operation in streaming() {
        let mut rendered = Vec::new();
        for wanted in [
            "cut_between_events",
            "cut_inside_an_event",
            "empty",
            "error_instead",
        ] {
            let (_, head, wrong) = STREAMS.iter().find(|(name, ..)| *name == wanted).unwrap();
            let report = played(&operation, head, *wrong, Chunking::Whole).await;
            let error = match report["error"].is_object() {
                true => &report["error"],
                false => &report,
            };
            let message = error["message"].as_str().unwrap();
            rendered.push(format!("{}: {message}", error["kind"].as_str().unwrap()));
        }
        let expected = [
            "incomplete_stream: the stream ended after 3 events without `[DONE]`",
            "incomplete_stream: the stream ended within event 3",
            "incomplete_stream: the stream is empty",
            "model_not_found: no available channel for model x (request id: 2026Abc)",
        ];
        assert_eq!(rendered, expected, "{}", operation.id());
    }
}

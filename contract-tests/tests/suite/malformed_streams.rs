//! What a caller gets for streams that go wrong, each in its own way.

use contract_tests::chunking::Chunking;
use contract_tests::outcome_json::Shape;
use contract_tests::outcome_json::stream_summary;
use contract_tests::replay::{Recording, Replayer};
use serde_json::{Value, json};

use crate::support::cases::{self, ResponseCase};
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

/// What callers get for an operation's first stream gone wrong, in this chunking.
async fn played((case, example): ResponseCase, head: &str, wrong: Wrong, split: Chunking) -> Value {
    let bytes = example.bytes().unwrap();
    let text = std::str::from_utf8(&bytes).unwrap();
    let body = wrong(&text.split_inclusive("\n\n").collect::<Vec<_>>());
    let head = format!("HTTP/1.1 200\ncontent-type: text/event-stream\nx-request-id: r1\n{head}");
    let recording = Recording::parse(format!("{head}\n{body}").as_bytes()).unwrap();
    let player = Replayer::start().await.unwrap();
    let (id, shape) = (case.operation.id(), Shape::of(&case.operation).unwrap());
    let streamed = player.stream(id, &case.request, &recording, split);
    stream_summary(id, &shape, &streamed.await.unwrap())
}

#[tokio::test]
async fn every_odd_stream() {
    let (mut got, mut cuts_that_matter) = (Vec::new(), Vec::new());
    for ((_, head, wrong), name) in STREAMS.iter().zip(names()) {
        let mut outcomes = Vec::new();
        let operations = cases::operations();
        let streams = operations
            .iter()
            .filter_map(|one| cases::first_stream(one.id()));
        for stream in streams {
            let whole = played(stream, head, *wrong, Chunking::Whole).await;
            for split in [Chunking::Bytes, Chunking::Random(1), Chunking::Random(2)] {
                let cut = played(stream, head, *wrong, split).await;
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

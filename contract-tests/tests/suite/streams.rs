//! The contract's streams, cut anywhere, with every line ending that there is.

use std::ops::Range;

use contract_tests::chunking::Chunking;
use contract_tests::outcome_json::stream_snapshot;
use contract_tests::replay::{Header, Recording, Replayer};
use serde_json::Value;

use crate::support::cases::{self, ExampleResponse};
use crate::support::snapshot::check_all;
use contract_tests::normalize::normalize;

fn streams() -> Vec<(&'static str, ExampleResponse)> {
    let operations = cases::operations();
    let streams = operations.iter().flat_map(|operation| {
        let streams = cases::streams_of(operation).into_iter();
        streams.map(|stream| (operation.id(), stream))
    });
    streams.collect()
}

/// The events of a documented stream, read without the client.
fn documented(stream: &ExampleResponse) -> Vec<Value> {
    let bytes = stream.bytes();
    let lines = std::str::from_utf8(&bytes).unwrap().lines();
    let data = lines.filter_map(|line| line.strip_prefix("data:"));
    // What isn't JSON is the marker of the end.
    let events = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
    events.map(|event| normalize(&event)).collect()
}

fn recording(stream: &ExampleResponse, body: &[u8]) -> Recording {
    let media_type = Header {
        name: "content-type".to_owned(),
        value: stream.example.media_type.into(),
    };
    Recording {
        status: stream.status(),
        headers: vec![media_type],
        body: body.to_vec(),
    }
}

async fn events(
    player: &Replayer,
    operation: &str,
    stream: &ExampleResponse,
    body: &[u8],
    split: Chunking,
) -> Vec<Value> {
    let recording = recording(stream, body);
    let streamed = player.stream(operation, &stream.request, &recording, split);
    let (drained, events) = streamed.await.unwrap().expect(&stream.name);
    assert!(drained.outcome.is_ok(), "{} {split:?}", stream.name);
    events
}

/// Plays every stream whole, byte by byte and cut by each seed, with this line ending.
async fn assert_cuts_do_not_matter(ending: &str, seeds: Range<u64>) {
    let player = Replayer::start().await.unwrap();
    let mut played = 0;
    for (operation, stream) in streams() {
        let bytes = stream.bytes();
        let text = std::str::from_utf8(&bytes).unwrap();
        let whole = events(&player, operation, &stream, &bytes, Chunking::Whole).await;
        let expected = documented(&stream);
        assert_eq!(whole.iter().map(normalize).collect::<Vec<_>>(), expected);
        let body = text.replace('\n', ending).into_bytes();
        let seeds = seeds.clone().map(Chunking::Random);
        for split in [Chunking::Whole, Chunking::Bytes].into_iter().chain(seeds) {
            let events = events(&player, operation, &stream, &body, split).await;
            assert_eq!(events, whole, "{} {split:?}", stream.name);
            played += 1;
        }
    }
    assert!(played > 300, "only {played} streams were played");
}

#[tokio::test]
async fn every_documented_stream_event_by_event() {
    let player = Replayer::start().await.unwrap();
    let mut got = Vec::new();
    for (operation, stream) in streams() {
        let recording = recording(&stream, &stream.bytes());
        let streamed = player.stream(operation, &stream.request, &recording, Chunking::Whole);
        let streamed = streamed.await.unwrap();
        got.push((stream.name, stream_snapshot(operation, &streamed)));
    }
    check_all(&got);
}

#[tokio::test]
async fn every_cut_gives_the_same_events_with_lf() {
    assert_cuts_do_not_matter("\n", 0..34).await;
}

#[tokio::test]
async fn every_cut_gives_the_same_events_with_cr() {
    assert_cuts_do_not_matter("\r", 34..67).await;
}

#[tokio::test]
async fn every_cut_gives_the_same_events_with_crlf() {
    assert_cuts_do_not_matter("\r\n", 67..100).await;
}

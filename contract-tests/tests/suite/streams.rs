//! The contract's streams: cut anywhere, with every line end that there is, and folded to one response.

use std::ops::Range;
use std::time::Duration;

use cometapi::RetryPolicy;
use cometapi::types::ChatMessage;
use contract_tests::cases::CallMode;
use contract_tests::chunking::Chunking;
use contract_tests::normalize::normalize;
use contract_tests::replay::{Recording, Replayer};
use contract_tests::server::{Server, Step};
use contract_tests::test_client::test_client;
use serde_json::Value;

use crate::support::cases::{ResponseCase, responses, template};
use crate::support::stub_server::StubServer;

async fn events(
    player: &Replayer,
    (case, example): ResponseCase,
    body: &[u8],
    split: Chunking,
) -> Vec<Value> {
    let recording = Recording::new(200, example.media_type, body);
    let streamed = player.stream(case.operation.id(), &case.request, &recording, split);
    let (drained, events) = streamed.await.unwrap().expect(&case.name);
    assert!(drained.outcome.is_ok(), "{} {split:?}", case.name);
    events
}

/// Plays every stream whole, byte by byte and cut by each seed, with this line end.
async fn assert_cuts_do_not_matter(end: &str, seeds: Range<u64>) {
    let player = Replayer::start().await.unwrap();
    let mut played = 0;
    for stream in responses(CallMode::Streaming) {
        let bytes = stream.1.bytes().unwrap();
        let whole = events(&player, stream, &bytes, Chunking::Whole).await;
        let body = std::str::from_utf8(&bytes).unwrap().replace('\n', end);
        let seeds = seeds.clone().map(Chunking::Random);
        for split in [Chunking::Whole, Chunking::Bytes].into_iter().chain(seeds) {
            let events = events(&player, stream, body.as_bytes(), split).await;
            assert_eq!(events, whole, "{} {end:?} {split:?}", stream.0.name);
            played += 1;
        }
    }
    assert!(played > 300, "only {played} streams were played");
}

#[tokio::test]
async fn every_cut_gives_the_same_events() {
    tokio::join!(
        assert_cuts_do_not_matter("\n", 0..34),
        assert_cuts_do_not_matter("\r", 34..67),
        assert_cuts_do_not_matter("\r\n", 67..100),
    );
}

#[tokio::test]
async fn every_documented_stream_folds_to_the_response_of_its_name() {
    let streams: Vec<_> = responses(CallMode::Streaming).collect();
    assert!(streams.len() >= 10, "the contract has lost its streams");
    for (case, stream) in streams {
        let same = |(other, response): &ResponseCase| {
            other.operation.id() == case.operation.id()
                && (response.status, response.name) == (stream.status, stream.name)
        };
        let response = responses(CallMode::Buffered).find(same).expect(&case.name);
        let documented: Value = serde_json::from_slice(&response.1.bytes().unwrap()).unwrap();
        let path = case.operation.path();
        let scene = StubServer::expecting("POST", path, template(stream)).await;
        let client = scene.client();
        let call = client.create_chat_completion().model("m");
        let call = call.messages([ChatMessage::user("Say hello.")]);
        let folded = call.stream().await.unwrap().collect_completion().await;
        let folded = serde_json::to_value(folded.unwrap()).unwrap();
        assert_eq!(normalize(&folded), normalize(&documented), "{}", case.name);
    }
}

/// What isn't read to its end isn't paid for longer than it has to: the server sees the caller go. That of streams is
/// among the client's own tests.
#[tokio::test]
async fn a_dropped_download_closes_its_connection() {
    let server = Server::start().await.unwrap();
    let begun = "HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\n\r\nID3 and so on";
    let script = server.play([Step::Write(begun.into()), Step::Stall]);
    let client = test_client(&server.url()).retry_policy(RetryPolicy::never());
    let client = client.build().unwrap();
    let call = client.create_speech().model("m").input("Hello.");
    let mut speech = call.voice("nova").send().await.unwrap();
    speech.next().await.unwrap().unwrap();
    drop(speech);
    // Long enough for any machine; reached only where the client keeps the connection.
    let left = tokio::time::timeout(Duration::from_secs(30), script.ended()).await;
    left.expect("the connection stays open");
}

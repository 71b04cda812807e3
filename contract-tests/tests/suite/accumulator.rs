//! The chunks of a stream come to the same as the response that wasn't streamed.

use cometapi::types::{ChatCompletion, ChatMessage};
use serde_json::Value;
use wiremock::ResponseTemplate;

use crate::support::cases;
use crate::support::stub_server::StubServer;
use contract_tests::normalize::normalize;

const CHAT: &str = "create_chat_completion";

async fn folded(stream: ResponseTemplate) -> ChatCompletion {
    let scene = StubServer::expecting("POST", "/v1/chat/completions", stream).await;
    let client = scene.client();
    let call = client.create_chat_completion().model("m");
    let call = call.messages([ChatMessage::user("Say hello.")]);
    call.stream()
        .await
        .unwrap()
        .collect_completion()
        .await
        .unwrap()
}

#[tokio::test]
async fn every_documented_stream_folds_to_the_response_of_its_name() {
    let operation = cases::CONTRACT.operation(CHAT).unwrap();
    let responses = cases::responses_of(&operation);
    let streams = cases::streams_of(&operation);
    assert!(streams.len() >= 10, "the contract has lost its streams");
    for stream in streams {
        let same = |response: &&cases::ExampleResponse| {
            (response.status(), response.example.name) == (stream.status(), stream.example.name)
        };
        let response = responses.iter().find(same).expect(&stream.name);
        let documented: Value = serde_json::from_slice(&response.bytes()).unwrap();
        let folded = folded(stream.template()).await;
        let folded = serde_json::to_value(folded).unwrap();
        assert_eq!(
            normalize(&folded),
            normalize(&documented),
            "{}",
            stream.name
        );
    }
}

//! What goes over the wire.

use cometapi::types::ChatMessage;
use contract_tests::dispatch;
use contract_tests::normalize::normalize;
use contract_tests::request;
use serde_json::{Value, json};

use crate::support::form::form;
use crate::support::request_snapshot::request_snapshot;
use crate::support::snapshot::{check, check_all};
use crate::support::stub_server::StubServer;
use crate::support::{arguments, cases};

const EXTRA_FIELDS: &str = "wire.extra_fields";
const CALL_HEADERS: &str = "wire.call_headers";
const CLIENT_HEADERS: &str = "wire.client_headers";

pub(crate) fn names() -> impl Iterator<Item = String> {
    [EXTRA_FIELDS, CALL_HEADERS, CLIENT_HEADERS]
        .map(str::to_owned)
        .into_iter()
}

/// A chat server, and the one request that it is sent.
async fn chat() -> StubServer {
    let response = cases::success("create_chat_completion");
    StubServer::expecting("POST", "/v1/chat/completions", response).await
}

async fn only_request(scene: &StubServer) -> Value {
    let requests = scene.requests().await;
    assert_eq!(requests.len(), 1);
    request_snapshot(&requests[0])
}

#[tokio::test]
async fn every_documented_request() {
    let mut all = Vec::new();
    for operation in cases::operations() {
        let path = cases::path(&operation);
        let cases = cases::requests_of(&operation);
        let scene = StubServer::new().await;
        let client = scene.client();
        for case in &cases {
            let response = case.success();
            scene.expect(operation.method(), &path, 1, response).await;
            case.send(&client).await.expect(&case.name);
        }
        for (case, request) in cases.into_iter().zip(&scene.requests().await) {
            match form(request) {
                Some(form) => {
                    assert_eq!(form.fields(), request::form_fields(&case.request).unwrap())
                }
                None => {
                    let asked = normalize(&case.request["body"]);
                    assert_eq!(
                        normalize(&request_snapshot(request)["body"]),
                        asked,
                        "{}",
                        case.name
                    );
                }
            }
            all.push((case.name, request_snapshot(request)));
        }
    }
    check_all(&all);
}

#[tokio::test]
async fn the_key_goes_only_where_the_contract_asks_for_it() {
    for operation in cases::operations() {
        let (id, path) = (operation.id(), cases::path(&operation));
        let scene = StubServer::expecting(operation.method(), &path, cases::success(id)).await;
        dispatch::call(&scene.client(), id, &arguments(&operation)).await;
        let sent = only_request(&scene).await;
        let key = &sent["headers"]["authorization"];
        match operation.requires_auth() {
            true => assert_eq!(key, "Bearer [key]", "{id}"),
            false => assert_eq!(key, &Value::Null, "{id}"),
        }
    }
}

#[tokio::test]
async fn fields_that_the_contract_does_not_know_are_sent() {
    let scene = chat().await;
    let client = scene.client();
    let call = client.create_chat_completion();
    call.model("your-model-id")
        .messages([ChatMessage::user("Say hello.")])
        .temperature(0.5)
        .extra(
            "thinking",
            json!({ "type": "enabled", "budget_tokens": 1024 }),
        )
        .extra("temperature", 1)
        .extra("seed", Value::Null)
        .send()
        .await
        .unwrap();
    check(EXTRA_FIELDS, &only_request(&scene).await);
}

#[tokio::test]
async fn headers_of_one_call() {
    let scene = chat().await;
    let client = scene.client();
    let call = client.create_chat_completion();
    call.model("your-model-id")
        .messages([ChatMessage::user("Say hello.")])
        .with_header("x-trace", "overwritten")
        .with_header("X-Trace", "7")
        .with_header("accept-language", "vi")
        .send()
        .await
        .unwrap();
    check(CALL_HEADERS, &only_request(&scene).await);
}

#[tokio::test]
async fn headers_of_a_client() {
    let response = cases::success("list_catalog_models");
    let scene = StubServer::expecting("GET", "/api/models", response).await;
    let builder = scene.builder().user_agent("my-app/2");
    let builder = builder.default_header("x-team", "blue");
    let client = builder
        .default_header("x-trace", "of the client")
        .build()
        .unwrap();
    let call = client
        .list_catalog_models()
        .with_header("x-trace", "of the call");
    call.send().await.unwrap();
    check(CLIENT_HEADERS, &only_request(&scene).await);
}

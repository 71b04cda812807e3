//! What goes over the wire beyond the contract's examples, and where to.

use std::time::Duration;

use cometapi::types::ChatMessage;
use cometapi::{Client, ClientBuilder};
use cometapi_mock::Mock;
use contract_tests::cases::{ForwardOptions, RecordingProxy, request_snapshot};
use serde_json::{Value, json};

use crate::support::snapshot::check;
use crate::support::stub_server::StubServer;
use crate::support::{KEY, cases};

const EXTRA_FIELDS: &str = "wire.extra_fields";
const CALL_HEADERS: &str = "wire.call_headers";
const CLIENT_HEADERS: &str = "wire.client_headers";

pub(crate) fn names() -> impl Iterator<Item = String> {
    let names = [EXTRA_FIELDS, CALL_HEADERS, CLIENT_HEADERS];
    names.into_iter().map(str::to_owned)
}

/// Compares the one request that is sent by a call with its snapshot.
async fn assert_sent(
    name: &str,
    configure: impl FnOnce(ClientBuilder) -> ClientBuilder,
    call: impl AsyncFnOnce(Client),
) {
    let (mock, proxy) = (Mock::start().await, RecordingProxy::start().await.unwrap());
    let mock = mock.unwrap();
    proxy.forward(ForwardOptions {
        server: mock.url(),
        ..ForwardOptions::default()
    });
    let builder = Client::builder().base_url(proxy.url()).api_key(KEY);
    call(configure(builder).build().unwrap()).await;
    let [exchange] = &proxy.exchanges()[..] else {
        panic!("{name}: not one request");
    };
    check(name, &request_snapshot(exchange, KEY));
}

#[tokio::test]
async fn fields_that_the_contract_does_not_know_are_sent() {
    let call = async |client: Client| {
        let call = client.create_chat_completion().model("your-model-id");
        let thinking = json!({ "type": "enabled", "budget_tokens": 1024 });
        let call = call
            .messages([ChatMessage::user("Say hello.")])
            .temperature(0.5)
            .extra("thinking", thinking)
            .extra("temperature", 1)
            .extra("seed", Value::Null);
        // The contract doesn't allow it either, and the mock says so.
        call.send().await.unwrap_err();
    };
    assert_sent(EXTRA_FIELDS, |builder| builder, call).await;
}

#[tokio::test]
async fn headers_of_one_call() {
    let call = async |client: Client| {
        let call = client.create_chat_completion().model("your-model-id");
        let call = call
            .messages([ChatMessage::user("Say hello.")])
            .with_header("x-trace", "overwritten")
            .with_header("X-Trace", "7")
            .with_header("accept-language", "vi");
        call.send().await.unwrap();
    };
    assert_sent(CALL_HEADERS, |builder| builder, call).await;
}

#[tokio::test]
async fn headers_of_a_client() {
    let configure = |builder: ClientBuilder| {
        let builder = builder
            .user_agent("my-app/2")
            .default_header("x-team", "blue");
        builder.default_header("x-trace", "of the client")
    };
    let call = async |client: Client| {
        let call = client.list_catalog_models();
        let call = call.with_header("x-trace", "of the call");
        call.send().await.unwrap();
    };
    assert_sent(CLIENT_HEADERS, configure, call).await;
}

#[tokio::test]
async fn base_urls_are_taken_as_users_paste_them() {
    for (pasted, prefix) in [
        ("URL", ""),
        ("URL/", ""),
        ("URL/v1", ""),
        ("URL/v1/", ""),
        (" URL/v1 \n", ""),
        ("URL/gateway", "/gateway"),
        ("URL/gateway/", "/gateway"),
        ("URL/gateway/v1", "/gateway"),
        ("URL/gateway/v1/", "/gateway"),
    ] {
        let scene = StubServer::new().await;
        let url = pasted.replace("URL", &scene.url());
        for operation in cases::operations().iter().take(2) {
            let path = format!("{prefix}{}", operation.path());
            let response = cases::success(operation.id());
            scene.expect("GET", &path, 1, response).await;
        }
        let client = Client::builder().base_url(&url).api_key(KEY);
        let client = client.build().unwrap();
        client.list_catalog_models().send().await.expect(&url);
        client.list_models().send().await.expect(&url);
    }
}

#[tokio::test]
async fn a_call_may_take_longer_than_its_client() {
    let short = Duration::from_millis(50);
    let response = cases::success("list_catalog_models").set_delay(3 * short);
    let scene = StubServer::expecting("GET", "/api/models", response).await;
    let client = scene.builder().timeout(short).build().unwrap();
    let call = client.list_catalog_models();
    call.with_timeout(400 * short).send().await.unwrap();
}

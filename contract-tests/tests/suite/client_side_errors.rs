//! What fails before anything is sent.

use cometapi::types::ChatMessage;
use cometapi::{Client, Error, ErrorKind};
use contract_tests::dispatch;

use crate::support::stub_server::StubServer;
use crate::support::{KEY, arguments, cases};

/// Fails the test if the server was requested anything, when the scene is dropped.
#[track_caller]
fn assert_refused<T: std::fmt::Debug>(got: Result<T, Error>, kind: ErrorKind, message: &str) {
    let error = got.expect_err("it was sent");
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(error.message(), message);
    assert!(!error.request_may_have_been_sent() && !error.is_retryable());
    assert_eq!((error.status(), error.body()), (None, None));
}

#[tokio::test]
async fn an_operation_that_needs_a_key_without_one() {
    let scene = StubServer::new().await;
    let client = scene.builder().build().unwrap();
    for operation in cases::operations() {
        if operation.requires_auth() {
            let got = dispatch::call(&client, operation.id(), &arguments(&operation)).await;
            let message =
                "no API key: set COMETAPI_KEY or COMETAPI_API_KEY or call `ClientBuilder::api_key`";
            assert_refused(got.unwrap(), ErrorKind::MissingApiKey, message);
        }
    }
}

#[tokio::test]
async fn a_required_field_is_missing() {
    let scene = StubServer::new().await;
    let client = scene.client();
    let call = client.create_chat_completion();
    let missing = |name| format!("missing required field `{name}`");
    let got = call.clone().model("m").send().await;
    assert_refused(got, ErrorKind::InvalidRequest, &missing("messages"));
    let got = call
        .messages([ChatMessage::user("Say hello.")])
        .send()
        .await;
    assert_refused(got, ErrorKind::InvalidRequest, &missing("model"));
}

#[tokio::test]
async fn a_header_that_can_not_be_one() {
    let scene = StubServer::new().await;
    let client = scene.client();
    for (name, value, message) in [
        ("x team", "a", "invalid header name"),
        (
            "x-team",
            "a\r\nx-evil: b",
            "the header `x-team` contains a line break or control character",
        ),
        (
            "Authorization",
            "Bearer other",
            "`authorization` cannot be set as a header; configure the API key on the client",
        ),
    ] {
        let call = client.list_catalog_models().with_header(name, value);
        assert_refused(call.send().await, ErrorKind::InvalidRequest, message);
    }
}

#[tokio::test]
async fn a_key_in_clear_text_to_another_machine() {
    let client = Client::builder()
        .base_url("http://192.0.2.1")
        .api_key(KEY)
        .build()
        .unwrap();
    let error = client.list_models().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(
        error.message().contains("danger_allow_http_api_key"),
        "{error}"
    );
}

#[test]
fn settings_that_no_client_can_have() {
    let build = |key: &str, url: &str| Client::builder().api_key(key).base_url(url).build();
    let url = "https://api.example";
    for (key, url, message) in [
        ("", url, "the key is blank"),
        ("sk-a\nb", url, "the key contains a line break"),
        (KEY, " ", "the base URL is blank"),
    ] {
        assert_refused(build(key, url), ErrorKind::Configuration, message);
    }
    for url in [
        "api.example",
        "ftp://api.example",
        "https://",
        "https://a.example/?x=1",
        "https://u:p@a.example",
    ] {
        let error = build(KEY, url).expect_err(url);
        assert_eq!(error.kind(), ErrorKind::Configuration, "{url}");
        assert!(!error.to_string().contains(url), "{error}");
    }
}

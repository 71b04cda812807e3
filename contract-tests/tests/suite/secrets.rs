//! The key shows up in nothing that can be printed.

use std::error::Error as _;
use std::fmt::{Debug, Display};
use std::path::Path;
use std::time::Duration;

use cometapi::runtime::{Call, Method, Operation};
use cometapi::types::ChatMessage;
use cometapi::{Client, ClientBuilder, Error, ErrorKind, RetryPolicy, Upload};
use contract_tests::dispatch;
use wiremock::ResponseTemplate;

use crate::support::stub_server::StubServer;
use crate::support::{KEY, arguments, cases};

#[track_caller]
fn assert_hidden(what: &str, text: &str) {
    assert!(!text.is_empty(), "{what} shows nothing");
    assert!(!text.contains(KEY), "{what} shows the key: {text}");
}

#[track_caller]
fn assert_debug_hides(what: &str, value: &impl Debug) {
    assert_hidden(what, &format!("{value:?}"));
    assert_hidden(what, &format!("{value:#?}"));
}

#[track_caller]
fn assert_display_hides(what: &str, value: &impl Display) {
    assert_hidden(what, &format!("{value}"));
}

/// The error as it is printed, what it is made of in words, and its sources.
#[track_caller]
fn assert_error_hides(what: &str, error: &Error) {
    assert_debug_hides(what, error);
    assert_display_hides(what, error);
    assert_debug_hides(what, &error.kind());
    assert_display_hides(what, &error.kind());
    let words = [error.message(), error.help()].into_iter();
    let optional = [
        error.code(),
        error.error_type(),
        error.param(),
        error.request_id(),
    ];
    for text in words.chain(optional.into_iter().flatten()) {
        assert_hidden(what, text);
    }
    let mut source = error.source();
    while let Some(inner) = source {
        assert_debug_hides(what, &inner);
        assert_display_hides(what, &inner);
        source = inner.source();
    }
}

static OPERATION: Operation = Operation {
    api: &cometapi::API,
    id: "make_thing",
    method: Method::POST,
    path: "/things",
    success_status: 200,
    media_types: &[],
    authenticated: true,
    idempotent: false,
    uploads: &[],
    errors: &[],
    docs_url: None,
    telemetry: None,
};

/// A builder that has the key everywhere it can be put.
fn builder(url: &str) -> ClientBuilder {
    let builder = Client::builder()
        .api_key(KEY)
        .base_url(url)
        .retry_policy(RetryPolicy::never());
    builder.default_header("x-api-key", KEY)
}

#[tokio::test]
async fn clients_and_calls() {
    let scene = StubServer::new().await;
    let builder = builder(&scene.url());
    assert_debug_hides("ClientBuilder", &builder);
    let client = builder.build().unwrap();
    assert_debug_hides("Client", &client);
    let chat = client.create_chat_completion().model("m");
    let chat = chat.messages([ChatMessage::user("Say hello.")]);
    let transcription = client.create_transcription().file(Path::new("speech.mp3"));
    let translation = client.create_translation().extra("x-key", KEY);
    let calls: [&dyn Debug; 6] = [
        &client.list_catalog_models().with_header("x-key", KEY),
        &client.list_models().with_header("x-key", KEY),
        &chat.extra("temperature", 1).with_header("x-key", KEY),
        &client.create_speech().with_header("x-key", KEY),
        &transcription.with_header("x-key", KEY),
        &translation.with_header("x-key", KEY),
    ];
    assert_eq!(
        calls.len(),
        cases::operations().len(),
        "one is not looked at"
    );
    for call in calls {
        assert_debug_hides("a builder", &call);
    }
    let mut call = Call::new(&client, &OPERATION);
    call.with_header("x-key", KEY);
    assert_debug_hides("Call", &call);
    assert_debug_hides("Operation", &OPERATION);
}

#[tokio::test]
async fn responses_streams_and_downloads() {
    // Some services send back what they were sent.
    let echoing =
        |response: ResponseTemplate| response.insert_header("x-echo", format!("Bearer {KEY}"));
    let scene = StubServer::new().await;
    let client = builder(&scene.url()).build().unwrap();
    let models = echoing(cases::success("list_models"));
    scene.expect("GET", "/v1/models", 1, models).await;
    let response = client.list_models().send().await.unwrap();
    assert_debug_hides("Response", &response);
    assert_debug_hides("ResponseParts", &response.into_parts().0);
    let (chat, example) = cases::first_stream("create_chat_completion").unwrap();
    let path = chat.operation.path();
    let stream = echoing(cases::template(example));
    scene.expect("POST", path, 1, stream).await;
    let call = client.create_chat_completion().model("m");
    let call = call.messages([ChatMessage::user("Say hello.")]);
    let mut stream = call.clone().stream().await.unwrap();
    assert_debug_hides("EventStream", &stream);
    stream.next().await.unwrap().unwrap();
    assert_debug_hides("TextDeltaStream", &stream.into_text_deltas());
    let error = "data: {\"error\":{\"message\":\"KEY\",\"KEY\":1}}\n\n".replace("KEY", KEY);
    let response = echoing(ResponseTemplate::new(200).set_body_raw(error, "text/event-stream"));
    scene.expect("POST", path, 1, response).await;
    let mut stream = call.stream().await.unwrap();
    assert_error_hides("EventStream", &stream.next().await.unwrap().unwrap_err());
    let speech = echoing(cases::success("create_speech"));
    scene.expect("POST", "/v1/audio/speech", 1, speech).await;
    let call = client.create_speech().model("m").input("Hello.");
    let download = call.voice("nova").send().await.unwrap();
    assert_debug_hides("Download", &download);
    assert_debug_hides("Upload", &Upload::path("speech.mp3"));
}

#[tokio::test]
async fn responses_that_echo_the_key() {
    let echo = |text: &str| text.replace("KEY", KEY);
    let error = r#"{"error":{"message":"bad key KEY (request id: KEY)","type":"KEY","code":"KEY","param":"KEY"}}"#;
    let bodies = [
        (401, "application/json", error),
        (200, "application/json", error),
        (
            200,
            "application/json",
            r#"{"success":false,"message":"KEY"}"#,
        ),
        (200, "application/json", r#"{"data":"KEY","choices":"KEY"}"#),
        (
            200,
            "application/json",
            r#"{"data":[{"KEY":"KEY"}],"choices":[{"KEY":1}]}"#,
        ),
        (200, "text/html", "<html><title>KEY</title></html>"),
        (502, "text/html", "<html><title>KEY</title></html>"),
        (500, "text/plain", "KEY"),
        (301, "text/plain", "see /?key=KEY"),
    ];
    for operation in cases::operations() {
        let (id, path) = (operation.id(), cases::path(&operation));
        let scene = StubServer::new().await;
        let client = builder(&scene.url()).build().unwrap();
        for (status, media_type, body) in bodies {
            let template = ResponseTemplate::new(status)
                .insert_header("x-request-id", KEY)
                .insert_header("location", echo("/?key=KEY").as_str())
                .set_body_raw(echo(body), media_type);
            scene.expect(operation.method(), &path, 1, template).await;
            let outcome = dispatch::call(&client, id, &arguments(&operation)).await;
            let what = format!("{id} {status} {body}");
            assert_error_hides(&what, &outcome.unwrap().expect_err(&what));
        }
    }
}

fn unbuilt(builder: ClientBuilder) -> Error {
    builder.build().unwrap_err()
}

#[tokio::test]
async fn failures_without_a_response() {
    let slow = cases::success("list_models").set_delay(Duration::from_secs(20));
    let scene = StubServer::expecting("GET", "/v1/models", slow).await;
    let client = builder(&scene.url()).build().unwrap();
    let call = client.list_models();
    let short = Duration::from_millis(50);
    let timeout = call.clone().with_timeout(short).send().await;
    let unfit = call.with_header(KEY, format!("{KEY}\n")).send().await;
    let unknown = client.create_chat_completion().extra(KEY, KEY).send().await;
    let nobody = builder("http://127.0.0.1:1").build().unwrap();
    let nobody = nobody.list_models().send().await;
    let exposed = builder("http://192.0.2.1").build().unwrap();
    let exposed = exposed.list_models().send().await;
    let keyless = scene.builder().default_header("x-api-key", KEY);
    let keyless = keyless.build().unwrap().list_models().send().await;
    let new = || Client::builder().base_url(scene.url());
    let broken = || format!("{KEY}\n");
    for (kind, error) in [
        (ErrorKind::Timeout, timeout.unwrap_err()),
        (ErrorKind::InvalidRequest, unfit.unwrap_err()),
        (ErrorKind::InvalidRequest, unknown.unwrap_err()),
        (ErrorKind::Connect, nobody.unwrap_err()),
        (ErrorKind::Configuration, exposed.unwrap_err()),
        (ErrorKind::MissingApiKey, keyless.unwrap_err()),
        (
            ErrorKind::Configuration,
            unbuilt(new().api_key(broken() + "x")),
        ),
        (ErrorKind::Configuration, unbuilt(new().base_url(KEY))),
        (
            ErrorKind::Configuration,
            unbuilt(new().base_url(format!("https://x:{KEY}@y"))),
        ),
        (
            ErrorKind::Configuration,
            unbuilt(new().user_agent(broken())),
        ),
        (
            ErrorKind::Configuration,
            unbuilt(new().default_header("x", broken())),
        ),
    ] {
        assert_eq!(error.kind(), kind, "{error}");
        assert_error_hides(kind.as_str(), &error);
    }
}

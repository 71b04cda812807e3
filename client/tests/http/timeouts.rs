//! The timeouts of a call, each with its own error kind.

use std::time::Duration;

use cometapi::runtime::Call;
use cometapi::{ClientBuilder, Error, ErrorKind};
use serde_json::Value;

use crate::server::{Step, send, start};
use crate::{CREATE, READ, builder, call};

const SHORT: Duration = Duration::from_millis(100);
const SILENCE: Step = Step::Pause(Duration::from_secs(60));

/// The error of a call to a server with this script.
async fn call_error(
    script: &[Step],
    configure: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Error {
    let server = start(script).await;
    let client = configure(builder(&server.address)).build().unwrap();
    call(&client, &READ).await.unwrap_err()
}

#[track_caller]
fn assert_timeout(error: &Error, kind: ErrorKind, retryable: bool) {
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.is_timeout() && error.request_may_have_been_sent());
    assert_eq!(error.is_retryable(), retryable);
    assert!(error.message().contains("100ms"), "{error}");
}

#[tokio::test]
async fn no_response_within_the_response_timeout() {
    let error = call_error(&[SILENCE], |client| client.response_timeout(SHORT)).await;
    assert_timeout(&error, ErrorKind::ResponseTimeout, true);
    assert_eq!(error.message(), "no response within 100ms");
}

#[tokio::test]
async fn no_data_within_the_read_timeout() {
    let script = [
        send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"a\""),
        SILENCE,
    ];
    let error = call_error(&script, |client| client.read_timeout(SHORT)).await;
    assert_timeout(&error, ErrorKind::ReadTimeout, true);
    assert_eq!(error.status().unwrap().as_u16(), 200);
    assert_eq!(&error.body().unwrap()[..], b"{\"a\"");
}

#[tokio::test]
async fn a_timeout_in_an_error_body_keeps_the_status() {
    let script = [
        send("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 9\r\n\r\nfor"),
        SILENCE,
    ];
    for set_timeout in [ClientBuilder::read_timeout, ClientBuilder::timeout] {
        let error = call_error(&script, |client| set_timeout(client, SHORT)).await;
        assert_eq!((error.kind(), error.message()), (ErrorKind::Gateway, "for"));
        assert!(std::error::Error::source(&error).is_some());
    }
}

#[tokio::test]
async fn the_timeout_includes_the_body() {
    let mut slow_body = vec![send("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")];
    for _ in 0..100 {
        slow_body.extend([send("x"), Step::Pause(SHORT / 5)]);
    }
    for script in [&[SILENCE][..], &slow_body] {
        let error = call_error(script, |client| client.timeout(SHORT)).await;
        assert_timeout(&error, ErrorKind::Timeout, false);
    }
}

#[tokio::test]
async fn a_call_may_have_a_timeout_of_its_own() {
    let server = start(&[SILENCE]).await;
    let client = builder(&server.address).build().unwrap();
    let mut call = Call::new(&client, &READ);
    call.with_timeout(SHORT);
    assert_timeout(
        &call.send_json::<Value>().await.unwrap_err(),
        ErrorKind::Timeout,
        false,
    );
}

#[tokio::test]
async fn the_connect_timeout_includes_tls() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let client = builder(&address).connect_timeout(SHORT).build().unwrap();
    let error = call(&client, &CREATE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectTimeout, "{error}");
    assert!(error.is_retryable() && error.is_timeout() && !error.request_may_have_been_sent());
}

#[tokio::test]
async fn a_custom_http_client_may_have_a_timeout() {
    let no_response = [SILENCE];
    let incomplete_body = [
        send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"),
        SILENCE,
    ];
    for (script, kind) in [
        (&no_response[..], ErrorKind::ResponseTimeout),
        (&incomplete_body, ErrorKind::ReadTimeout),
    ] {
        let http = reqwest::Client::builder()
            .timeout(SHORT)
            .no_proxy()
            .build()
            .unwrap();
        let error = call_error(script, |client| client.http_client(http)).await;
        assert_eq!(error.kind(), kind, "{error}");
    }
}

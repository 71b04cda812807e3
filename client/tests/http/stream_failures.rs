//! Event streams that fail: incomplete ones, errors within them, and what is no stream.

use crate::KEY;
use crate::server::send;
use crate::stream_fixtures::*;
use cometapi::ErrorKind;
use std::error::Error as _;

#[tokio::test]
async fn the_error_of_an_incomplete_stream_names_where_it_ended() {
    let three = format!("{A}{B}{A_STOPS}");
    for (body, ending, delivered, message, kept) in [
        (
            three.clone(),
            Ending::Complete,
            3,
            "the stream ended after 3 events without `[DONE]`",
            "",
        ),
        (
            format!("{A}: PI"),
            Ending::Complete,
            1,
            "the stream ended after 1 event without `[DONE]`",
            "",
        ),
        (
            format!("{three}data: {{\"choi"),
            Ending::Complete,
            3,
            "the stream ended within event 4",
            "{\"choi",
        ),
        (
            format!("{three}data: {{}}\n"),
            Ending::Complete,
            3,
            "the stream ended within event 4",
            "{}",
        ),
        (
            three.clone(),
            Ending::Truncated,
            3,
            "connection lost after 3 events: ",
            "",
        ),
        (
            format!("{three}data: {{\"choi"),
            Ending::Truncated,
            3,
            "connection lost within event 4: ",
            "{\"choi",
        ),
        (
            String::new(),
            Ending::Complete,
            0,
            "the stream is empty",
            "",
        ),
        (
            "\n\n".to_owned(),
            Ending::Complete,
            0,
            "the stream is empty",
            "\n\n",
        ),
        (
            String::new(),
            Ending::Truncated,
            0,
            "connection lost after 0 events: ",
            "",
        ),
    ] {
        let (count, error) = failure(&events([body.as_bytes()], ending)).await;
        assert_eq!(
            (count, error.kind()),
            (delivered, ErrorKind::IncompleteStream),
            "{error}"
        );
        if message.ends_with(": ") {
            assert!(error.message().starts_with(message), "{error}");
            assert!(error.message().len() > message.len(), "{error}");
        } else {
            assert_eq!(error.message(), message);
        }
        assert_eq!(
            error.source().is_some(),
            ending == Ending::Truncated,
            "{error}"
        );
        assert_eq!(&error.body().unwrap()[..], kept.as_bytes(), "{error}");
        assert_eq!(
            (error.status().unwrap().as_u16(), error.request_id()),
            (200, Some("r1"))
        );
        assert!(error.headers().is_some() && error.request_may_have_been_sent());
        assert!(!error.is_retryable());
    }
}

#[tokio::test]
async fn json_or_html_instead_of_events_is_an_error() {
    let error = r#"{"error":{"message":"m","code":"c"}}"#;
    let padded = format!("\u{feff} \n {error}\n");
    for kind in [
        "content-type: text/event-stream; charset=utf-8\r\n",
        "content-type: application/json\r\n",
        "content-type: application/octet-stream\r\n",
        "content-type: text/html\r\n",
        "",
    ] {
        for body in [error, &padded] {
            for chunks in [vec![body.as_bytes()], body.as_bytes().chunks(1).collect()] {
                let (_, error) = failure(&http_response(kind, chunks, Ending::Complete)).await;
                assert_eq!((error.message(), error.code()), ("m", Some("c")), "{kind}");
                assert_eq!(
                    (error.kind(), error.request_id()),
                    (ErrorKind::Server, Some("r1"))
                );
                assert_eq!(&error.body().unwrap()[..], body.as_bytes());
            }
        }
        let html = "<html><title>Welcome</title></html>";
        let (_, error) = failure(&http_response(kind, [html.as_bytes()], Ending::Complete)).await;
        assert_eq!(error.kind(), ErrorKind::Gateway, "{kind}");
        let (_, error) = failure(&http_response(
            kind,
            [&b"{\"choices\":[]}"[..]],
            Ending::Complete,
        ))
        .await;
        assert_eq!(error.kind(), ErrorKind::Decode, "{kind}");
        assert_eq!(
            error.message(),
            "expected an event stream, got a JSON response"
        );
        assert_eq!(&error.body().unwrap()[..], b"{\"choices\":[]}");
    }
    let (_, error) = failure(&events([error.as_bytes()], Ending::Truncated)).await;
    assert_eq!((error.message(), error.code()), ("m", Some("c")));
    let (_, truncated) = failure(&events([&b"{\"error\":"[..]], Ending::Truncated)).await;
    assert_eq!(
        (truncated.kind(), &truncated.body().unwrap()[..]),
        (ErrorKind::IncompleteBody, &b"{\"error\":"[..])
    );
}

#[tokio::test]
async fn an_error_event_is_an_error_of_the_server() {
    for data in [
        r#"{"error":{"message":"busy (request id: other)","code":"c"}}"#,
        r#"{"choices":[{"index":0,"text":"x"}],"error":{"message":"busy","code":"c"}}"#,
        r#"{"error":{"message":"busy","code":"c"},"choices":null}"#,
        r#"{"success":false,"message":"busy","code":"c"}"#,
    ] {
        let body = format!("{A}data: {data}\n\n{B}{DONE}");
        let (count, error) = failure(&events([body.as_bytes()], Ending::Silent)).await;
        assert_eq!((count, error.kind()), (1, ErrorKind::Server), "{error}");
        assert!(error.message().starts_with("busy"), "{error}");
        assert_eq!((error.code(), error.request_id()), (Some("c"), Some("r1")));
        assert_eq!(error.status().unwrap().as_u16(), 200);
        assert_eq!(&error.body().unwrap()[..], data.as_bytes());
    }
    // An event named `error` is an error with any data.
    for data in ["{\"message\":\"busy\"}", "busy"] {
        let body = format!("{A}event: error\ndata: {data}\n\n{DONE}");
        let (count, error) = failure(&events([body.as_bytes()], Ending::Complete)).await;
        assert_eq!((count, error.message()), (1, "busy"));
    }
}

#[tokio::test]
async fn a_decode_error_names_the_event_and_field() {
    for (data, message) in [
        (
            r#"{"choices":[{"index":0},{"index":"x"}]}"#,
            "event 2: field `choices[1].index` does not match the expected schema",
        ),
        (
            "{\"choices\":",
            "event 2: event data is truncated at `choices`: EOF",
        ),
        ("rubbish", "event 2: invalid event data: expected value"),
    ] {
        let body = format!("{A}data: {data}\n\n{B}{DONE}");
        let (count, error) = failure(&events([body.as_bytes()], Ending::Complete)).await;
        assert_eq!((count, error.kind()), (1, ErrorKind::Decode));
        assert!(error.message().starts_with(message), "{error}");
        assert_eq!(&error.body().unwrap()[..], data.as_bytes());
    }
    let not_utf8 = [
        A.as_bytes(),
        b"data: {\"choices\":[{\"index\":0,\"text\":\"\xff\"}]}\n\n",
    ]
    .concat();
    let (count, error) = failure(&events([&not_utf8[..]], Ending::Complete)).await;
    assert_eq!((count, error.kind()), (1, ErrorKind::Decode));
}

#[tokio::test]
async fn an_error_response_is_read_as_without_a_stream() {
    let script = [send(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 3\r\nx-request-id: r2\r\n\r\nbad",
    )];
    let error = open(&script).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Gateway, "bad"));
    assert_eq!(error.request_id(), Some("r2"));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn an_echoed_key_is_redacted() {
    let body = format!("{A}data: {{\"error\":{{\"message\":\"bad key {KEY}\"}}}}\n\n");
    let (_, error) = failure(&events([body.as_bytes()], Ending::Complete)).await;
    assert_eq!(error.message(), "bad key [key]");
    let body = format!("{{\"error\":\"bad key {KEY}\"}}");
    let (_, error) = failure(&events([body.as_bytes()], Ending::Complete)).await;
    assert_eq!(error.message(), "bad key [key]");
    let body = format!("data: {{\"choices\":[{{\"index\":\"{KEY}\"}}]}}\n\n");
    let (_, error) = failure(&events([body.as_bytes()], Ending::Complete)).await;
    assert!(!format!("{error} {error:?}").contains(KEY), "{error:?}");
}

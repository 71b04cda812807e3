//! Event streams: framing, ends, errors, timeouts and limits.

use std::error::Error as _;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use cometapi::runtime::{
    Call, Described, EventStream, FinishTracker, Operation, StreamEnd, StreamEvent,
};
use cometapi::{ClientBuilder, Error, ErrorKind};
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::server::{Step, read_headers, send, start};
use crate::{KEY, builder, operation};

const SHORT: Duration = Duration::from_millis(100);
const SILENCE: Step = Step::Pause(Duration::from_secs(60));

static CHAT: Operation = operation("chat", true, false);

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Choice {
    index: i64,
    text: Option<String>,
    finish_reason: Option<String>,
}

impl Described for Chunk {}

impl StreamEvent for Chunk {
    type Usage = ();

    const SENTINEL: Option<&'static str> = Some("[DONE]");

    fn track_finish(&self, tracker: &mut FinishTracker) {
        for choice in &self.choices {
            tracker.record(choice.index, choice.finish_reason.is_some());
        }
    }
}

const A: &str = "data: {\"choices\":[{\"index\":0,\"text\":\"a\"}]}\n\n";
const B: &str = "data: {\"choices\":[{\"index\":1,\"text\":\"b\"}]}\n\n";
const A_STOPS: &str = "data: {\"choices\":[{\"index\":0,\"finish_reason\":\"stop\"}]}\n\n";
const B_STOPS: &str = "data: {\"choices\":[{\"index\":1,\"finish_reason\":\"length\"}]}\n\n";
const USAGE: &str = "data: {\"usage\":{}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// How a body ends on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Complete,
    Truncated,
    Silent,
}

/// A chunked response, whose chunks the client receives one by one.
fn http_response<'b>(
    headers: &str,
    chunks: impl IntoIterator<Item = &'b [u8]>,
    ending: Ending,
) -> Vec<Step> {
    let headers = format!(
        "HTTP/1.1 200 OK\r\nx-request-id: r1\r\ntransfer-encoding: chunked\r\n{headers}\r\n"
    );
    let mut response = headers.into_bytes();
    for chunk in chunks.into_iter().filter(|chunk| !chunk.is_empty()) {
        response.extend(format!("{:x}\r\n", chunk.len()).bytes());
        response.extend(chunk);
        response.extend(b"\r\n");
    }
    match ending {
        Ending::Complete => vec![send([response, b"0\r\n\r\n".to_vec()].concat())],
        Ending::Truncated => vec![send(response)],
        Ending::Silent => vec![send(response), SILENCE],
    }
}

fn events<'b>(chunks: impl IntoIterator<Item = &'b [u8]>, ending: Ending) -> Vec<Step> {
    http_response("content-type: text/event-stream\r\n", chunks, ending)
}

async fn open(script: &[Step]) -> Result<EventStream<Chunk>, Error> {
    open_with(script, |client| client).await
}

async fn open_with(
    script: &[Step],
    configure: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<EventStream<Chunk>, Error> {
    let server = start(script).await;
    let client = configure(builder(&server.address)).build().unwrap();
    Call::new(&client, &CHAT).send_streaming().await
}

/// Reads a stream to its end. Returns its events, and how it ended or the error that ended it.
async fn drain(stream: &mut EventStream<Chunk>) -> (Vec<Chunk>, Result<Option<StreamEnd>, Error>) {
    let mut delivered = Vec::new();
    let end = loop {
        match stream.next().await {
            Some(Ok(event)) => delivered.push(event),
            Some(Err(error)) => break Err(error),
            None => break Ok(stream.end()),
        }
    };
    assert!(stream.next().await.is_none(), "after {end:?}");
    assert_eq!(stream.events_received(), delivered.len());
    if end.is_err() {
        assert_eq!(stream.end(), None);
    }
    (delivered, end)
}

/// The number of events of a stream, and how it ended.
async fn outcome(script: &[Step]) -> (usize, Result<Option<StreamEnd>, Error>) {
    match open(script).await {
        Ok(mut stream) => {
            let (delivered, end) = drain(&mut stream).await;
            (delivered.len(), end)
        }
        Err(error) => (0, Err(error)),
    }
}

/// The number of events of a stream, and the error that ended it.
async fn failure(script: &[Step]) -> (usize, Error) {
    let (delivered, end) = outcome(script).await;
    (delivered, end.unwrap_err())
}

async fn write(connection: &mut TcpStream, script: &[Step]) {
    for step in script {
        if let Step::Send(bytes) = step {
            connection.write_all(bytes).await.unwrap();
        }
    }
}

/// Splits a body at random positions.
fn split_randomly(body: &[u8], seed: u64) -> Vec<&[u8]> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut chunks = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (chunk, after) = rest.split_at((1 + state as usize % 40).min(rest.len()));
        chunks.push(chunk);
        rest = after;
    }
    chunks
}

#[tokio::test]
async fn the_events_do_not_depend_on_line_ends_and_chunks() {
    let body = format!(
        "\u{feff}{A}: PING\n\nid: 1\nevent: message\ndata: {{\"choices\":\ndata:[{{\"index\":0,\
         \"text\":\"漢字😀\"}}]}}\n\n{B}\n: PING\n\ndata:\n\n{A_STOPS}{B_STOPS}{USAGE}{DONE}"
    );
    let mut responses = Vec::new();
    for end in ["\n", "\r", "\r\n"] {
        let body = body.replace('\n', end).into_bytes();
        let mut splits = vec![
            ("one chunk".to_owned(), vec![&body[..]]),
            ("byte by byte".to_owned(), body.chunks(1).collect()),
        ];
        splits.extend((0..100).map(|seed| (format!("seed {seed}"), split_randomly(&body, seed))));
        for (split, chunks) in splits {
            let headers = "content-type: text/event-stream\r\nconnection: close\r\n";
            responses.push((
                format!("{end:?} {split}"),
                http_response(headers, chunks, Ending::Complete),
            ));
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let client = builder(&address).build().unwrap();
    let (mut expected, mut runs) = (None, 0);
    for (case, script) in responses {
        let server = async {
            let (mut connection, _) = listener.accept().await.unwrap();
            read_headers(&mut connection).await.unwrap();
            write(&mut connection, &script).await;
        };
        let client = async {
            let mut stream = Call::new(&client, &CHAT).send_streaming().await.unwrap();
            let (delivered, end_of_stream) = drain(&mut stream).await;
            assert_eq!(end_of_stream.unwrap(), Some(StreamEnd::Sentinel), "{case}");
            let expected = expected.get_or_insert_with(|| {
                let texts = delivered.iter().flat_map(|chunk| &chunk.choices);
                let texts: Vec<_> = texts.filter_map(|choice| choice.text.as_deref()).collect();
                assert_eq!((delivered.len(), texts), (6, vec!["a", "漢字😀", "b"]));
                format!("{delivered:?}")
            });
            assert_eq!(&format!("{delivered:?}"), expected, "{case}");
            runs += 1;
        };
        tokio::join!(server, client);
    }
    assert_eq!(runs, 306);
}

#[tokio::test]
async fn a_stream_keeps_status_and_headers() {
    let server = start(&events([A.as_bytes(), DONE.as_bytes()], Ending::Complete)).await;
    let client = builder(&server.address).build().unwrap();
    let mut stream: EventStream<Chunk> = Call::new(&client, &CHAT).send_streaming().await.unwrap();
    assert_eq!(
        (stream.status().as_u16(), stream.request_id()),
        (200, Some("r1"))
    );
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    // The first event through `Stream`.
    let mut pinned = Pin::new(&mut stream);
    let first = poll_fn(|cx| futures_core::Stream::poll_next(pinned.as_mut(), cx)).await;
    assert_eq!(
        first.unwrap().unwrap().choices[0].text.as_deref(),
        Some("a")
    );
    assert!(stream.next().await.is_none());
    assert_eq!(
        format!("{stream:?}"),
        "EventStream { status: 200, request_id: Some(\"r1\"), delivered: 1, \
         end: Some(Sentinel), .. }"
    );
    let request = server.request().await;
    assert!(
        request.contains("accept: text/event-stream\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn a_sentinel_a_done_event_or_finished_choices_complete_a_stream() {
    use StreamEnd::{AllChoicesFinished, DoneEvent, Sentinel};
    let named = "event: chat.done\ndata: {}\n\n";
    for (body, ending, delivered, expected) in [
        (format!("{A}{DONE}"), Ending::Complete, 1, Sentinel),
        (format!("{A}{DONE}"), Ending::Truncated, 1, Sentinel),
        (format!("{A}{DONE}"), Ending::Silent, 1, Sentinel),
        (
            format!("{A}{DONE}{B}data: rubbish"),
            Ending::Complete,
            1,
            Sentinel,
        ),
        (
            format!("{A}data:[DONE] \n\n"),
            Ending::Complete,
            1,
            Sentinel,
        ),
        (format!("{A}data: [DONE]\n"), Ending::Complete, 1, Sentinel),
        (format!("{A}data: [DONE]"), Ending::Truncated, 1, Sentinel),
        (DONE.to_owned(), Ending::Complete, 0, Sentinel),
        (format!("{A}{named}{B}"), Ending::Silent, 2, DoneEvent),
        (
            format!("{A}event: x.done\ndata:\n\n"),
            Ending::Silent,
            1,
            DoneEvent,
        ),
        (
            format!("{A}{A_STOPS}"),
            Ending::Complete,
            2,
            AllChoicesFinished,
        ),
        (
            format!("{A}{A_STOPS}{USAGE}"),
            Ending::Truncated,
            3,
            AllChoicesFinished,
        ),
        (
            format!("{A}{A_STOPS}data: {{\"usa"),
            Ending::Complete,
            2,
            AllChoicesFinished,
        ),
        (
            format!("{A}{B}{A_STOPS}{A}{B_STOPS}"),
            Ending::Complete,
            5,
            AllChoicesFinished,
        ),
    ] {
        let (count, end) = outcome(&events([body.as_bytes()], ending)).await;
        assert_eq!(
            (count, end.unwrap()),
            (delivered, Some(expected)),
            "{ending:?} {body}"
        );
    }
}

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
async fn events_under_another_content_type_are_events() {
    for kind in ["application/json", "text/plain", "application/octet-stream"] {
        let kind = format!("content-type: {kind}\r\n");
        for body in [format!("{A}{DONE}"), format!(": PING\n\n{A}{DONE}")] {
            let (count, end) =
                outcome(&http_response(&kind, [body.as_bytes()], Ending::Complete)).await;
            assert_eq!((count, end.unwrap()), (1, Some(StreamEnd::Sentinel)));
        }
    }
    // A body that is neither events nor JSON is kept.
    for text in ["upstream timeout\n", ": PING\n\n{\"error\":\"busy\"}\n\n"] {
        let (_, error) = failure(&events([text.as_bytes()], Ending::Complete)).await;
        assert_eq!(error.kind(), ErrorKind::IncompleteStream);
        assert_eq!(&error.body().unwrap()[..], text.as_bytes());
    }
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

#[tokio::test]
async fn a_dropped_stream_closes_its_connection() {
    for is_complete in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            read_headers(&mut connection).await.unwrap();
            let body = if is_complete {
                [A, DONE].concat()
            } else {
                A.to_owned()
            };
            write(
                &mut connection,
                &events([body.as_bytes()], Ending::Truncated),
            )
            .await;
            // Until the client closes the connection.
            let _ = connection.read_to_end(&mut Vec::new()).await;
        });
        let client = builder(&address).build().unwrap();
        let mut stream: EventStream<Chunk> =
            Call::new(&client, &CHAT).send_streaming().await.unwrap();
        assert!(stream.next().await.unwrap().is_ok());
        if is_complete {
            // The body has no end, so that draining it times out.
            assert!(stream.next().await.is_none());
        } else {
            assert!(!server.is_finished());
            drop(stream);
        }
        let closed = tokio::time::timeout(Duration::from_secs(10), server).await;
        closed.expect("the connection is still open").unwrap();
    }
}

#[tokio::test]
async fn the_read_timeout_limits_a_pause_and_the_timeout_does_not_limit_a_stream() {
    let script = events([A.as_bytes()], Ending::Silent);
    let mut stream = open_with(&script, |client| client.read_timeout(SHORT))
        .await
        .unwrap();
    let (delivered, end) = drain(&mut stream).await;
    let error = end.unwrap_err();
    assert_eq!((delivered.len(), error.kind()), (1, ErrorKind::ReadTimeout));
    assert!(
        error.is_timeout() && error.message().contains("100ms"),
        "{error}"
    );
    assert_eq!(
        (error.status().unwrap().as_u16(), error.request_id()),
        (200, Some("r1"))
    );

    // The same pause after every choice has finished completes the stream.
    let body = [A, A_STOPS].concat();
    let script = events([body.as_bytes()], Ending::Silent);
    let mut stream = open_with(&script, |client| client.read_timeout(SHORT))
        .await
        .unwrap();
    assert_eq!(
        drain(&mut stream).await.1.unwrap(),
        Some(StreamEnd::AllChoicesFinished)
    );

    let mut script = events([A.as_bytes()], Ending::Truncated);
    // Together longer than the read timeout, each well below it.
    for _ in 0..4 {
        let chunk = format!("{:x}\r\n{A}\r\n", A.len());
        script.extend([Step::Pause(3 * SHORT / 2), send(chunk)]);
    }
    script.push(send(format!("{:x}\r\n{DONE}\r\n0\r\n\r\n", DONE.len())));
    let timeouts = |client: ClientBuilder| client.timeout(SHORT).read_timeout(5 * SHORT);
    let mut stream = open_with(&script, timeouts).await.unwrap();
    let (delivered, end) = drain(&mut stream).await;
    assert_eq!(
        (delivered.len(), end.unwrap()),
        (5, Some(StreamEnd::Sentinel))
    );
}

#[tokio::test]
async fn the_timeout_limits_opening() {
    let silent_json = http_response("content-type: application/json\r\n", [], Ending::Silent);
    for script in [vec![SILENCE], silent_json] {
        let error = open_with(&script, |client| client.timeout(SHORT))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }
}

#[tokio::test]
async fn the_size_of_an_event_is_limited() {
    let long = format!("{A}data: {{\"x\":\"{}\"}}\n\n{DONE}", "x".repeat(5_000));
    for chunks in [vec![long.as_bytes()], long.as_bytes().chunks(7).collect()] {
        for (limit, is_enough) in [(5_000, false), (6_000, true)] {
            let script = events(chunks.clone(), Ending::Complete);
            let mut stream = open_with(&script, |client| client.max_event_bytes(limit))
                .await
                .unwrap();
            let (delivered, end) = drain(&mut stream).await;
            if is_enough {
                assert!(end.is_ok() && delivered.len() == 2, "{end:?}");
                continue;
            }
            let error = end.unwrap_err();
            assert_eq!(
                (delivered.len(), error.kind()),
                (1, ErrorKind::ResponseTooLarge)
            );
            assert_eq!(error.message(), "event 2 exceeds the limit of 5000 bytes");
        }
    }
    let long = format!("{{\"x\":\"{}\"}}", "x".repeat(5_000));
    let script = events([long.as_bytes()], Ending::Complete);
    let mut stream = open_with(&script, |client| client.max_json_bytes(5_000))
        .await
        .unwrap();
    let error = drain(&mut stream).await.1.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
}

#[test]
fn a_stream_is_send_unpin_and_small() {
    fn assert_bounds<T: Send + Unpin + 'static>() {}
    assert_bounds::<EventStream<Chunk>>();
    assert!(size_of::<EventStream<Chunk>>() <= 1024);
}

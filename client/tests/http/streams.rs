//! Streams of events: how they are cut, and how they end.

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

use crate::server::{Step, send, start};
use crate::{KEY, builder, operation};

const SHORT: Duration = Duration::from_millis(100);
const SILENCE: Step = Step::Pause(Duration::from_secs(60));

static TALK: Operation = operation("talk", true, false);

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Talk {
    #[serde(default)]
    choices: Vec<ResponseSelector>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct ResponseSelector {
    index: i64,
    text: Option<String>,
    finish_reason: Option<String>,
}

impl Described for Talk {}

impl StreamEvent for Talk {
    type Usage = ();

    const SENTINEL: Option<&'static str> = Some("[DONE]");

    fn track_finish(&self, parts: &mut FinishTracker) {
        for choice in &self.choices {
            parts.record(choice.index, choice.finish_reason.is_some());
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
    Whole,
    Broken,
    Silent,
}

/// A chunked response; each chunk reaches the reader as one chunk.
fn http_response<'b>(
    head: &str,
    chunks: impl IntoIterator<Item = &'b [u8]>,
    ending: Ending,
) -> Vec<Step> {
    let head =
        format!("HTTP/1.1 200 OK\r\nx-request-id: r1\r\ntransfer-encoding: chunked\r\n{head}\r\n");
    let mut response = head.into_bytes();
    for chunk in chunks.into_iter().filter(|chunk| !chunk.is_empty()) {
        response.extend(format!("{:x}\r\n", chunk.len()).bytes());
        response.extend(chunk);
        response.extend(b"\r\n");
    }
    match ending {
        Ending::Whole => vec![send([response, b"0\r\n\r\n".to_vec()].concat())],
        Ending::Broken => vec![send(response)],
        Ending::Silent => vec![send(response), SILENCE],
    }
}

fn events<'b>(chunks: impl IntoIterator<Item = &'b [u8]>, ending: Ending) -> Vec<Step> {
    http_response("content-type: text/event-stream\r\n", chunks, ending)
}

async fn open(script: &[Step]) -> Result<EventStream<Talk>, Error> {
    open_with(script, |client| client).await
}

async fn open_with(
    script: &[Step],
    set: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<EventStream<Talk>, Error> {
    let server = start(script).await;
    let client = set(builder(&server.address)).build().unwrap();
    Call::new(&client, &TALK).send_streaming().await
}

/// Everything that a stream delivers, how it ended, and the error that ended it.
async fn drain(stream: &mut EventStream<Talk>) -> (Vec<Talk>, Result<Option<StreamEnd>, Error>) {
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

/// How many events come before which end.
async fn play(script: &[Step]) -> (usize, Result<Option<StreamEnd>, Error>) {
    match open(script).await {
        Ok(mut stream) => {
            let (delivered, end) = drain(&mut stream).await;
            (delivered.len(), end)
        }
        Err(error) => (0, Err(error)),
    }
}

async fn fail(script: &[Step]) -> (usize, Error) {
    let (delivered, end) = play(script).await;
    (delivered, end.unwrap_err())
}

async fn read_head(connection: &mut TcpStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(connection.read_u8().await.unwrap());
    }
}

async fn write(connection: &mut TcpStream, script: &[Step]) {
    for step in script {
        if let Step::Send(bytes) = step {
            connection.write_all(bytes).await.unwrap();
        }
    }
}

/// Cuts a body at places that follow from the seed.
fn cut(body: &[u8], seed: u64) -> Vec<&[u8]> {
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
async fn the_events_are_the_same_however_the_stream_is_cut() {
    let body = format!(
        "\u{feff}{A}: PING\n\nid: 1\nevent: message\ndata: {{\"choices\":\ndata:[{{\"index\":0,\
         \"text\":\"漢字😀\"}}]}}\n\n{B}\n: PING\n\ndata:\n\n{A_STOPS}{B_STOPS}{USAGE}{DONE}"
    );
    let mut responses = Vec::new();
    for end in ["\n", "\r", "\r\n"] {
        let body = body.replace('\n', end).into_bytes();
        let mut ways = vec![
            ("whole".to_owned(), vec![&body[..]]),
            ("byte by byte".to_owned(), body.chunks(1).collect()),
        ];
        ways.extend((0..100).map(|seed| (format!("seed {seed}"), cut(&body, seed))));
        for (way, chunks) in ways {
            let head = "content-type: text/event-stream\r\nconnection: close\r\n";
            responses.push((
                format!("{end:?} {way}"),
                http_response(head, chunks, Ending::Whole),
            ));
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let client = builder(&address).build().unwrap();
    let (mut expected, mut runs) = (None, 0);
    for (way, script) in responses {
        let server = async {
            let (mut connection, _) = listener.accept().await.unwrap();
            read_head(&mut connection).await;
            write(&mut connection, &script).await;
        };
        let client = async {
            let mut stream = Call::new(&client, &TALK).send_streaming().await.unwrap();
            let (delivered, end_of_stream) = drain(&mut stream).await;
            assert_eq!(end_of_stream.unwrap(), Some(StreamEnd::Sentinel), "{way}");
            let expected = expected.get_or_insert_with(|| {
                let texts = delivered.iter().flat_map(|talk| &talk.choices);
                let texts: Vec<_> = texts.filter_map(|choice| choice.text.as_deref()).collect();
                assert_eq!((delivered.len(), texts), (6, vec!["a", "漢字😀", "b"]));
                format!("{delivered:?}")
            });
            assert_eq!(&format!("{delivered:?}"), expected, "{way}");
            runs += 1;
        };
        tokio::join!(server, client);
    }
    assert_eq!(runs, 306);
}

#[tokio::test]
async fn a_stream_keeps_its_head() {
    let server = start(&events([A.as_bytes(), DONE.as_bytes()], Ending::Whole)).await;
    let client = builder(&server.address).build().unwrap();
    let mut stream: EventStream<Talk> = Call::new(&client, &TALK).send_streaming().await.unwrap();
    assert_eq!(
        (stream.status().as_u16(), stream.request_id()),
        (200, Some("r1"))
    );
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    // As a `Stream`, too.
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
async fn what_ends_a_stream_cleanly() {
    use StreamEnd::{AllChoicesFinished, DoneEvent, Sentinel};
    let named = "event: talk.done\ndata: {}\n\n";
    for (body, ending, delivered, marker) in [
        (format!("{A}{DONE}"), Ending::Whole, 1, Sentinel),
        (format!("{A}{DONE}"), Ending::Broken, 1, Sentinel),
        (format!("{A}{DONE}"), Ending::Silent, 1, Sentinel),
        (
            format!("{A}{DONE}{B}data: rubbish"),
            Ending::Whole,
            1,
            Sentinel,
        ),
        (format!("{A}data:[DONE] \n\n"), Ending::Whole, 1, Sentinel),
        (format!("{A}data: [DONE]\n"), Ending::Whole, 1, Sentinel),
        (format!("{A}data: [DONE]"), Ending::Broken, 1, Sentinel),
        (DONE.to_owned(), Ending::Whole, 0, Sentinel),
        (format!("{A}{named}{B}"), Ending::Silent, 2, DoneEvent),
        (
            format!("{A}event: x.done\ndata:\n\n"),
            Ending::Silent,
            1,
            DoneEvent,
        ),
        (
            format!("{A}{A_STOPS}"),
            Ending::Whole,
            2,
            AllChoicesFinished,
        ),
        (
            format!("{A}{A_STOPS}{USAGE}"),
            Ending::Broken,
            3,
            AllChoicesFinished,
        ),
        (
            format!("{A}{A_STOPS}data: {{\"usa"),
            Ending::Whole,
            2,
            AllChoicesFinished,
        ),
        (
            format!("{A}{B}{A_STOPS}{A}{B_STOPS}"),
            Ending::Whole,
            5,
            AllChoicesFinished,
        ),
    ] {
        let (count, end) = play(&events([body.as_bytes()], ending)).await;
        assert_eq!(
            (count, end.unwrap()),
            (delivered, Some(marker)),
            "{ending:?} {body}"
        );
    }
}

#[tokio::test]
async fn each_way_of_being_cut_has_its_own_error() {
    let three = format!("{A}{B}{A_STOPS}");
    for (body, ending, delivered, message, kept) in [
        (
            three.clone(),
            Ending::Whole,
            3,
            "the stream ended after 3 events without `[DONE]`",
            "",
        ),
        (
            format!("{A}: PI"),
            Ending::Whole,
            1,
            "the stream ended after 1 event without `[DONE]`",
            "",
        ),
        (
            format!("{three}data: {{\"choi"),
            Ending::Whole,
            3,
            "the stream ended within event 4",
            "{\"choi",
        ),
        (
            format!("{three}data: {{}}\n"),
            Ending::Whole,
            3,
            "the stream ended within event 4",
            "{}",
        ),
        (
            three.clone(),
            Ending::Broken,
            3,
            "connection lost after 3 events: ",
            "",
        ),
        (
            format!("{three}data: {{\"choi"),
            Ending::Broken,
            3,
            "connection lost within event 4: ",
            "{\"choi",
        ),
        (String::new(), Ending::Whole, 0, "the stream is empty", ""),
        (
            "\n\n".to_owned(),
            Ending::Whole,
            0,
            "the stream is empty",
            "\n\n",
        ),
        (
            String::new(),
            Ending::Broken,
            0,
            "connection lost after 0 events: ",
            "",
        ),
    ] {
        let (count, error) = fail(&events([body.as_bytes()], ending)).await;
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
            ending == Ending::Broken,
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
async fn a_whole_response_in_place_of_events_is_its_error() {
    let error = r#"{"error":{"message":"m","code":"c"}}"#;
    let spread = format!("\u{feff} \n {error}\n");
    for kind in [
        "content-type: text/event-stream; charset=utf-8\r\n",
        "content-type: application/json\r\n",
        "content-type: application/octet-stream\r\n",
        "content-type: text/html\r\n",
        "",
    ] {
        for body in [error, &spread] {
            for chunks in [vec![body.as_bytes()], body.as_bytes().chunks(1).collect()] {
                let (_, error) = fail(&http_response(kind, chunks, Ending::Whole)).await;
                assert_eq!((error.message(), error.code()), ("m", Some("c")), "{kind}");
                assert_eq!(
                    (error.kind(), error.request_id()),
                    (ErrorKind::Server, Some("r1"))
                );
                assert_eq!(&error.body().unwrap()[..], body.as_bytes());
            }
        }
        let page = "<html><title>Welcome</title></html>";
        let (_, error) = fail(&http_response(kind, [page.as_bytes()], Ending::Whole)).await;
        assert_eq!(error.kind(), ErrorKind::Gateway, "{kind}");
        let (_, error) = fail(&http_response(
            kind,
            [&b"{\"choices\":[]}"[..]],
            Ending::Whole,
        ))
        .await;
        assert_eq!(error.kind(), ErrorKind::Decode, "{kind}");
        assert_eq!(
            error.message(),
            "expected an event stream, got a JSON response"
        );
        assert_eq!(&error.body().unwrap()[..], b"{\"choices\":[]}");
    }
    let (_, error) = fail(&events([error.as_bytes()], Ending::Broken)).await;
    assert_eq!((error.message(), error.code()), ("m", Some("c")));
    let (_, cut) = fail(&events([&b"{\"error\":"[..]], Ending::Broken)).await;
    assert_eq!(
        (cut.kind(), &cut.body().unwrap()[..]),
        (ErrorKind::IncompleteBody, &b"{\"error\":"[..])
    );
}

#[tokio::test]
async fn events_under_another_content_type_are_events() {
    for kind in ["application/json", "text/plain", "application/octet-stream"] {
        let kind = format!("content-type: {kind}\r\n");
        for body in [format!("{A}{DONE}"), format!(": PING\n\n{A}{DONE}")] {
            let (count, end) = play(&http_response(&kind, [body.as_bytes()], Ending::Whole)).await;
            assert_eq!((count, end.unwrap()), (1, Some(StreamEnd::Sentinel)));
        }
    }
    // And what is neither events nor JSON is not lost.
    for text in ["upstream timeout\n", ": PING\n\n{\"error\":\"busy\"}\n\n"] {
        let (_, error) = fail(&events([text.as_bytes()], Ending::Whole)).await;
        assert_eq!(error.kind(), ErrorKind::IncompleteStream);
        assert_eq!(&error.body().unwrap()[..], text.as_bytes());
    }
}

#[tokio::test]
async fn an_error_among_the_events_is_the_apis() {
    for data in [
        r#"{"error":{"message":"busy (request id: other)","code":"c"}}"#,
        r#"{"choices":[{"index":0,"text":"x"}],"error":{"message":"busy","code":"c"}}"#,
        r#"{"error":{"message":"busy","code":"c"},"choices":null}"#,
        r#"{"success":false,"message":"busy","code":"c"}"#,
    ] {
        let body = format!("{A}data: {data}\n\n{B}{DONE}");
        let (count, error) = fail(&events([body.as_bytes()], Ending::Silent)).await;
        assert_eq!((count, error.kind()), (1, ErrorKind::Server), "{error}");
        assert!(error.message().starts_with("busy"), "{error}");
        assert_eq!((error.code(), error.request_id()), (Some("c"), Some("r1")));
        assert_eq!(error.status().unwrap().as_u16(), 200);
        assert_eq!(&error.body().unwrap()[..], data.as_bytes());
    }
    // An event of that name is one, whatever it holds.
    for data in ["{\"message\":\"busy\"}", "busy"] {
        let body = format!("{A}event: error\ndata: {data}\n\n{DONE}");
        let (count, error) = fail(&events([body.as_bytes()], Ending::Whole)).await;
        assert_eq!((count, error.message()), (1, "busy"));
    }
}

#[tokio::test]
async fn an_event_that_does_not_decode_is_named() {
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
        let (count, error) = fail(&events([body.as_bytes()], Ending::Whole)).await;
        assert_eq!((count, error.kind()), (1, ErrorKind::Decode));
        assert!(error.message().starts_with(message), "{error}");
        assert_eq!(&error.body().unwrap()[..], data.as_bytes());
    }
    let broken = [
        A.as_bytes(),
        b"data: {\"choices\":[{\"index\":0,\"text\":\"\xff\"}]}\n\n",
    ]
    .concat();
    let (count, error) = fail(&events([&broken[..]], Ending::Whole)).await;
    assert_eq!((count, error.kind()), (1, ErrorKind::Decode));
}

#[tokio::test]
async fn an_error_status_is_the_same_as_without_a_stream() {
    let script = [send(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 3\r\nx-request-id: r2\r\n\r\nbad",
    )];
    let error = open(&script).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Gateway, "bad"));
    assert_eq!(error.request_id(), Some("r2"));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn an_echoed_key_is_not_shown() {
    let body = format!("{A}data: {{\"error\":{{\"message\":\"bad key {KEY}\"}}}}\n\n");
    let (_, error) = fail(&events([body.as_bytes()], Ending::Whole)).await;
    assert_eq!(error.message(), "bad key [key]");
    let body = format!("{{\"error\":\"bad key {KEY}\"}}");
    let (_, error) = fail(&events([body.as_bytes()], Ending::Whole)).await;
    assert_eq!(error.message(), "bad key [key]");
    let body = format!("data: {{\"choices\":[{{\"index\":\"{KEY}\"}}]}}\n\n");
    let (_, error) = fail(&events([body.as_bytes()], Ending::Whole)).await;
    assert!(!format!("{error} {error:?}").contains(KEY), "{error:?}");
}

#[tokio::test]
async fn the_server_sees_that_a_stream_was_dropped() {
    for ends in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            read_head(&mut connection).await;
            let body = if ends {
                [A, DONE].concat()
            } else {
                A.to_owned()
            };
            write(&mut connection, &events([body.as_bytes()], Ending::Broken)).await;
            // Until the client closes.
            let mut request = Vec::new();
            let _ = connection.read_to_end(&mut request).await;
        });
        let client = builder(&address).build().unwrap();
        let mut stream: EventStream<Talk> =
            Call::new(&client, &TALK).send_streaming().await.unwrap();
        assert!(stream.next().await.unwrap().is_ok());
        if ends {
            // The end closes it as well.
            assert!(stream.next().await.is_none());
        } else {
            assert!(!server.is_finished());
            drop(stream);
        }
        let seen = tokio::time::timeout(Duration::from_secs(10), server).await;
        seen.expect("the connection is still open").unwrap();
    }
}

#[tokio::test]
async fn a_pause_between_events_is_bounded_and_the_whole_is_not() {
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

    // The same pause after every part has finished costs nothing that was delivered.
    let body = [A, A_STOPS].concat();
    let script = events([body.as_bytes()], Ending::Silent);
    let mut stream = open_with(&script, |client| client.read_timeout(SHORT))
        .await
        .unwrap();
    assert_eq!(
        drain(&mut stream).await.1.unwrap(),
        Some(StreamEnd::AllChoicesFinished)
    );

    let mut script = events([A.as_bytes()], Ending::Broken);
    // More than the idle timeout together, each well below it.
    for _ in 0..4 {
        let chunk = format!("{:x}\r\n{A}\r\n", A.len());
        script.extend([Step::Pause(3 * SHORT / 2), send(chunk)]);
    }
    script.push(send(format!("{:x}\r\n{DONE}\r\n0\r\n\r\n", DONE.len())));
    let limits = |client: ClientBuilder| client.timeout(SHORT).read_timeout(5 * SHORT);
    let mut stream = open_with(&script, limits).await.unwrap();
    let (delivered, end) = drain(&mut stream).await;
    assert_eq!(
        (delivered.len(), end.unwrap()),
        (5, Some(StreamEnd::Sentinel))
    );
}

#[tokio::test]
async fn opening_is_bounded_by_the_total() {
    let silent_json = http_response("content-type: application/json\r\n", [], Ending::Silent);
    for script in [vec![SILENCE], silent_json] {
        let error = open_with(&script, |client| client.timeout(SHORT))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }
}

#[tokio::test]
async fn one_event_is_bounded() {
    let long = format!("{A}data: {{\"x\":\"{}\"}}\n\n{DONE}", "x".repeat(5_000));
    for chunks in [vec![long.as_bytes()], long.as_bytes().chunks(7).collect()] {
        for (limit, fits) in [(5_000, false), (6_000, true)] {
            let script = events(chunks.clone(), Ending::Whole);
            let mut stream = open_with(&script, |client| client.max_event_bytes(limit))
                .await
                .unwrap();
            let (delivered, end) = drain(&mut stream).await;
            if fits {
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
    let script = events([long.as_bytes()], Ending::Whole);
    let mut stream = open_with(&script, |client| client.max_json_bytes(5_000))
        .await
        .unwrap();
    let error = drain(&mut stream).await.1.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
}

#[test]
fn a_stream_can_go_anywhere() {
    fn assert_bounds<T: Send + Unpin + 'static>() {}
    assert_bounds::<EventStream<Talk>>();
    assert!(size_of::<EventStream<Talk>>() <= 1024);
}

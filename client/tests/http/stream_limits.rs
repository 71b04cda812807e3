//! Limits of an event stream: timeouts, sizes, and the end of its connection.

use crate::builder;
use crate::server::{Step, read_headers, send};
use crate::stream_fixtures::*;
use cometapi::runtime::{Call, EventStream, StreamEnd};
use cometapi::{ClientBuilder, ErrorKind};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

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

//! Event streams: framing, and how they end well.

use crate::builder;
use crate::server::{read_headers, start};
use crate::stream_fixtures::*;
use cometapi::ErrorKind;
use cometapi::runtime::{Call, EventStream, StreamEnd};
use std::future::poll_fn;
use std::pin::Pin;
use tokio::net::TcpListener;

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

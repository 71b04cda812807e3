//! Delivery of event streams.

use std::time::{Duration, Instant};

use cometapi_mock::Mock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{API_KEY, contract, request, send};

const STREAM: &str = r#"{"stream":true}"#;

async fn paced(pause: Duration) -> Mock {
    let contract = contract();
    let mock = Mock::builder().contract(&contract).pause(pause).start();
    mock.await.unwrap()
}

/// Requests a stream and reads until it has begun.
async fn begin(mock: &Mock) -> TcpStream {
    let mut socket = send(mock, "POST /things HTTP/1.1", API_KEY, STREAM.as_bytes()).await;
    socket.read_u8().await.unwrap();
    socket
}

/// Reads until the server closes the connection, which has to happen long before the next event.
async fn read_rest(mut socket: TcpStream) -> String {
    let mut rest = String::new();
    let read = tokio::time::timeout(Duration::from_secs(10), socket.read_to_string(&mut rest));
    // A connection may also close by a reset.
    let _ = read.await.expect("the connection stays open");
    rest
}

#[tokio::test]
async fn each_event_is_a_write_of_its_own() {
    let pause = Duration::from_millis(5);
    let mock = paced(pause).await;
    let begun = Instant::now();
    let response = read_rest(begin(&mock).await).await;
    let (_, body) = response.split_once("\r\n\r\n").unwrap();
    let chunks = "12\r\ndata: {\"id\":\"a\"}\n\n\r\nE\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
    assert_eq!(body, chunks);
    assert!(begun.elapsed() >= 2 * pause);
}

#[tokio::test]
async fn a_reader_that_leaves_in_the_middle_ends_its_stream_alone() {
    let mock = paced(Duration::from_secs(600)).await;
    let mut socket = begin(&mock).await;
    socket.shutdown().await.unwrap();
    let rest = read_rest(socket).await;
    assert!(
        !rest.ends_with("\r\n0\r\n\r\n"),
        "a complete stream: {rest}"
    );
    let response = request(&mock, "GET /things", "", "").await;
    assert_eq!(response.status, 200);
}

#[tokio::test]
async fn dropping_the_mock_truncates_a_stream() {
    let mock = paced(Duration::from_secs(600)).await;
    let socket = begin(&mock).await;
    // On a thread of its own, so that a mock that doesn't stop can't block this test.
    std::thread::spawn(move || drop(mock));
    let rest = read_rest(socket).await;
    assert!(
        !rest.ends_with("\r\n0\r\n\r\n"),
        "a complete stream: {rest}"
    );
}

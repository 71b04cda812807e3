//! Streams of events come in chunks.

use std::time::{Duration, Instant};

use cometapi_mock::Mock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::client::{API_KEY, contract, request, send, start_mock};

const STREAM: &str = r#"{"stream":true}"#;

async fn paced(pause: Duration) -> Mock {
    let contract = contract();
    let mock = Mock::builder().contract(&contract).pause(pause).start();
    mock.await.unwrap()
}

#[tokio::test]
async fn each_event_is_a_write_of_its_own() {
    let pause = Duration::from_millis(5);
    let mock = paced(pause).await;
    let begun = Instant::now();
    let mut socket = send(&mock, "POST /things HTTP/1.1", API_KEY, STREAM.as_bytes()).await;
    let mut response = String::new();
    socket.read_to_string(&mut response).await.unwrap();
    let (_, body) = response.split_once("\r\n\r\n").unwrap();
    let chunks = "12\r\ndata: {\"id\":\"a\"}\n\n\r\nE\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
    assert_eq!(body, chunks);
    assert!(begun.elapsed() >= 2 * pause);
}

#[tokio::test]
async fn a_reader_that_leaves_in_the_middle_is_not_missed() {
    let mock = start_mock().await;
    let mut socket = send(&mock, "POST /things HTTP/1.1", API_KEY, STREAM.as_bytes()).await;
    socket.read_u8().await.unwrap();
    socket.shutdown().await.unwrap();
    drop(socket);
    let response = request(&mock, "POST /things", API_KEY, STREAM).await;
    assert!(
        response.body.ends_with("data: [DONE]\n\n"),
        "{}",
        response.body
    );
}

#[tokio::test]
async fn dropping_the_mock_cuts_a_stream() {
    let mock = paced(Duration::from_secs(600)).await;
    let mut socket = send(&mock, "POST /things HTTP/1.1", API_KEY, STREAM.as_bytes()).await;
    socket.read_u8().await.unwrap();
    drop(mock);
    let mut rest = String::new();
    let _ = socket.read_to_string(&mut rest).await;
    assert!(!rest.contains("data:"), "{rest}");
}

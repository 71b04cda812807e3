//! Injected faults.

use std::sync::{Arc, Mutex};

use cometapi_mock::Mock;
use tokio::io::AsyncReadExt;

use crate::client::{API_KEY, contract, request, send};

const ORDER: &str = "POST /orders?for=me HTTP/1.1";

/// The responses on the socket, and the lines of the mock's log.
async fn responses(
    count: usize,
    percent: u8,
    seed: u64,
    prefer: &str,
) -> (Vec<String>, Vec<String>) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&log);
    let contract = contract();
    let mock = Mock::builder()
        .contract(&contract)
        .faults(percent, seed)
        .log(move |line| lines.lock().unwrap().push(line.to_owned()))
        .start()
        .await
        .unwrap();
    let headers = format!("{API_KEY}{prefer}");
    let mut responses = Vec::new();
    for _ in 0..count {
        let mut socket = send(&mock, ORDER, &headers, br#"{"lines":[]}"#).await;
        let mut response = String::new();
        socket.read_to_string(&mut response).await.unwrap();
        responses.push(response);
    }
    let log = log.lock().unwrap().clone();
    (responses, log)
}

#[tokio::test]
async fn every_fault_is_logged() {
    let complete = r#"{"number":1}"#;
    let (responses, log) = responses(60, 100, 3, "").await;
    assert_eq!(log.len(), 60);
    let (mut errors, mut truncated, mut disconnected) = (0, 0, 0);
    for (response, line) in responses.iter().zip(&log) {
        let (head, body) = response.split_once("\r\n\r\n").unwrap_or_default();
        let result = line.strip_prefix("POST /orders ").unwrap();
        match result {
            "disconnected" => {
                assert_eq!(response, "");
                disconnected += 1;
            }
            "429" => {
                assert!(
                    body.contains(r#""code":"later""#),
                    "only this one is retryable: {body}"
                );
                errors += 1;
            }
            "200" => panic!("no fault at 100 %"),
            _ if result.starts_with("200, truncated after ") => {
                assert!(head.contains("content-length: 12"), "{head}");
                assert!(
                    body.len() < complete.len() && complete.starts_with(body),
                    "{body:?}"
                );
                assert_eq!(
                    result,
                    format!("200, truncated after {} of 12 bytes", body.len())
                );
                truncated += 1;
            }
            // `5XX` is returned as 500.
            status => {
                assert!(body == "<p>broken</p>", "{status}: {body}");
                errors += 1;
            }
        }
    }
    assert!(
        errors > 10 && truncated > 5 && disconnected > 5,
        "{errors} {truncated} {disconnected}"
    );
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults() {
    let (_, first) = responses(40, 50, 9, "").await;
    let (_, again) = responses(40, 50, 9, "").await;
    assert_eq!(first, again);
    let successes = first
        .iter()
        .filter(|line| *line == "POST /orders 200")
        .count();
    assert!((10..30).contains(&successes), "{successes} of 40");
}

#[tokio::test]
async fn a_preferred_response_never_fails() {
    let (responses, _) = responses(20, 100, 1, "prefer: code=200\r\n").await;
    assert!(
        responses
            .iter()
            .all(|response| response.ends_with(r#"{"number":1}"#))
    );
}

#[tokio::test]
async fn a_stream_is_truncated_between_its_chunks() {
    let contract = contract();
    for seed in 0..40 {
        let mock = Mock::builder().contract(&contract).faults(100, seed);
        let mock = mock.start().await.unwrap();
        let stream = br#"{"stream":true}"#;
        let mut socket = send(&mock, "POST /things HTTP/1.1", API_KEY, stream).await;
        let mut response = String::new();
        socket.read_to_string(&mut response).await.unwrap();
        // `make_thing` documents no retryable error, so that fault closes the connection too.
        assert!(!response.ends_with("0\r\n\r\n"), "seed {seed}: {response}");
        if response.contains("data: {\"id\":\"a\"}\n\n") {
            return;
        }
    }
    panic!("no seed truncated the stream after its first event");
}

#[tokio::test]
async fn a_port_in_use_is_an_error() {
    let contract = contract();
    let first = Mock::builder().contract(&contract).start().await.unwrap();
    let port = first.url().rsplit_once(':').unwrap().1.parse().unwrap();
    let second = Mock::builder().contract(&contract).port(port).start().await;
    let message = second.unwrap_err().to_string();
    let expected = format!("the mock can't listen on port {port}: ");
    assert!(message.starts_with(&expected), "{message}");
    drop(first);
    let third = Mock::builder().contract(&contract).port(port).start().await;
    let third = third.unwrap();
    assert!(request(&third, "GET /things", "", "").await.status == 200);
}

//! Waits that the timeouts of a single response don't bound: uploads, streams, and the queue for a permit.

use std::time::{Duration, Instant};

use cometapi::runtime::{Call, Described, FinishTracker, Operation, StreamEvent};
use cometapi::{Client, ConcurrencyLimit, Error, ErrorKind, Upload};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::{Step, send, start};
use crate::{CREATE, READ, builder, call};

const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(60);
const SILENCE: Step = Step::Pause(LONG);

static FORM: Operation = crate::operation("send_file", true, false);

#[derive(Debug, Deserialize)]
struct Event {}

impl Described for Event {}

impl StreamEvent for Event {
    type Usage = ();

    const SENTINEL: Option<&'static str> = None;

    fn track_finish(&self, _: &mut FinishTracker) {}
}

#[track_caller]
fn assert_write_timeout(error: &Error, retryable: bool) {
    assert_eq!(error.kind(), ErrorKind::WriteTimeout, "{error}");
    assert!(error.is_timeout() && error.request_may_have_been_sent());
    assert_eq!(error.is_retryable(), retryable);
    assert_eq!(error.message(), "no progress of the upload for 100ms");
}

/// A call that uploads this.
async fn upload(client: &Client, upload: Upload) -> Error {
    let mut call = Call::new(client, &FORM);
    call.upload("file", upload);
    let call = call.multipart_body(&json!({})).unwrap();
    call.send_json::<Value>().await.unwrap_err()
}

/// The server reads the headers and then nothing more, as a request of 64 MiB needs it to.
#[tokio::test]
async fn an_upload_that_the_server_does_not_read() {
    let size = 64 * 1024 * 1024;
    let server = start(&[SILENCE]).await;
    let client = builder(&server.address).write_timeout(SHORT);
    let client = client.response_timeout(LONG).build().unwrap();
    let error = upload(&client, Upload::bytes("a.mp3", vec![0; size])).await;
    assert_write_timeout(&error, false);

    let server = start(&[SILENCE]).await;
    let client = builder(&server.address).write_timeout(SHORT);
    let client = client.response_timeout(LONG).build().unwrap();
    let json = Call::new(&client, &READ).json_body(&"a".repeat(size));
    let error = json.unwrap().send_json::<Value>().await.unwrap_err();
    assert_write_timeout(&error, true);
}

#[tokio::test]
async fn an_upload_whose_source_pauses() {
    let (reader, writer) = tokio::io::duplex(64);
    let server = start(&[SILENCE]).await;
    let client = builder(&server.address).write_timeout(SHORT);
    let client = client.build().unwrap();
    let error = upload(&client, Upload::reader("a.mp3", reader)).await;
    drop(writer);
    assert_write_timeout(&error, false);
}

/// What is sent isn't an upload that stalls: the server may think for longer than the write timeout.
#[tokio::test]
async fn an_upload_that_was_sent_has_no_write_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"--\r\n") {
            stream.read_buf(&mut request).await.unwrap();
        }
        tokio::time::sleep(3 * SHORT).await;
        let response = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        stream.write_all(response).await.unwrap();
    });
    let client = builder(&address).write_timeout(SHORT).build().unwrap();
    let mut call = Call::new(&client, &FORM);
    call.upload("file", Upload::bytes("a.mp3", vec![0; 300_000]));
    let call = call.multipart_body(&json!({})).unwrap();
    call.send_json::<Value>().await.unwrap();
    server.await.unwrap();
}

/// The server sends a heartbeat whenever the client looks.
fn heartbeats(head: &str, heartbeat: &str) -> Vec<Step> {
    let mut script = vec![send(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n"))];
    for _ in 0..500 {
        script.extend([send(heartbeat), Step::Pause(SHORT / 10)]);
    }
    script
}

#[tokio::test]
async fn a_deadline_ends_a_stream_and_a_download() {
    let with_deadline = |client: &Client, operation| {
        let mut call = Call::new(client, operation);
        call.with_deadline(Instant::now() + SHORT);
        call
    };
    for silent in [false, true] {
        let mut script = heartbeats("content-type: text/event-stream", ": ping\n\n");
        if silent {
            script.splice(1.., [SILENCE]);
        }
        let server = start(&script).await;
        let client = builder(&server.address).build().unwrap();
        let mut stream = with_deadline(&client, &CREATE)
            .send_streaming::<Event>()
            .await
            .unwrap();
        let error = stream.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert!(stream.next().await.is_none());
    }
    let server = start(&heartbeats("content-type: audio/mpeg", "bytes")).await;
    let client = builder(&server.address).build().unwrap();
    let download = with_deadline(&client, &CREATE)
        .send_download()
        .await
        .unwrap();
    let error = download.bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

/// The error names the time from the call to its deadline, also if most of it was spent before the headers arrived.
#[tokio::test]
async fn an_expired_deadline_names_its_time_from_the_call() {
    let headers = send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n");
    let server = start(&[Step::Pause(2 * SHORT), headers, SILENCE]).await;
    let client = builder(&server.address).build().unwrap();
    let mut call = Call::new(&client, &CREATE);
    call.with_deadline(Instant::now() + 10 * SHORT);
    let mut stream = call.send_streaming::<Event>().await.unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    let time = error.message().strip_prefix("the call took longer than ");
    // In seconds if no millisecond has passed since the deadline was chosen.
    let millis: u64 = match time.unwrap().strip_suffix("ms") {
        Some(millis) => millis.parse().unwrap(),
        None if time == Some("1s") => 1000,
        None => panic!("{error}"),
    };
    assert!((850..=1000).contains(&millis), "{error}");
}

#[tokio::test]
async fn the_queue_for_a_permit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let client = builder(&address).concurrency_limit(ConcurrencyLimit::fixed(1));
    let client = client.timeout(LONG).build().unwrap();
    let first = tokio::spawn({
        let client = client.clone();
        async move { call(&client, &READ).await }
    });
    // The first call has its permit once it has a connection.
    let _connection = listener.accept().await.unwrap();
    let mut second = Call::new(&client, &READ);
    second.with_timeout(SHORT);
    let error = second.send_json::<Value>().await.unwrap_err();
    first.abort();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert!(!error.request_may_have_been_sent(), "{error}");
}

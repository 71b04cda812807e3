//! Downloads: responses that aren't binary, limits, incomplete bodies, files and readers.

use std::future::{Future, poll_fn};
use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use cometapi::runtime::{Call, Download, Operation, Progress};
use cometapi::{ClientBuilder, Error, ErrorKind};
use futures_core::stream::FusedStream;
use tokio::io::AsyncReadExt;

use crate::server::{Step, send, start};
use crate::{KEY, builder, operation};

const SHORT: Duration = Duration::from_millis(100);
const SILENCE: Step = Step::Pause(Duration::from_secs(60));

static SPEECH: Operation = operation("create_speech", true, false);

/// Audio, longer than one write to a file.
fn audio() -> Vec<u8> {
    (0..700_000_u32).map(|n| (n % 251) as u8).collect()
}

/// A response with a declared length.
fn with_length(content_type: &str, body: &[u8]) -> Vec<Step> {
    let headers = format!(
        "HTTP/1.1 200 OK\r\nx-request-id: r1\r\ncontent-type: {content_type}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    vec![send(headers), send(body)]
}

fn chunked<'b>(content_type: &str, chunks: impl IntoIterator<Item = &'b [u8]>) -> Vec<Step> {
    let headers = format!(
        "HTTP/1.1 200 OK\r\nx-request-id: r1\r\ncontent-type: {content_type}\r\n\
         transfer-encoding: chunked\r\n\r\n"
    );
    let mut response = headers.into_bytes();
    for chunk in chunks {
        response.extend(format!("{:x}\r\n", chunk.len()).bytes());
        response.extend(chunk);
        response.extend(b"\r\n");
    }
    response.extend(b"0\r\n\r\n");
    vec![send(response)]
}

/// The script without the last bytes it sends.
fn truncated(mut script: Vec<Step>, missing: usize) -> Vec<Step> {
    if let Some(Step::Send(bytes)) = script.last_mut() {
        bytes.truncate(bytes.len() - missing);
    }
    script
}

async fn open(script: &[Step]) -> Result<Download, Error> {
    open_with(script, |client| client).await
}

async fn open_with(
    script: &[Step],
    configure: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<Download, Error> {
    let server = start(script).await;
    let client = configure(builder(&server.address)).build().unwrap();
    Call::new(&client, &SPEECH).send_download().await
}

fn file_names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[tokio::test]
async fn a_download_keeps_status_and_headers() {
    let server = start(&with_length("Audio/MPEG; rate=1", b"audio")).await;
    let client = builder(&server.address).build().unwrap();
    let mut download = Call::new(&client, &SPEECH).send_download().await.unwrap();
    assert_eq!(download.content_type(), "Audio/MPEG");
    assert_eq!(download.content_length(), Some(5));
    assert_eq!(
        (download.status().as_u16(), download.request_id()),
        (200, Some("r1"))
    );
    assert_eq!(download.headers()["content-length"], "5");
    assert_eq!(&download.next().await.unwrap().unwrap()[..], b"audio");
    assert!(download.next().await.is_none() && download.next().await.is_none());
    assert_eq!(
        format!("{download:?}"),
        "Download { status: 200, request_id: Some(\"r1\"), content_type: \"Audio/MPEG\", \
         progress: Progress { bytes: 5, total: Some(5) }, .. }"
    );

    let script = [send(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nuntil the end",
    )];
    let download = open(&script).await.unwrap();
    assert_eq!(download.content_type(), "application/octet-stream");
    assert_eq!(download.content_length(), None);
    assert_eq!(&download.bytes().await.unwrap()[..], b"until the end");
}

#[tokio::test]
async fn chunks_that_were_read_before_are_not_returned_again() {
    let mut download = open(&chunked("audio/mpeg", [&b"first"[..], b"second", b"third"]))
        .await
        .unwrap();
    let mut pinned = std::pin::Pin::new(&mut download);
    let first = poll_fn(|cx| futures_core::Stream::poll_next(pinned.as_mut(), cx)).await;
    assert_eq!(&first.unwrap().unwrap()[..], b"first");
    assert_eq!(&download.bytes().await.unwrap()[..], b"secondthird");
}

#[tokio::test]
async fn progress_is_reported_after_each_chunk() {
    let reports = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&reports);
    let download = open(&chunked("audio/mpeg", [&b"first"[..], b"second"]))
        .await
        .unwrap()
        .with_progress(move |progress: Progress| {
            sink.lock().unwrap().push((progress.bytes, progress.total));
        });
    assert!(reports.lock().unwrap().is_empty());
    download.bytes().await.unwrap();
    assert_eq!(*reports.lock().unwrap(), [(5, None), (11, None)]);
}

#[tokio::test]
async fn opening_fails_with_json_html_or_an_empty_body() {
    let error = r#"{"error":{"message":"m","code":"c"}}"#;
    let html = "<!DOCTYPE html><title>Welcome</title>";
    let (server, gateway, decode) = (ErrorKind::Server, ErrorKind::Gateway, ErrorKind::Decode);
    let unexpected = "expected bytes, got a JSON response";
    for (content_type, body, kind, message) in [
        ("audio/mpeg", "", decode, "the body is empty"),
        ("application/json", "", decode, "the body is empty"),
        ("application/json", error, server, "m"),
        ("application/problem+json", error, server, "m"),
        ("audio/mpeg", error, server, "m"),
        ("application/octet-stream", error, server, "m"),
        ("text/plain", error, server, "m"),
        ("audio/mpeg", " \n", decode, "the body is empty"),
        ("application/json", r#"{"a":1}"#, decode, unexpected),
        ("audio/mpeg", r#"{"a":1}"#, decode, unexpected),
        ("text/html", html, gateway, "an HTML response: \"Welcome\""),
        ("text/html", "hi", gateway, "hi"),
        ("audio/mpeg", html, gateway, "an HTML response: \"Welcome\""),
    ] {
        let bytes = body.as_bytes();
        for script in [
            with_length(content_type, bytes),
            chunked(content_type, Some(bytes).filter(|bytes| !bytes.is_empty())),
            chunked(content_type, bytes.chunks(1)),
        ] {
            let error = open(&script).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.message()),
                (kind, message),
                "{content_type} {body}"
            );
            assert_eq!(
                (error.status().unwrap().as_u16(), error.request_id()),
                (200, Some("r1"))
            );
            assert_eq!(&error.body().unwrap()[..], bytes);
        }
    }
}

#[tokio::test]
async fn audio_may_begin_like_json_or_html() {
    let long = format!("{{\"error\":\"{}\"}}", "x".repeat(70_000)).into_bytes();
    for body in [
        &b"{ is a sample"[..],
        b"{} and on",
        b"<samples>",
        b"\xef\xbb\xbf",
        b"\"quoted\"",
        &long,
    ] {
        for script in [
            with_length("audio/pcm", body),
            chunked("audio/pcm", [body]),
            chunked("audio/pcm", body.chunks(body.len().div_ceil(100))),
        ] {
            let download = open(&script).await.unwrap();
            assert_eq!(&download.bytes().await.unwrap()[..], body);
        }
    }
}

#[tokio::test]
async fn an_error_response_is_read_as_for_json() {
    let script = [send(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 3\r\n\r\nbad",
    )];
    let error = open(&script).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Gateway, "bad"));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn an_echoed_key_is_redacted() {
    let body = format!("{{\"error\":\"bad key {KEY}\"}}");
    let error = open(&with_length("audio/mpeg", body.as_bytes()))
        .await
        .unwrap_err();
    assert_eq!(error.message(), "bad key [key]");
}

#[tokio::test]
async fn the_number_of_bytes_in_memory_is_limited() {
    let body = audio();
    for script in [
        with_length("audio/mpeg", &body),
        chunked("audio/mpeg", body.chunks(10_000)),
    ] {
        let limited = |limit| open_with(&script, move |client| client.max_download_bytes(limit));
        let download = limited(body.len()).await.unwrap();
        assert_eq!(download.bytes().await.unwrap(), Bytes::from(body.clone()));
        let error = limited(body.len() - 1)
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
        assert_eq!(
            error.message(),
            "response body exceeds the limit of 699999 bytes"
        );
        assert_eq!(error.request_id(), Some("r1"));
    }
}

#[tokio::test]
async fn a_lost_connection_or_a_pause_is_an_error_after_the_received_bytes() {
    let body = audio();
    for script in [
        truncated(with_length("audio/mpeg", &body), 1),
        truncated(chunked("audio/mpeg", body.chunks(10_000)), 5),
    ] {
        let mut download = open(&script).await.unwrap();
        let mut length = 0;
        let error = loop {
            match download.next().await.unwrap() {
                Ok(bytes) => length += bytes.len(),
                Err(error) => break error,
            }
        };
        assert!(length >= body.len() - 1, "{length}");
        assert_eq!(
            (error.kind(), error.request_id()),
            (ErrorKind::IncompleteBody, Some("r1"))
        );
        assert!(!error.is_retryable());
        assert!(download.next().await.is_none());
    }
    let script = [
        truncated(with_length("audio/mpeg", &body), 1),
        vec![SILENCE],
    ]
    .concat();
    let download = open_with(&script, |client| client.read_timeout(SHORT))
        .await
        .unwrap();
    let error = download.bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadTimeout);
}

#[tokio::test]
async fn the_rest_of_a_failed_download_is_never_complete() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("speech.mp3");
    let script = truncated(with_length("audio/mpeg", &audio()), 1);
    for is_saved in [false, true] {
        let mut download = open(&script).await.unwrap();
        while download.next().await.unwrap().is_ok() {}
        let error = match is_saved {
            true => download.save(&path).await.unwrap_err(),
            false => download.bytes().await.unwrap_err(),
        };
        assert_eq!(error.kind(), ErrorKind::IncompleteBody);
        assert_eq!(file_names(directory.path()).len(), 0);
    }
}

#[tokio::test]
async fn the_timeout_applies_until_the_first_bytes() {
    let silent = [
        send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"),
        SILENCE,
    ];
    let error = open_with(&silent, |client| client.timeout(SHORT))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status().unwrap().as_u16()),
        (ErrorKind::Timeout, 200)
    );
    let slow = [
        send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfirst"),
        Step::Pause(2 * SHORT),
        send("last"),
    ];
    let download = open_with(&slow, |client| client.timeout(SHORT))
        .await
        .unwrap();
    assert_eq!(&download.bytes().await.unwrap()[..], b"firstlast");
}

#[tokio::test]
async fn a_bare_name_is_a_file_in_the_current_directory() {
    let reserved = tempfile::Builder::new().tempfile_in(".").unwrap();
    let name = Path::new(reserved.path().file_name().unwrap());
    let download = open(&with_length("audio/mpeg", b"short")).await.unwrap();
    download.save(name).await.unwrap();
    assert_eq!(std::fs::read(reserved.path()).unwrap(), b"short");
}

#[tokio::test]
async fn a_saved_file_is_complete_and_has_the_usual_permissions() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("speech.mp3");
    let body = audio();
    for script in [
        with_length("audio/mpeg", &body),
        chunked("audio/mpeg", body.chunks(10_000)),
        with_length("audio/mpeg", b"short"),
    ] {
        // Each file replaces the one before.
        let written = open(&script).await.unwrap().save(&path).await.unwrap();
        let saved = std::fs::read(&path).unwrap();
        assert!(saved == body || saved == b"short");
        assert_eq!(written, saved.len() as u64);
        assert_eq!(file_names(directory.path()), ["speech.mp3"]);
    }
    assert_eq!(std::fs::read(&path).unwrap(), b"short");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let other = directory.path().join("other");
        std::fs::write(&other, "").unwrap();
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&other));
    }
}

#[tokio::test]
async fn a_failed_download_leaves_no_partial_file_and_keeps_an_existing_one() {
    for old in [None, Some("old")] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("speech.mp3");
        if let Some(old) = old {
            std::fs::write(&path, old).unwrap();
        }
        let body = audio();
        let script = truncated(with_length("audio/mpeg", &body), 1);
        let error = open(&script).await.unwrap().save(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IncompleteBody);
        assert_eq!(
            file_names(directory.path()).len(),
            usize::from(old.is_some())
        );
        assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), old);
    }
}

#[tokio::test]
async fn a_dropped_download_leaves_no_partial_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("speech.mp3");
    std::fs::write(&path, "old").unwrap();
    let body = audio();
    let script = [
        truncated(with_length("audio/mpeg", &body), 1),
        vec![SILENCE],
    ]
    .concat();
    let received = Arc::new(Mutex::new(0));
    let sink = Arc::clone(&received);
    let download = open(&script)
        .await
        .unwrap()
        .with_progress(move |progress: Progress| *sink.lock().unwrap() = progress.bytes);
    {
        let mut saving = pin!(download.save(&path));
        // Until all but the last byte was received and most of it was written.
        poll_fn(|cx| {
            assert!(saving.as_mut().poll(cx).is_pending());
            match *received.lock().unwrap() {
                bytes if bytes < body.len() as u64 - 1 => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
        assert_eq!(file_names(directory.path()).len(), 2);
    }
    assert_eq!(file_names(directory.path()), ["speech.mp3"]);
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
}

#[tokio::test]
async fn a_file_that_can_not_be_written_is_an_io_error() {
    let directory = tempfile::tempdir().unwrap();
    for path in [
        directory.path().join("none/speech.mp3"),
        directory.path().into(),
    ] {
        let download = open(&with_length("audio/mpeg", b"audio")).await.unwrap();
        let download = download.with_progress(|_| panic!("the body was read"));
        let error = download.save(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        let path = path.display().to_string();
        assert!(error.message().contains(&path), "{error}");
        let source = std::error::Error::source(&error).unwrap();
        assert!(source.is::<std::io::Error>());
        assert_eq!(
            (error.status().unwrap().as_u16(), error.request_id()),
            (200, Some("r1"))
        );
        assert!(file_names(directory.path()).is_empty());
    }
}

#[tokio::test]
async fn a_reader_returns_every_byte_and_then_the_end() {
    let body = audio();
    let script = chunked("audio/mpeg", body.chunks(1700));
    let mut download = open(&script).await.unwrap();
    assert!(!download.is_terminated());
    let mut read = Vec::new();
    download.read_to_end(&mut read).await.unwrap();
    assert!(read == audio(), "{} bytes", read.len());
    assert!(download.is_terminated());
    assert!(download.next().await.is_none());
}

#[tokio::test]
async fn a_reader_of_a_truncated_download_ends_with_unexpected_eof() {
    let script = truncated(with_length("audio/mpeg", &audio()), 5);
    let mut download = open(&script).await.unwrap();
    let mut read = Vec::new();
    let error = download.read_to_end(&mut read).await.unwrap_err();
    assert!(
        !read.is_empty() && read == audio()[..read.len()],
        "{} bytes",
        read.len()
    );
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    let source = error.get_ref().unwrap().downcast_ref::<Error>().unwrap();
    assert_eq!(source.kind(), ErrorKind::IncompleteBody);
    assert_eq!(source.request_id(), Some("r1"));
    assert!(download.is_terminated());
}

#[tokio::test]
async fn a_reader_returns_the_read_timeout_as_timed_out() {
    let mut script = truncated(with_length("audio/mpeg", b"audio"), 1);
    script.push(SILENCE);
    let configure = |client: ClientBuilder| client.read_timeout(SHORT);
    let mut download = open_with(&script, configure).await.unwrap();
    let mut read = Vec::new();
    let error = download.read_to_end(&mut read).await.unwrap_err();
    assert_eq!(read, b"audi");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[test]
fn a_download_is_send_and_unpin() {
    fn assert_bounds<T: Send + Unpin + 'static>(_: &T) {}
    fn assert_send<T: Send>(_: T) {}
    let _ = |download: Download| {
        assert_bounds(&download);
        assert_send(download.save("speech.mp3"));
    };
}

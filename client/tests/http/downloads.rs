//! Binary responses: what is one, and what is left behind when it isn't whole.

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

static SPEAK: Operation = operation("speak", true, false);

/// Sound, more than is written to a file at once.
fn sound() -> Vec<u8> {
    (0..700_000_u32).map(|n| (n % 251) as u8).collect()
}

fn announced(content_type: &str, body: &[u8]) -> Vec<Step> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nx-request-id: r1\r\ncontent-type: {content_type}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    vec![send(head), send(body)]
}

fn chunked<'b>(content_type: &str, chunks: impl IntoIterator<Item = &'b [u8]>) -> Vec<Step> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nx-request-id: r1\r\ncontent-type: {content_type}\r\n\
         transfer-encoding: chunked\r\n\r\n"
    );
    let mut response = head.into_bytes();
    for chunk in chunks {
        response.extend(format!("{:x}\r\n", chunk.len()).bytes());
        response.extend(chunk);
        response.extend(b"\r\n");
    }
    response.extend(b"0\r\n\r\n");
    vec![send(response)]
}

/// The script without the last bytes it sends.
fn cut(mut script: Vec<Step>, missing: usize) -> Vec<Step> {
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
    set: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<Download, Error> {
    let server = start(script).await;
    let client = set(builder(&server.address)).build().unwrap();
    Call::new(&client, &SPEAK).send_download().await
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[tokio::test]
async fn a_download_keeps_its_head() {
    let server = start(&announced("Audio/MPEG; rate=1", b"sound")).await;
    let client = builder(&server.address).build().unwrap();
    let mut download = Call::new(&client, &SPEAK).send_download().await.unwrap();
    assert_eq!(download.content_type(), "Audio/MPEG");
    assert_eq!(download.content_length(), Some(5));
    assert_eq!(
        (download.status().as_u16(), download.request_id()),
        (200, Some("r1"))
    );
    assert_eq!(download.headers()["content-length"], "5");
    assert_eq!(&download.next().await.unwrap().unwrap()[..], b"sound");
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
async fn what_is_taken_before_is_not_taken_again() {
    let mut download = open(&chunked("audio/mpeg", [&b"first"[..], b"second", b"third"]))
        .await
        .unwrap();
    let mut pinned = std::pin::Pin::new(&mut download);
    let first = poll_fn(|cx| futures_core::Stream::poll_next(pinned.as_mut(), cx)).await;
    assert_eq!(&first.unwrap().unwrap()[..], b"first");
    assert_eq!(&download.bytes().await.unwrap()[..], b"secondthird");
}

#[tokio::test]
async fn progress_is_told_after_each_piece() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let download = open(&chunked("audio/mpeg", [&b"first"[..], b"second"]))
        .await
        .unwrap()
        .with_progress(move |progress: Progress| {
            tell.lock().unwrap().push((progress.bytes, progress.total));
        });
    assert!(told.lock().unwrap().is_empty());
    download.bytes().await.unwrap();
    assert_eq!(*told.lock().unwrap(), [(5, None), (11, None)]);
}

#[tokio::test]
async fn what_is_no_sound_is_an_error_at_once() {
    let error = r#"{"error":{"message":"m","code":"c"}}"#;
    let page = "<!DOCTYPE html><title>Welcome</title>";
    let (server, edge, decode) = (ErrorKind::Server, ErrorKind::Gateway, ErrorKind::Decode);
    let in_place = "expected bytes, got a JSON response";
    for (content_type, body, kind, message) in [
        ("audio/mpeg", "", decode, "the body is empty"),
        ("application/json", "", decode, "the body is empty"),
        ("application/json", error, server, "m"),
        ("application/problem+json", error, server, "m"),
        ("audio/mpeg", error, server, "m"),
        ("application/octet-stream", error, server, "m"),
        ("text/plain", error, server, "m"),
        ("audio/mpeg", " \n", decode, "the body is empty"),
        ("application/json", r#"{"a":1}"#, decode, in_place),
        ("audio/mpeg", r#"{"a":1}"#, decode, in_place),
        ("text/html", page, edge, "an HTML response: \"Welcome\""),
        ("text/html", "hi", edge, "hi"),
        ("audio/mpeg", page, edge, "an HTML response: \"Welcome\""),
    ] {
        let bytes = body.as_bytes();
        for script in [
            announced(content_type, bytes),
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
async fn sound_may_begin_with_anything() {
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
            announced("audio/pcm", body),
            chunked("audio/pcm", [body]),
            chunked("audio/pcm", body.chunks(body.len().div_ceil(100))),
        ] {
            let download = open(&script).await.unwrap();
            assert_eq!(&download.bytes().await.unwrap()[..], body);
        }
    }
}

#[tokio::test]
async fn an_error_status_is_the_same_as_for_json() {
    let script = [send(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 3\r\n\r\nbad",
    )];
    let error = open(&script).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Gateway, "bad"));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn an_echoed_key_is_not_shown() {
    let body = format!("{{\"error\":\"bad key {KEY}\"}}");
    let error = open(&announced("audio/mpeg", body.as_bytes()))
        .await
        .unwrap_err();
    assert_eq!(error.message(), "bad key [key]");
}

#[tokio::test]
async fn bytes_are_bounded() {
    let body = sound();
    for script in [
        announced("audio/mpeg", &body),
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
async fn a_break_or_a_pause_is_an_error_after_what_came() {
    let body = sound();
    for script in [
        cut(announced("audio/mpeg", &body), 1),
        cut(chunked("audio/mpeg", body.chunks(10_000)), 5),
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
    let script = [cut(announced("audio/mpeg", &body), 1), vec![SILENCE]].concat();
    let download = open_with(&script, |client| client.read_timeout(SHORT))
        .await
        .unwrap();
    let error = download.bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadTimeout);
}

#[tokio::test]
async fn what_is_left_of_a_broken_download_is_not_all_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("speech.mp3");
    let script = cut(announced("audio/mpeg", &sound()), 1);
    for saved in [false, true] {
        let mut download = open(&script).await.unwrap();
        while download.next().await.unwrap().is_ok() {}
        let error = match saved {
            true => download.save(&path).await.unwrap_err(),
            false => download.bytes().await.unwrap_err(),
        };
        assert_eq!(error.kind(), ErrorKind::IncompleteBody);
        assert_eq!(names(directory.path()).len(), 0);
    }
}

#[tokio::test]
async fn the_total_counts_until_the_first_bytes() {
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
async fn a_saved_file_is_whole_and_like_any_other() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("speech.mp3");
    let body = sound();
    for script in [
        announced("audio/mpeg", &body),
        chunked("audio/mpeg", body.chunks(10_000)),
        announced("audio/mpeg", b"short"),
    ] {
        // The second replaces the first.
        let written = open(&script).await.unwrap().save(&path).await.unwrap();
        let saved = std::fs::read(&path).unwrap();
        assert!(saved == body || saved == b"short");
        assert_eq!(written, saved.len() as u64);
        assert_eq!(names(directory.path()), ["speech.mp3"]);
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
async fn a_failed_download_leaves_no_file_and_the_old_one_as_it_was() {
    for old in [None, Some("old")] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("speech.mp3");
        if let Some(old) = old {
            std::fs::write(&path, old).unwrap();
        }
        let body = sound();
        let script = cut(announced("audio/mpeg", &body), 1);
        let error = open(&script).await.unwrap().save(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IncompleteBody);
        assert_eq!(names(directory.path()).len(), usize::from(old.is_some()));
        assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), old);
    }
}

#[tokio::test]
async fn a_dropped_download_leaves_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("speech.mp3");
    std::fs::write(&path, "old").unwrap();
    let body = sound();
    let script = [cut(announced("audio/mpeg", &body), 1), vec![SILENCE]].concat();
    let come = Arc::new(Mutex::new(0));
    let tell = Arc::clone(&come);
    let download = open(&script)
        .await
        .unwrap()
        .with_progress(move |progress: Progress| *tell.lock().unwrap() = progress.bytes);
    {
        let mut saving = pin!(download.save(&path));
        // Up to where all but the last byte has come and most of it was written.
        poll_fn(|cx| {
            assert!(saving.as_mut().poll(cx).is_pending());
            match *come.lock().unwrap() {
                bytes if bytes < body.len() as u64 - 1 => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
        assert_eq!(names(directory.path()).len(), 2);
    }
    assert_eq!(names(directory.path()), ["speech.mp3"]);
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
}

#[tokio::test]
async fn a_file_that_can_not_be_written_is_told() {
    let directory = tempfile::tempdir().unwrap();
    for path in [
        directory.path().join("none/speech.mp3"),
        directory.path().into(),
    ] {
        let download = open(&announced("audio/mpeg", b"sound")).await.unwrap();
        let download = download.with_progress(|_| panic!("it was read anyway"));
        let error = download.save(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        let shown = path.display().to_string();
        assert!(error.message().contains(&shown), "{error}");
        let source = std::error::Error::source(&error).unwrap();
        assert!(source.is::<std::io::Error>());
        assert_eq!(
            (error.status().unwrap().as_u16(), error.request_id()),
            (200, Some("r1"))
        );
        assert!(names(directory.path()).is_empty());
    }
}

#[tokio::test]
async fn a_reader_gets_every_byte_and_then_the_end() {
    let chunks = sound();
    let script = chunked("audio/mpeg", chunks.chunks(1700));
    let mut download = open(&script).await.unwrap();
    assert!(!download.is_terminated());
    let mut read = Vec::new();
    download.read_to_end(&mut read).await.unwrap();
    assert!(read == sound(), "{} bytes", read.len());
    assert!(download.is_terminated());
    assert!(download.next().await.is_none());
}

#[tokio::test]
async fn a_reader_of_a_cut_download_gets_what_arrived_and_an_unexpected_end() {
    let script = cut(announced("audio/mpeg", &sound()), 5);
    let mut download = open(&script).await.unwrap();
    let mut read = Vec::new();
    let error = download.read_to_end(&mut read).await.unwrap_err();
    assert!(
        !read.is_empty() && read == sound()[..read.len()],
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
async fn a_reader_learns_that_no_data_came_in_time() {
    let mut script = cut(announced("audio/mpeg", b"sound"), 1);
    script.push(SILENCE);
    let set = |client: ClientBuilder| client.read_timeout(SHORT);
    let mut download = open_with(&script, set).await.unwrap();
    let mut read = Vec::new();
    let error = download.read_to_end(&mut read).await.unwrap_err();
    assert_eq!(read, b"soun");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[test]
fn a_download_can_go_anywhere() {
    fn assert_bounds<T: Send + Unpin + 'static>(_: &T) {}
    fn assert_send<T: Send>(_: T) {}
    let _ = |download: Download| {
        assert_bounds(&download);
        assert_send(download.save("speech.mp3"));
    };
}

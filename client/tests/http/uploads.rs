//! Uploads from files, bytes, readers and streams: what the server receives, and progress.

use std::future::Future;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cometapi::{ErrorKind, Progress, Upload};
use serde_json::json;

use crate::builder;
use crate::server::capture;
use crate::upload_fixtures::{
    Chunks, LARGE, captured_upload, error_before_sending, pseudo_random_bytes, send_form,
    upload_call, write_file,
};

#[tokio::test]
async fn every_source_is_sent_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    for length in [1, 256 * 1024, LARGE] {
        let content = pseudo_random_bytes(length);
        let path = write_file(&folder, "talk.mp3", &content);
        let size = length as u64;
        let chunks = || Chunks::split(&content, 100_000);
        for (upload, has_length) in [
            (Upload::path(&path), true),
            (Upload::from(path.as_path()), true),
            (Upload::bytes("talk.mp3", content.clone()), true),
            (Upload::reader("talk.mp3", chunks()).with_length(size), true),
            (Upload::stream("talk.mp3", chunks()).with_length(size), true),
            (Upload::reader("talk.mp3", chunks()), false),
            (Upload::stream("talk.mp3", chunks()), false),
            // The length of bytes is known, so the declared one is ignored.
            (
                Upload::bytes("talk.mp3", content.clone()).with_length(1),
                true,
            ),
        ] {
            let debug = format!("{upload:?}");
            let request = captured_upload(upload).await;
            assert!(request.file() == content, "{debug}");
            assert_eq!(
                !request.header("content-length").is_empty(),
                has_length,
                "{debug}"
            );
            assert_eq!(
                !request.header("transfer-encoding").is_empty(),
                !has_length,
                "{debug}"
            );
        }
    }
}

#[tokio::test]
async fn empty_chunks_do_not_end_a_stream() {
    let chunks = Chunks(vec![Ok(Bytes::new())]).then(Ok("a".into()));
    let chunks = chunks.then(Ok(Bytes::new())).then(Ok("b".into()));
    assert_eq!(
        captured_upload(Upload::stream("a.mp3", chunks))
            .await
            .file(),
        b"ab"
    );
}

#[tokio::test]
async fn path_and_bytes_can_be_sent_repeatedly() {
    let folder = tempfile::tempdir().unwrap();
    let path = write_file(&folder, "talk.mp3", &pseudo_random_bytes(LARGE));
    for upload in [
        Upload::path(&path),
        Upload::bytes("talk.mp3", pseudo_random_bytes(LARGE)),
    ] {
        assert!(upload.is_replayable());
        let (address, server) = capture(2).await;
        let client = builder(&address).build().unwrap();
        let call = upload_call(&client, upload);
        send_form(call.clone(), &json!({"model": "m"}))
            .await
            .unwrap();
        send_form(call, &json!({"model": "m"})).await.unwrap();
        let [first, second] = &server.await.unwrap()[..] else {
            panic!("two requests")
        };
        assert_eq!(first.body.len(), second.body.len());
        assert!(first.file() == second.file());
        assert_ne!(first.boundary(), second.boundary());
    }
}

#[tokio::test]
async fn reader_and_stream_can_be_sent_once() {
    let chunks = || Chunks::split(b"abc", 2);
    for (upload, origin) in [
        (Upload::reader("a.mp3", chunks()), "a reader"),
        (Upload::stream("a.mp3", chunks()), "a stream"),
    ] {
        assert!(!upload.is_replayable());
        assert_eq!(captured_upload(upload.clone()).await.file(), b"abc");
        let error = error_before_sending(upload).await;
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        let expected =
            format!("the upload `a.mp3` came from {origin}, which can be read only once");
        assert_eq!(error.message(), expected);
    }
}

#[tokio::test]
async fn progress_is_reported_for_each_chunk_of_each_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let path = write_file(&folder, "talk.mp3", &pseudo_random_bytes(LARGE));
    let chunks = || Chunks::split(&pseudo_random_bytes(LARGE), 200_000);
    let total = LARGE as u64;
    for (upload, known) in [
        (Upload::path(&path), Some(total)),
        (
            Upload::bytes("a.mp3", pseudo_random_bytes(LARGE)),
            Some(total),
        ),
        (
            Upload::reader("a.mp3", chunks()).with_length(total),
            Some(total),
        ),
        (Upload::stream("a.mp3", chunks()), None),
    ] {
        let attempts = if upload.is_replayable() { 2 } else { 1 };
        let (address, server) = capture(attempts).await;
        let client = builder(&address).build().unwrap();
        let reports = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&reports);
        let upload =
            upload.with_progress(move |progress: Progress| sink.lock().unwrap().push(progress));
        let call = upload_call(&client, upload);
        for _attempt in 0..attempts {
            reports.lock().unwrap().clear();
            send_form(call.clone(), &json!({})).await.unwrap();
            let reports = reports.lock().unwrap();
            assert!(reports.len() > 10, "{reports:?}");
            assert!(
                reports.iter().all(|report| report.total == known),
                "{reports:?}"
            );
            assert!(
                reports[0].bytes > 0 && reports[0].bytes < 300_000,
                "{reports:?}"
            );
            assert!(
                reports.is_sorted_by(|one, next| one.bytes < next.bytes),
                "{reports:?}"
            );
            assert_eq!(reports.last().unwrap().bytes, total);
        }
        server.await.unwrap();
    }
}

#[test]
fn debug_output_does_not_contain_the_content() {
    let client = builder("http://127.0.0.1:1").build().unwrap();
    for upload in [
        Upload::bytes("talk.mp3", "secret"),
        Upload::stream("talk.mp3", Chunks::split(b"secret", 2)),
    ] {
        let debug = format!("{upload:?} {:?}", upload_call(&client, upload.clone()));
        assert!(
            debug.contains("talk.mp3") && !debug.contains("secret"),
            "{debug}"
        );
        assert!(!debug.contains("[115"), "{debug}");
    }
}

#[test]
fn a_call_with_a_file_can_be_spawned() {
    fn assert_send<T: Future + Send>(_: T) {}
    let client = builder("http://127.0.0.1:1").build().unwrap();
    let upload = Upload::stream("talk.mp3", Chunks::split(b"x", 2));
    assert_send(send_form(upload_call(&client, upload), &json!({})));
}

//! Uploads that can't be sent or break off, and files that change while they are sent.

use std::io;
use std::path::Path;

use cometapi::{Error, ErrorKind, Upload};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::builder;
use crate::server::{read_headers, read_request};
use crate::upload_fixtures::{
    Chunks, LARGE, captured_upload, error_before_sending, pseudo_random_bytes, send_form,
    upload_call, write_file,
};

/// The error of a call that fails while the server reads the request.
async fn error_while_sending(upload: Upload) -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.map(drop)
    });
    let client = builder(&address).build().unwrap();
    let error = send_form(upload_call(&client, upload), &json!({}))
        .await
        .unwrap_err();
    assert!(
        server.await.unwrap().is_err(),
        "the request must not look complete"
    );
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert!(error.request_may_have_been_sent() && !error.is_retryable());
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.is::<io::Error>(), "{source:?}");
    error
}

#[tokio::test]
async fn an_upload_that_can_not_be_sent_fails_before_connecting() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.mp3");
    let empty = write_file(&folder, "empty.mp3", b"");
    let good = write_file(&folder, "good.mp3", b"x");
    let message = |path: &Path, reason: &str| format!("`{}` {reason}", path.display());
    let empty_reader = || Chunks(Vec::new());
    for (upload, kind, message) in [
        (
            Upload::path(&missing),
            ErrorKind::Io,
            message(&missing, "can't be read: No such file or directory"),
        ),
        (
            Upload::path(good.join("inner.mp3")),
            ErrorKind::Io,
            message(&good.join("inner.mp3"), "can't be read: Not a directory"),
        ),
        (
            Upload::path(folder.path()),
            ErrorKind::InvalidRequest,
            message(folder.path(), "is a directory"),
        ),
        (
            Upload::path("/dev/null"),
            ErrorKind::InvalidRequest,
            "`/dev/null` is not a regular file; send it from a reader".into(),
        ),
        (
            Upload::path(&empty),
            ErrorKind::InvalidRequest,
            message(&empty, "is empty"),
        ),
        (
            Upload::bytes("a.mp3", ""),
            ErrorKind::InvalidRequest,
            "`a.mp3` is empty".into(),
        ),
        (
            Upload::reader("a.mp3", empty_reader()).with_length(0),
            ErrorKind::InvalidRequest,
            "`a.mp3` is empty".into(),
        ),
        (
            Upload::bytes("talks/", "x"),
            ErrorKind::InvalidRequest,
            "the upload has no file name".into(),
        ),
        (
            Upload::bytes("a.mp3", "x").with_content_type("audio/mpeg\r\nX-Evil: 1"),
            ErrorKind::InvalidRequest,
            r#"invalid content type "audio/mpeg\r\nX-Evil: 1""#.into(),
        ),
    ] {
        let error = error_before_sending(upload).await;
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().starts_with(&message), "{error}");
        assert_eq!(error.operation(), Some("upload_file"));
    }
}

#[tokio::test]
async fn an_upload_that_fails_while_it_is_sent_is_an_io_error_and_an_incomplete_request() {
    let chunks = || Chunks::split(&pseudo_random_bytes(LARGE), 100_000);
    let failing = || chunks().then(Err(io::Error::other("the disk is gone")));
    let length = LARGE as u64;
    for (upload, message) in [
        (
            Upload::reader("a.mp3", failing()),
            "`a.mp3` can't be read: the disk is gone".to_owned(),
        ),
        (
            Upload::stream("a.mp3", failing()).with_length(length + 1),
            "`a.mp3` can't be read: the disk is gone".to_owned(),
        ),
        (
            Upload::stream("a.mp3", chunks()).with_length(length + 1),
            format!(
                "`a.mp3` can't be read: it ended after {length} of {} bytes",
                length + 1
            ),
        ),
        (
            Upload::reader("a.mp3", chunks()).with_length(length - 1),
            format!(
                "`a.mp3` can't be read: it is longer than the declared {} bytes",
                length - 1
            ),
        ),
        (
            Upload::stream("a.mp3", Chunks(Vec::new())),
            "`a.mp3` can't be read: it is empty".to_owned(),
        ),
    ] {
        assert_eq!(error_while_sending(upload).await.message(), message);
    }
}

/// A file that is changed after each chunk that was read.
fn changing(path: &Path, change: impl Fn(&std::fs::File) + Send + 'static) -> Upload {
    let file = std::fs::File::options().append(true).open(path).unwrap();
    Upload::path(path).with_progress(move |_| change(&file))
}

#[tokio::test]
async fn a_file_that_grows_is_sent_with_its_initial_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = write_file(&folder, "talk.mp3", &pseudo_random_bytes(LARGE));
    let upload = changing(&path, |mut file| {
        std::io::Write::write_all(&mut file, &[0; 1000]).unwrap();
    });
    let request = captured_upload(upload).await;
    assert!(request.file() == pseudo_random_bytes(LARGE));
    assert!(path.metadata().unwrap().len() > LARGE as u64);
}

#[tokio::test]
async fn a_file_that_shrinks_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = write_file(&folder, "talk.mp3", &pseudo_random_bytes(LARGE));
    let upload = changing(&path, |file| file.set_len(1024 * 1024).unwrap());
    let error = error_while_sending(upload).await;
    let expected = format!("it ended after 1048576 of {LARGE} bytes");
    assert!(error.message().ends_with(&expected), "{error}");
}

#[tokio::test]
async fn a_response_before_the_end_of_the_upload_is_returned() {
    let body = r#"{"error":{"message":"too large","code":"too_large"}}"#;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    const ROUNDS: usize = 20;
    tokio::spawn(async move {
        for _ in 0..ROUNDS {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_headers(&mut stream).await.unwrap();
            let length = body.len();
            let response =
                format!("HTTP/1.1 413 Payload Too Large\r\ncontent-length: {length}\r\n\r\n{body}");
            stream.write_all(response.as_bytes()).await.unwrap();
        }
    });
    let client = builder(&address).build().unwrap();
    let upload = Upload::bytes("a.mp3", vec![0; 8 * 1024 * 1024]);
    for round in 0..ROUNDS {
        let error = send_form(upload_call(&client, upload.clone()), &json!({}))
            .await
            .unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::PayloadTooLarge,
            "round {round}: {error}"
        );
        assert_eq!(error.code(), Some("too_large"));
    }
}

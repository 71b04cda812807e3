//! Multipart requests and the files in them, as the server gets them.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use cometapi::runtime::{Call, FileField, Method, Operation, StatusErrors};
use cometapi::{Client, Error, ErrorKind, Progress, Upload};
use futures_core::Stream;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::builder;

static SEND: Operation = Operation {
    api: &cometapi::API,
    id: "send_file",
    method: Method::POST,
    path: "/v1/files",
    success_status: 200,
    media_types: &["application/json"],
    authenticated: true,
    idempotent: false,
    uploads: &[FileField {
        name: "file",
        extensions: &[("mp3", "audio/mpeg"), ("wav", "audio/wav")],
    }],
    errors: &[StatusErrors {
        status: 200,
        rules: &[],
    }],
    docs_url: None,
    telemetry: None,
};

/// Larger than all buffers on the way, and no multiple of any of them.
const LARGE: usize = 3 * 1024 * 1024 + 7;

#[derive(Serialize)]
struct Fields {
    model: &'static str,
    temperature: f64,
    #[serde(rename = "granularities[]")]
    granularities: &'static [&'static str],
    absent: Option<&'static str>,
    count: u64,
    is_exact: bool,
    options: Value,
    prompt: &'static str,
}

const FIELDS: Fields = Fields {
    model: "m-1",
    temperature: 0.5,
    granularities: &["word", "segment"],
    absent: None,
    count: u64::MAX,
    is_exact: true,
    options: Value::Null,
    prompt: "two\r\nlines, ünï \"quoted\"",
};

/// One request as it came; the body without its chunks.
struct Captured {
    head: String,
    body: Vec<u8>,
}

impl Captured {
    fn header(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let named = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value).collect()
    }

    fn boundary(&self) -> &str {
        let [media_type] = self.header("content-type")[..] else {
            panic!("{}", self.head);
        };
        media_type
            .strip_prefix("multipart/form-data; boundary=")
            .unwrap()
    }

    /// The body as text, its boundary replaced.
    fn text(&self) -> String {
        let text = String::from_utf8(self.body.clone()).unwrap();
        text.replace(self.boundary(), "B")
    }

    /// The content of the file, which is the last part.
    fn file(&self) -> &[u8] {
        let end = format!("\r\n--{}--\r\n", self.boundary());
        let body = self.body.strip_suffix(end.as_bytes()).unwrap();
        let find = |what: &[u8], from: usize| {
            let mut windows = body[from..].windows(what.len());
            from + windows.position(|window| window == what).unwrap()
        };
        &body[find(b"\r\n\r\n", find(b"; filename=", 0)) + 4..]
    }
}

/// Responses so many requests, each on a connection of its own.
async fn capture(requests: usize) -> (String, JoinHandle<Vec<Captured>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let mut captured = Vec::new();
        for _ in 0..requests {
            let (mut stream, _) = listener.accept().await.unwrap();
            captured.push(read_request(&mut stream).await.unwrap());
            let response = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
            stream.write_all(response.as_bytes()).await.unwrap();
        }
        captured
    });
    (address, server)
}

async fn read_request(stream: &mut TcpStream) -> io::Result<Captured> {
    let mut captured = Captured {
        head: read_until(stream, "\r\n\r\n").await?,
        body: Vec::new(),
    };
    let length = captured.header("content-length").first().copied();
    if let Some(length) = length {
        captured.body.resize(length.parse().unwrap(), 0);
        stream.read_exact(&mut captured.body).await?;
        return Ok(captured);
    }
    assert_eq!(captured.header("transfer-encoding"), ["chunked"]);
    loop {
        let size = read_until(stream, "\r\n").await?;
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        stream.read_exact(&mut chunk).await?;
        captured.body.extend_from_slice(&chunk[..size]);
        if size == 0 {
            return Ok(captured);
        }
    }
}

async fn read_until(stream: &mut TcpStream, end: &str) -> io::Result<String> {
    let mut text = Vec::new();
    while !text.ends_with(end.as_bytes()) {
        text.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8(text).unwrap())
}

fn call(client: &Client, upload: impl Into<Upload>) -> Call {
    let mut call = Call::new(client, &SEND);
    call.upload("file", upload.into());
    call
}

async fn send(call: Call, body: &impl Serialize) -> Result<(), Error> {
    call.multipart_body(body)?
        .send_json::<Value>()
        .await
        .map(drop)
}

/// What a server gets that takes the complete request.
async fn sent(supply: impl FnOnce(&mut Call), body: &impl Serialize) -> Captured {
    let (address, server) = capture(1).await;
    let client = builder(&address).build().unwrap();
    let mut call = Call::new(&client, &SEND);
    supply(&mut call);
    send(call, body).await.unwrap();
    server.await.unwrap().remove(0)
}

async fn sent_file(upload: Upload) -> Captured {
    sent(|call| call.upload("file", upload), &json!({"model": "m"})).await
}

/// The error of a call that must not get to the network: nothing listens there.
async fn refused(upload: Upload) -> Error {
    let client = builder("http://127.0.0.1:1").build().unwrap();
    let error = send(call(&client, upload), &json!({})).await.unwrap_err();
    assert!(
        !error.request_may_have_been_sent() && !error.is_retryable(),
        "{error}"
    );
    error
}

/// The error of a call whose server reads for as long as something comes.
async fn broken(upload: Upload) -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.map(drop)
    });
    let client = builder(&address).build().unwrap();
    let error = send(call(&client, upload), &json!({})).await.unwrap_err();
    assert!(
        server.await.unwrap().is_err(),
        "the request must not look whole"
    );
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert!(error.request_may_have_been_sent() && !error.is_retryable());
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.is::<io::Error>(), "{source:?}");
    error
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(next).collect()
}

fn file(folder: &tempfile::TempDir, name: &str, content: &[u8]) -> std::path::PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// A stream, and a reader, of chunks that are there at once.
struct Pieces(Vec<io::Result<Bytes>>);

impl Pieces {
    fn of(content: &[u8], size: usize) -> Self {
        let chunks = content.chunks(size).map(Bytes::copy_from_slice);
        Self(chunks.map(Ok).collect())
    }

    fn then(mut self, chunk: io::Result<Bytes>) -> Self {
        self.0.push(chunk);
        self
    }

    fn shift(&mut self) -> Option<io::Result<Bytes>> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }
}

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.shift())
    }
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(mut chunk) = self.shift().transpose()? {
            let taken = chunk.split_to(chunk.len().min(buffer.remaining()));
            buffer.put_slice(&taken);
            if !chunk.is_empty() {
                self.0.insert(0, Ok(chunk));
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn every_sort_of_field_becomes_a_part() {
    let supply = |call: &mut Call| {
        call.upload("file", Upload::bytes("talk.mp3", "\0the file\r\n"));
        call.extra("count".into(), json!(7));
        call.extra("is_exact".into(), Value::Null);
        call.extra("more[]".into(), json!([1, null, [2], "three"]));
        call.extra("nested".into(), json!({"a": [1, "x"]}));
        call.extra("none".into(), Value::Null);
        call.extra("no_items".into(), json!([]));
    };
    let request = sent(supply, &FIELDS).await;
    let part = |name: &str, value: &str| {
        format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let expected = [
        part("model", "m-1"),
        part("temperature", "0.5"),
        part("granularities[]", "word"),
        part("granularities[]", "segment"),
        part("count", "7"),
        part("prompt", FIELDS.prompt),
        part("more[]", "1"),
        part("more[]", "[2]"),
        part("more[]", "three"),
        part("nested", r#"{"a":[1,"x"]}"#),
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"talk.mp3\"\r\n\
         Content-Type: audio/mpeg\r\n\r\n\0the file\r\n\r\n--B--\r\n"
            .to_owned(),
    ];
    assert_eq!(request.text(), expected.concat());
    assert_eq!(
        request.header("content-length"),
        [request.body.len().to_string()]
    );
    assert_eq!(request.header("accept"), ["application/json"]);
    assert_eq!(request.header("authorization"), ["Bearer sk-secret"]);
}

#[tokio::test]
async fn numbers_and_objects_are_as_in_json() {
    let body = json!({"a": u64::MAX, "b": -1, "c": 1.5e300, "d": {"x": true}, "e": ""});
    let request = sent(|_| (), &body).await;
    let values: Vec<&str> = request.text().leak().split("\r\n").collect();
    let values: Vec<&str> = values.into_iter().skip(3).step_by(4).collect();
    assert_eq!(
        values,
        [
            "18446744073709551615",
            "-1",
            "1.5e+300",
            r#"{"x":true}"#,
            ""
        ]
    );
}

#[tokio::test]
async fn a_file_comes_from_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    for length in [1, 256 * 1024, LARGE] {
        let content = noise(length);
        let path = file(&folder, "talk.mp3", &content);
        let size = length as u64;
        let chunks = || Pieces::of(&content, 100_000);
        for (upload, has_length) in [
            (Upload::path(&path), true),
            (Upload::from(path.as_path()), true),
            (Upload::bytes("talk.mp3", content.clone()), true),
            (Upload::reader("talk.mp3", chunks()).with_length(size), true),
            (Upload::stream("talk.mp3", chunks()).with_length(size), true),
            (Upload::reader("talk.mp3", chunks()), false),
            (Upload::stream("talk.mp3", chunks()), false),
            // The length is known better.
            (
                Upload::bytes("talk.mp3", content.clone()).with_length(1),
                true,
            ),
        ] {
            let shown = format!("{upload:?}");
            let request = sent_file(upload).await;
            assert!(request.file() == content, "{shown}");
            assert_eq!(
                !request.header("content-length").is_empty(),
                has_length,
                "{shown}"
            );
            assert_eq!(
                !request.header("transfer-encoding").is_empty(),
                !has_length,
                "{shown}"
            );
        }
    }
}

#[tokio::test]
async fn empty_pieces_do_not_end_a_stream() {
    let chunks = Pieces(vec![Ok(Bytes::new())]).then(Ok("a".into()));
    let chunks = chunks.then(Ok(Bytes::new())).then(Ok("b".into()));
    assert_eq!(
        sent_file(Upload::stream("a.mp3", chunks)).await.file(),
        b"ab"
    );
}

#[tokio::test]
async fn path_and_bytes_are_sent_again_just_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "talk.mp3", &noise(LARGE));
    for upload in [Upload::path(&path), Upload::bytes("talk.mp3", noise(LARGE))] {
        assert!(upload.is_replayable());
        let (address, server) = capture(2).await;
        let client = builder(&address).build().unwrap();
        let call = call(&client, upload);
        send(call.clone(), &FIELDS).await.unwrap();
        send(call, &FIELDS).await.unwrap();
        let [first, second] = &server.await.unwrap()[..] else {
            panic!("two requests")
        };
        assert_eq!(first.body.len(), second.body.len());
        assert!(first.file() == second.file());
        assert_ne!(first.boundary(), second.boundary());
    }
}

#[tokio::test]
async fn reader_and_stream_are_sent_once() {
    let chunks = || Pieces::of(b"abc", 2);
    for (upload, origin) in [
        (Upload::reader("a.mp3", chunks()), "a reader"),
        (Upload::stream("a.mp3", chunks()), "a stream"),
    ] {
        assert!(!upload.is_replayable());
        assert_eq!(sent_file(upload.clone()).await.file(), b"abc");
        let error = refused(upload).await;
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        let expected =
            format!("the upload `a.mp3` came from {origin}, which can be read only once");
        assert_eq!(error.message(), expected);
    }
}

/// The part's lines up to the content.
async fn part_head(upload: Upload) -> Vec<String> {
    let request = sent(|call| call.upload("file", upload), &json!({})).await;
    let text = request.text();
    let head = text.split("\r\n\r\n").next().unwrap();
    head.split("\r\n").skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn only_the_last_part_of_the_name_is_sent_and_it_can_not_leave_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "on disk.mp3", b"x");
    for (upload, name) in [
        (Upload::path(&path), "on disk.mp3"),
        (Upload::path(&path).with_file_name("other.mp3"), "other.mp3"),
        (Upload::bytes("/etc/talk.mp3", "x"), "talk.mp3"),
        (Upload::bytes(r"C:\talks\talk.mp3", "x"), "talk.mp3"),
        (Upload::bytes("bài nói.mp3", "x"), "bài nói.mp3"),
        (Upload::bytes("a\"b;c.mp3", "x"), "a%22b;c.mp3"),
        (
            Upload::bytes("a\r\nX-Evil: 1\r\n\r\nb.mp3", "x"),
            "a%0D%0AX-Evil: 1%0D%0A%0D%0Ab.mp3",
        ),
        (Upload::bytes("a\0b\u{7f}\tc.mp3", "x"), "a%00b%7F%09c.mp3"),
    ] {
        let expected = [
            format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\""),
            "Content-Type: audio/mpeg".to_owned(),
        ];
        assert_eq!(part_head(upload).await, expected);
    }
}

#[tokio::test]
async fn the_name_of_a_field_can_not_leave_its_line() {
    let supply = |call: &mut Call| {
        call.extra("a\"; filename=\"x\r\nX-Evil: 1".into(), json!("v"));
        call.extra("größe %[]".into(), json!("w"));
    };
    let lines = sent(supply, &json!({})).await.text();
    let lines: Vec<&str> = lines.split("\r\n").collect();
    assert_eq!(
        lines,
        [
            "--B",
            "Content-Disposition: form-data; name=\"a%22; filename=%22x%0D%0AX-Evil: 1\"",
            "",
            "v",
            "--B",
            "Content-Disposition: form-data; name=\"größe %[]\"",
            "",
            "w",
            "--B--",
            "",
        ]
    );
}

#[tokio::test]
async fn the_content_type_is_said_or_documented_or_unknown() {
    for (upload, media_type) in [
        (Upload::bytes("a.mp3", "x"), "audio/mpeg"),
        (Upload::bytes("a.b.WAV", "x"), "audio/wav"),
        (Upload::bytes("a.xyz", "x"), "application/octet-stream"),
        (Upload::bytes("mp3", "x"), "application/octet-stream"),
        (
            Upload::bytes("a.mp3", "x").with_content_type("audio/x-own; a=b"),
            "audio/x-own; a=b",
        ),
    ] {
        let expected = format!("Content-Type: {media_type}");
        assert_eq!(part_head(upload).await[1], expected);
    }
}

#[test]
fn an_undocumented_extension_is_a_warning() {
    let client = builder("http://127.0.0.1:1").build().unwrap();
    let warnings = |name: &str| call(&client, Upload::bytes(name, "x")).warnings();
    assert_eq!(warnings("a.mp3"), [""; 0]);
    assert_eq!(warnings("A.MP3"), [""; 0]);
    assert_eq!(
        warnings("dir.mp3/speech.xyz"),
        ["speech.xyz: the API documents mp3, wav"]
    );
    assert_eq!(warnings("speech"), ["speech: the API documents mp3, wav"]);
    assert_eq!(Call::new(&client, &SEND).warnings(), [""; 0]);
}

#[tokio::test]
async fn an_extra_takes_the_place_of_a_file() {
    for (extra, parts) in [(json!("text"), 1), (Value::Null, 0)] {
        let supply = |call: &mut Call| {
            call.upload("file", Upload::bytes("a.mp3", "content"));
            call.extra("file".into(), extra);
            call.extra("other".into(), json!(1));
        };
        let text = sent(supply, &json!({})).await.text();
        assert!(!text.contains("content"), "{text}");
        assert_eq!(text.matches("name=\"file\"").count(), parts, "{text}");
    }
}

#[tokio::test]
async fn a_callers_content_type_and_length_do_not_break_the_form() {
    for upload in [
        Upload::bytes("a.mp3", "content"),
        Upload::stream("a.mp3", Pieces::of(b"content", 2)),
    ] {
        let (address, server) = capture(1).await;
        let client = builder(&address).default_header("content-type", "text/plain");
        let client = client.build().unwrap();
        let mut call = call(&client, upload);
        call.with_header("content-type", "multipart/form-data");
        call.with_header("content-length", "3");
        send(call, &json!({})).await.unwrap();
        assert_eq!(server.await.unwrap()[0].file(), b"content");
    }
}

#[tokio::test]
async fn progress_is_reported_piece_by_piece_and_anew_for_each_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "talk.mp3", &noise(LARGE));
    let chunks = || Pieces::of(&noise(LARGE), 200_000);
    let total = LARGE as u64;
    for (upload, known) in [
        (Upload::path(&path), Some(total)),
        (Upload::bytes("a.mp3", noise(LARGE)), Some(total)),
        (
            Upload::reader("a.mp3", chunks()).with_length(total),
            Some(total),
        ),
        (Upload::stream("a.mp3", chunks()), None),
    ] {
        let attempts = if upload.is_replayable() { 2 } else { 1 };
        let (address, server) = capture(attempts).await;
        let client = builder(&address).build().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let upload = upload.with_progress(move |so_far: Progress| log.lock().unwrap().push(so_far));
        let call = call(&client, upload);
        for _attempt in 0..attempts {
            seen.lock().unwrap().clear();
            send(call.clone(), &json!({})).await.unwrap();
            let seen = seen.lock().unwrap();
            assert!(seen.len() > 10, "{seen:?}");
            assert!(seen.iter().all(|so_far| so_far.total == known), "{seen:?}");
            assert!(seen[0].bytes > 0 && seen[0].bytes < 300_000, "{seen:?}");
            assert!(
                seen.is_sorted_by(|one, next| one.bytes < next.bytes),
                "{seen:?}"
            );
            assert_eq!(seen.last().unwrap().bytes, total);
        }
        server.await.unwrap();
    }
}

#[tokio::test]
async fn what_can_not_be_sent_is_told_before_anything_is() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.mp3");
    let empty = file(&folder, "empty.mp3", b"");
    let good = file(&folder, "good.mp3", b"x");
    let shown = |path: &Path, what: &str| format!("`{}` {what}", path.display());
    let nothing = || Pieces(Vec::new());
    for (upload, kind, message) in [
        (
            Upload::path(&missing),
            ErrorKind::Io,
            shown(&missing, "can't be read: No such file or directory"),
        ),
        (
            Upload::path(good.join("inner.mp3")),
            ErrorKind::Io,
            shown(&good.join("inner.mp3"), "can't be read: Not a directory"),
        ),
        (
            Upload::path(folder.path()),
            ErrorKind::InvalidRequest,
            shown(folder.path(), "is a directory"),
        ),
        (
            Upload::path("/dev/null"),
            ErrorKind::InvalidRequest,
            "`/dev/null` is not a regular file; send it from a reader".into(),
        ),
        (
            Upload::path(&empty),
            ErrorKind::InvalidRequest,
            shown(&empty, "is empty"),
        ),
        (
            Upload::bytes("a.mp3", ""),
            ErrorKind::InvalidRequest,
            "`a.mp3` is empty".into(),
        ),
        (
            Upload::reader("a.mp3", nothing()).with_length(0),
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
        let error = refused(upload).await;
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().starts_with(&message), "{error}");
        assert_eq!(error.operation(), Some("send_file"));
    }
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_a_file_error_and_no_whole_request() {
    let chunks = || Pieces::of(&noise(LARGE), 100_000);
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
            Upload::stream("a.mp3", Pieces(Vec::new())),
            "`a.mp3` can't be read: it is empty".to_owned(),
        ),
    ] {
        assert_eq!(broken(upload).await.message(), message);
    }
}

/// A file, and something done to it once its first chunk was read.
fn changing(path: &Path, change: impl Fn(&std::fs::File) + Send + 'static) -> Upload {
    let file = std::fs::File::options().append(true).open(path).unwrap();
    Upload::path(path).with_progress(move |_| change(&file))
}

#[tokio::test]
async fn a_file_that_grows_is_sent_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "talk.mp3", &noise(LARGE));
    let upload = changing(&path, |mut file| {
        std::io::Write::write_all(&mut file, &[0; 1000]).unwrap();
    });
    let request = sent_file(upload).await;
    assert!(request.file() == noise(LARGE));
    assert!(path.metadata().unwrap().len() > LARGE as u64);
}

#[tokio::test]
async fn a_file_that_shrinks_breaks_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "talk.mp3", &noise(LARGE));
    let upload = changing(&path, |file| file.set_len(1024 * 1024).unwrap());
    let error = broken(upload).await;
    let expected = format!("it ended after 1048576 of {LARGE} bytes");
    assert!(error.message().ends_with(&expected), "{error}");
}

#[tokio::test]
async fn a_response_before_the_end_of_the_upload_is_the_response() {
    let body = r#"{"error":{"message":"too large","code":"too_large"}}"#;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    const ROUNDS: usize = 20;
    tokio::spawn(async move {
        for _ in 0..ROUNDS {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_until(&mut stream, "\r\n\r\n").await.unwrap();
            let length = body.len();
            let response =
                format!("HTTP/1.1 413 Payload Too Large\r\ncontent-length: {length}\r\n\r\n{body}");
            stream.write_all(response.as_bytes()).await.unwrap();
        }
    });
    let client = builder(&address).build().unwrap();
    let upload = Upload::bytes("a.mp3", vec![0; 8 * 1024 * 1024]);
    for round in 0..ROUNDS {
        let error = send(call(&client, upload.clone()), &json!({}))
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

#[test]
fn nothing_shows_the_content() {
    let client = builder("http://127.0.0.1:1").build().unwrap();
    for upload in [
        Upload::bytes("talk.mp3", "geheim"),
        Upload::stream("talk.mp3", Pieces::of(b"geheim", 2)),
    ] {
        let shown = format!("{upload:?} {:?}", call(&client, upload.clone()));
        assert!(
            shown.contains("talk.mp3") && !shown.contains("geheim"),
            "{shown}"
        );
        assert!(!shown.contains("[103"), "{shown}");
    }
}

#[test]
fn a_call_with_a_file_can_be_spawned() {
    fn assert_send<T: Future + Send>(_: T) {}
    let client = builder("http://127.0.0.1:1").build().unwrap();
    let upload = Upload::stream("talk.mp3", Pieces::of(b"x", 2));
    assert_send(send(call(&client, upload), &json!({})));
}

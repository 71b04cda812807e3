//! Multipart forms as the server receives them.

use cometapi::Upload;
use cometapi::runtime::Call;
use serde::Serialize;
use serde_json::{Value, json};

use crate::builder;
use crate::server::capture;
use crate::upload_fixtures::{
    Chunks, UPLOAD_FILE, captured_form, send_form, upload_call, write_file,
};

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

#[tokio::test]
async fn every_kind_of_field_is_sent_as_a_part() {
    let configure = |call: &mut Call| {
        call.upload("file", Upload::bytes("talk.mp3", "\0the file\r\n"));
        call.extra("count".into(), json!(7));
        call.extra("is_exact".into(), Value::Null);
        call.extra("more[]".into(), json!([1, null, [2], "three"]));
        call.extra("nested".into(), json!({"a": [1, "x"]}));
        call.extra("none".into(), Value::Null);
        call.extra("no_items".into(), json!([]));
    };
    let request = captured_form(configure, &FIELDS).await;
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
async fn numbers_and_objects_are_sent_as_in_json() {
    let body = json!({"a": u64::MAX, "b": -1, "c": 1.5e300, "d": {"x": true}, "e": ""});
    let request = captured_form(|_| (), &body).await;
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

/// Sends a file and returns the headers of its part.
async fn part_headers(upload: Upload) -> Vec<String> {
    let request = captured_form(|call| call.upload("file", upload), &json!({})).await;
    let text = request.text();
    let headers = text.split("\r\n\r\n").next().unwrap();
    headers.split("\r\n").skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_file_name_is_sent_without_its_folder_and_escaped() {
    let folder = tempfile::tempdir().unwrap();
    let path = write_file(&folder, "on disk.mp3", b"x");
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
        assert_eq!(part_headers(upload).await, expected);
    }
}

#[tokio::test]
async fn the_name_of_a_field_is_escaped() {
    let configure = |call: &mut Call| {
        call.extra("a\"; filename=\"x\r\nX-Evil: 1".into(), json!("v"));
        call.extra("größe %[]".into(), json!("w"));
    };
    let lines = captured_form(configure, &json!({})).await.text();
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
async fn the_content_type_is_set_by_the_caller_or_documented_or_unknown() {
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
        assert_eq!(part_headers(upload).await[1], expected);
    }
}

#[test]
fn an_undocumented_extension_is_a_warning() {
    let client = builder("http://127.0.0.1:1").build().unwrap();
    let warnings = |name: &str| upload_call(&client, Upload::bytes(name, "x")).warnings();
    assert_eq!(warnings("a.mp3"), [""; 0]);
    assert_eq!(warnings("A.MP3"), [""; 0]);
    assert_eq!(
        warnings("dir.mp3/speech.xyz"),
        ["speech.xyz: the API documents mp3, wav"]
    );
    assert_eq!(warnings("speech"), ["speech: the API documents mp3, wav"]);
    assert_eq!(Call::new(&client, &UPLOAD_FILE).warnings(), [""; 0]);
}

#[tokio::test]
async fn an_extra_field_replaces_a_file() {
    for (extra, parts) in [(json!("text"), 1), (Value::Null, 0)] {
        let configure = |call: &mut Call| {
            call.upload("file", Upload::bytes("a.mp3", "content"));
            call.extra("file".into(), extra);
            call.extra("other".into(), json!(1));
        };
        let text = captured_form(configure, &json!({})).await.text();
        assert!(!text.contains("content"), "{text}");
        assert_eq!(text.matches("name=\"file\"").count(), parts, "{text}");
    }
}

#[tokio::test]
async fn a_content_type_or_length_set_by_the_caller_is_ignored() {
    for upload in [
        Upload::bytes("a.mp3", "content"),
        Upload::stream("a.mp3", Chunks::split(b"content", 2)),
    ] {
        let (address, server) = capture(1).await;
        let client = builder(&address).default_header("content-type", "text/plain");
        let client = client.build().unwrap();
        let mut call = upload_call(&client, upload);
        call.with_header("content-type", "multipart/form-data");
        call.with_header("content-length", "3");
        send_form(call, &json!({})).await.unwrap();
        assert_eq!(server.await.unwrap()[0].file(), b"content");
    }
}

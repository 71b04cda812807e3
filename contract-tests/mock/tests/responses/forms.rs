//! Forms, and bytes that the mock has said itself.

use cometapi_mock::Mock;
use serde_json::{Value, json};

use crate::client::{KEY, MockReply, ask, message, things};

const LOUD: &[u8] = include_bytes!("song.loud");
const QUIET: &[u8] = include_bytes!("song.quiet");

async fn sing(mock: &Mock, words: &str, volume: &str) -> MockReply {
    let body = json!({ "words": words, "volume": volume }).to_string();
    ask(mock, "POST /songs", KEY, body).await
}

/// Uploads a song with fields in its form.
async fn listen(mock: &Mock, song: Option<&[u8]>, fields: &[(&str, &str)]) -> MockReply {
    let mut body = Vec::new();
    let head = |rest: &str| format!("--b\r\ncontent-disposition: form-data; {rest}\r\n\r\n");
    for (name, value) in fields {
        body.extend(format!("{}{value}\r\n", head(&format!("name={name:?}"))).bytes());
    }
    if let Some(song) = song {
        body.extend(head("name=\"song\"; filename=\"x\"").bytes());
        body.extend(song);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    let headers = format!("{KEY}content-type: multipart/form-data; boundary=b\r\n");
    ask(mock, "POST /listenings", &headers, body).await
}

fn json(response: &MockReply) -> Value {
    assert_eq!(
        (response.status, &*response.media_type),
        (200, "application/json")
    );
    serde_json::from_str(&response.body).unwrap()
}

#[tokio::test]
async fn bytes_come_in_the_form_asked_for() {
    let mock = things().await;
    for (volume, media_type, song) in [
        ("loud", "song/loud", LOUD),
        ("quiet", "song/quiet", QUIET),
        ("unheard of", "song/loud", LOUD),
    ] {
        let response = sing(&mock, "La la", volume).await;
        assert_eq!(response.media_type, media_type);
        assert_eq!(response.bytes, song);
    }
}

#[tokio::test]
async fn a_documented_upload_gets_the_documented_response() {
    let mock = things().await;
    let response = json(&listen(&mock, Some(LOUD), &[]).await);
    assert_eq!(
        response,
        json!({ "heard": "La la", "words": [{ "word": "La" }] })
    );
}

#[tokio::test]
async fn what_was_said_in_bytes_is_heard_in_them() {
    let mock = things().await;
    sing(&mock, "Hey \"Jude\",\n\ndon\u{2019}t", "quiet").await;
    let heard = json(&listen(&mock, Some(QUIET), &[("form", "json")]).await);
    let song = "Hey \"Jude\",\n\ndon\u{2019}t";
    assert_eq!(heard, json!({ "heard": song, "words": [] }));
    let text = listen(&mock, Some(QUIET), &[("form", "text")]).await;
    assert_eq!(text.media_type, "text/plain");
    assert_eq!(text.body, song);
    let cue = listen(&mock, Some(QUIET), &[("form", "lines")]).await;
    assert_eq!(cue.body, "1\n0 --> 1\nHey \"Jude\", don\u{2019}t\n");
    let loud = json(&listen(&mock, Some(LOUD), &[]).await);
    assert_eq!(loud["heard"], "La la", "those are other bytes");
    sing(&mock, "Nothing else", "quiet").await;
    let last = json(&listen(&mock, Some(QUIET), &[]).await);
    assert_eq!(last["heard"], "Nothing else");
}

#[tokio::test]
async fn bytes_that_nobody_said_get_the_documented_error() {
    let mock = things().await;
    for unknown in [&LOUD[1..], &LOUD[..LOUD.len() - 1], b""] {
        let response = listen(&mock, Some(unknown), &[]).await;
        assert_eq!(response.status, 400, "{unknown:?}");
        let error: Value = serde_json::from_str(&response.body).unwrap();
        let message = "the mock understands only what it has said itself";
        let expected = json!({ "message": message, "param": "song", "code": "unclear" });
        assert_eq!(error["error"], expected);
    }
}

#[tokio::test]
async fn a_form_without_its_file_is_refused() {
    let mock = things().await;
    for fields in [
        &[("form", "text"), ("song", "not a file")][..],
        &[("form", "text")],
    ] {
        let response = listen(&mock, None, fields).await;
        let expected = "/song: required, but missing";
        assert_eq!(message(&response), expected, "{fields:?}");
    }
    let json = ask(&mock, "POST /listenings", KEY, "{}").await;
    let expected = "the body: something else than multipart/form-data";
    assert_eq!(message(&json), expected);
    let headers = format!("{KEY}content-type: multipart/form-data; boundary=b\r\n");
    let cut = ask(&mock, "POST /listenings", &headers, "--b\r\ncontent-dis").await;
    assert!(cut.body.contains("the body: no form: "), "{}", cut.body);
}

#[tokio::test]
async fn the_fields_of_a_form_are_read_as_what_they_should_be() {
    let mock = things().await;
    let good = [
        ("volume", "0.5"),
        ("again", "true"),
        ("notes[]", "4"),
        ("form", "json"),
        ("unheard", "of"),
    ];
    assert_eq!(listen(&mock, Some(LOUD), &good).await.status, 200);
    let two_notes = [("notes[]", "4"), ("notes[]", "5")];
    assert_eq!(listen(&mock, Some(LOUD), &two_notes).await.status, 200);
    for (field, value, expected) in [
        (
            "volume",
            "loud",
            r#"/volume: "loud" is not of type "number""#,
        ),
        ("volume", "2", "/volume: 2 is greater than the maximum of 1"),
        ("again", "yes", r#"/again: "yes" is not of type "boolean""#),
        (
            "notes[]",
            "a",
            r#"/notes[]/0: "a" is not of type "integer""#,
        ),
    ] {
        let response = listen(&mock, Some(LOUD), &[(field, value)]).await;
        assert_eq!(response.status, 400, "{field} {value}");
        assert_eq!(message(&response), expected);
        let error: Value = serde_json::from_str(&response.body).unwrap();
        assert_eq!(error["error"]["param"], field);
    }
}

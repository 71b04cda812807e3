//! Multipart forms, and transcripts of songs that the mock generated.

use cometapi_mock::Mock;
use serde_json::{Value, json};

use crate::client::{API_KEY, ClientResponse, message, request, start_mock};

const LOUD: &[u8] = include_bytes!("song.loud");
const QUIET: &[u8] = include_bytes!("song.quiet");

async fn sing(mock: &Mock, words: &str, volume: &str) -> ClientResponse {
    let body = json!({ "words": words, "volume": volume }).to_string();
    request(mock, "POST /songs", API_KEY, body).await
}

/// Uploads a song with other fields in its form.
async fn transcribe(mock: &Mock, song: Option<&[u8]>, fields: &[(&str, &str)]) -> ClientResponse {
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
    let headers = format!("{API_KEY}content-type: multipart/form-data; boundary=b\r\n");
    request(mock, "POST /transcripts", &headers, body).await
}

fn json(response: &ClientResponse) -> Value {
    assert_eq!(
        (response.status, &*response.media_type),
        (200, "application/json")
    );
    serde_json::from_str(&response.body).unwrap()
}

#[tokio::test]
async fn bytes_have_the_requested_format() {
    let mock = start_mock().await;
    for (volume, media_type, song) in [
        ("loud", "song/loud", LOUD),
        ("quiet", "song/quiet", QUIET),
        ("unknown", "song/loud", LOUD),
    ] {
        let response = sing(&mock, "La la", volume).await;
        assert_eq!(response.media_type, media_type);
        assert_eq!(response.bytes, song);
    }
}

#[tokio::test]
async fn a_documented_upload_gets_the_documented_response() {
    let mock = start_mock().await;
    let response = json(&transcribe(&mock, Some(LOUD), &[]).await);
    assert_eq!(
        response,
        json!({ "transcript": "La la", "words": [{ "word": "La" }] })
    );
}

#[tokio::test]
async fn a_generated_song_is_transcribed() {
    let mock = start_mock().await;
    sing(&mock, "Hey \"Jude\",\n\ndon\u{2019}t", "quiet").await;
    let transcript = json(&transcribe(&mock, Some(QUIET), &[("format", "json")]).await);
    let song = "Hey \"Jude\",\n\ndon\u{2019}t";
    assert_eq!(transcript, json!({ "transcript": song, "words": [] }));
    let text = transcribe(&mock, Some(QUIET), &[("format", "text")]).await;
    assert_eq!(text.media_type, "text/plain");
    assert_eq!(text.body, song);
    let cue = transcribe(&mock, Some(QUIET), &[("format", "lines")]).await;
    assert_eq!(cue.body, "1\n0 --> 1\nHey \"Jude\", don\u{2019}t\n");
    let loud = json(&transcribe(&mock, Some(LOUD), &[]).await);
    assert_eq!(loud["transcript"], "La la", "the bytes of another song");
    sing(&mock, "Nothing else", "quiet").await;
    let last = json(&transcribe(&mock, Some(QUIET), &[]).await);
    assert_eq!(last["transcript"], "Nothing else");
}

#[tokio::test]
async fn unknown_bytes_get_the_documented_error() {
    let mock = start_mock().await;
    for unknown in [&LOUD[1..], &LOUD[..LOUD.len() - 1], b""] {
        let response = transcribe(&mock, Some(unknown), &[]).await;
        assert_eq!(response.status, 400, "{unknown:?}");
        let error: Value = serde_json::from_str(&response.body).unwrap();
        let message = "unknown audio: the mock transcribes only audio that it generated";
        let expected = json!({ "message": message, "param": "song", "code": "unknown_song" });
        assert_eq!(error["error"], expected);
    }
}

#[tokio::test]
async fn a_form_without_its_file_is_rejected() {
    let mock = start_mock().await;
    for fields in [
        &[("format", "text"), ("song", "not a file")][..],
        &[("format", "text")],
    ] {
        let response = transcribe(&mock, None, fields).await;
        let expected = "/song: required, but missing";
        assert_eq!(message(&response), expected, "{fields:?}");
    }
    let json = request(&mock, "POST /transcripts", API_KEY, "{}").await;
    let expected = "the body: expected multipart/form-data";
    assert_eq!(message(&json), expected);
    let headers = format!("{API_KEY}content-type: multipart/form-data; boundary=b\r\n");
    let truncated = request(&mock, "POST /transcripts", &headers, "--b\r\ncontent-dis").await;
    assert!(
        truncated
            .body
            .contains("the body: invalid multipart body: "),
        "{}",
        truncated.body
    );
}

#[tokio::test]
async fn the_fields_of_a_form_are_coerced() {
    let mock = start_mock().await;
    let good = [
        ("volume", "0.5"),
        ("again", "true"),
        ("notes[]", "4"),
        ("format", "json"),
        ("unknown", "1"),
    ];
    assert_eq!(transcribe(&mock, Some(LOUD), &good).await.status, 200);
    let two_notes = [("notes[]", "4"), ("notes[]", "5")];
    assert_eq!(transcribe(&mock, Some(LOUD), &two_notes).await.status, 200);
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
        let response = transcribe(&mock, Some(LOUD), &[(field, value)]).await;
        assert_eq!(response.status, 400, "{field} {value}");
        assert_eq!(message(&response), expected);
        let error: Value = serde_json::from_str(&response.body).unwrap();
        assert_eq!(error["error"]["param"], field);
    }
}

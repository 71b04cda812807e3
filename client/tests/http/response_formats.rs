//! Responses whose format is selected by a field of the request.

use cometapi::runtime::{Call, Described, Method, Operation, ResponseVariant, SelectedResponse};
use cometapi::{Error, ErrorKind, Response, Upload};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::builder;
use crate::server::{send, start};

static TRANSCRIBE: Operation = Operation {
    api: &cometapi::API,
    id: "transcribe",
    method: Method::POST,
    path: "/v1/transcripts",
    success_status: 200,
    media_types: &["application/json", "text/plain", "text/vtt"],
    authenticated: false,
    idempotent: false,
    uploads: &[],
    errors: &[],
    docs_url: None,
    telemetry: None,
};

#[derive(Debug, PartialEq, Deserialize)]
struct Short {
    text: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Long {
    text: String,
    words: Vec<String>,
}

#[derive(Debug, PartialEq)]
enum Transcript {
    Json(Short),
    Verbose(Long),
    Text(String),
    Vtt(String),
    Other(String),
}

impl Described for Short {}

impl Described for Long {}

impl SelectedResponse for Transcript {
    const FIELD: &'static str = "format";
    const DEFAULT: &'static str = "json";

    fn variant(requested: &str) -> ResponseVariant<Self> {
        match requested {
            "json" => ResponseVariant::json("application/json", Self::Json),
            "verbose" => ResponseVariant::json("application/json", Self::Verbose),
            "text" => ResponseVariant::text("text/plain", Self::Text),
            "vtt" => ResponseVariant::text("text/vtt", Self::Vtt),
            _ => ResponseVariant::undocumented(Self::Other),
        }
    }
}

const JSON: &str = r#"{"text":"hi","words":["hi"]}"#;

/// The result of a call, and the request that the server received.
async fn transcribe(
    requested: &str,
    extra: Option<Value>,
    (media_type, body): (&str, &[u8]),
) -> (Result<Response<Transcript>, Error>, String) {
    let length = body.len();
    let headers = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\r\n"
    );
    let server = start(&[send([headers.as_bytes(), body].concat())]).await;
    let client = builder(&server.address)
        .max_json_bytes(1000)
        .build()
        .unwrap();
    let mut call = Call::new(&client, &TRANSCRIBE);
    if let Some(extra) = extra {
        call.extra("format".into(), extra);
    }
    let call = call.multipart_body(&json!({"format": requested})).unwrap();
    let response = call.send_selected(requested).await;
    (response, server.request().await)
}

async fn transcript(requested: &str, media_type: &str, body: &str) -> Result<Transcript, Error> {
    let (response, _) = transcribe(requested, None, (media_type, body.as_bytes())).await;
    response.map(Response::into_inner)
}

fn short() -> Transcript {
    Transcript::Json(Short { text: "hi".into() })
}

fn long() -> Transcript {
    let words = vec!["hi".into()];
    Transcript::Verbose(Long {
        text: "hi".into(),
        words,
    })
}

#[tokio::test]
async fn the_requested_format_decides_how_the_body_is_decoded() {
    assert_eq!(
        transcript("json", "application/json", JSON).await.unwrap(),
        short()
    );
    assert_eq!(
        transcript("verbose", "application/json", JSON)
            .await
            .unwrap(),
        long()
    );
    assert_eq!(
        transcript("verbose", "application/json", r#"{"text":"hi"}"#)
            .await
            .unwrap_err()
            .message(),
        "invalid response body: missing field `words` at line 1 column 13"
    );
    // A body that looks like JSON is text if text was requested and is the media type.
    for text in [
        JSON,
        "3",
        "\"hi\"",
        "null",
        "[",
        " hi\r\n\r\n",
        "",
        "\n",
        "<unk> <html>",
    ] {
        for media_type in ["text/plain; charset=utf-8", "application/octet-stream", ""] {
            assert_eq!(
                transcript("text", media_type, text).await.unwrap(),
                Transcript::Text(text.into()),
                "{media_type}"
            );
        }
    }
    assert_eq!(
        transcript("vtt", "text/vtt", "WEBVTT\n").await.unwrap(),
        Transcript::Vtt("WEBVTT\n".into())
    );
    assert_eq!(
        transcript("text", "text/plain", "\u{feff}hi")
            .await
            .unwrap(),
        Transcript::Text("hi".into())
    );
}

#[tokio::test]
async fn status_headers_and_body_are_kept() {
    let (response, _) = transcribe("text", None, ("text/plain\r\nx-request-id: r1", b"hi")).await;
    let response = response.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.request_id()),
        (200, Some("r1"))
    );
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert_eq!(&response.raw()[..], b"hi");
}

#[tokio::test]
async fn an_extra_field_overrides_the_requested_format() {
    let text = ("text/plain", &b"hi"[..]);
    let json = ("application/json", JSON.as_bytes());
    for (requested, extra, response, expected) in [
        ("json", json!("text"), text, Transcript::Text("hi".into())),
        ("text", json!("verbose"), json, long()),
        ("text", Value::Null, json, short()),
        ("json", json!("new"), json, Transcript::Other(JSON.into())),
        ("json", json!(7), text, Transcript::Other("hi".into())),
    ] {
        let (response, _) = transcribe(requested, Some(extra), response).await;
        assert_eq!(response.unwrap().into_inner(), expected);
    }
}

#[tokio::test]
async fn accept_contains_the_media_type_of_the_requested_format() {
    for (requested, accept) in [
        ("json", "application/json"),
        ("vtt", "text/vtt"),
        ("new", "application/json, text/plain, text/vtt"),
    ] {
        let (_, request) = transcribe(requested, None, ("text/plain", b"")).await;
        assert!(
            request.contains(&format!("\r\naccept: {accept}\r\n")),
            "{request}"
        );
    }
}

#[tokio::test]
async fn an_error_object_is_an_error_in_every_format() {
    for requested in ["json", "text", "new"] {
        for media_type in ["text/plain", "application/json"] {
            for body in [
                r#"{"error":{"message":"m","code":"busy"}}"#,
                "\u{feff}\n {\"success\":false,\"message\":\"m\",\"code\":\"busy\"}",
            ] {
                let error = transcript(requested, media_type, body).await.unwrap_err();
                assert_eq!(
                    (error.kind(), error.message()),
                    (ErrorKind::Server, "m"),
                    "{requested} {body}"
                );
                assert_eq!(error.code(), Some("busy"));
                assert_eq!(&error.body().unwrap()[..], body.as_bytes());
            }
        }
    }
}

#[tokio::test]
async fn html_is_an_error_in_every_format() {
    for requested in ["json", "text", "new"] {
        for (media_type, html) in [
            ("text/html; charset=utf-8", "Service suspended"),
            ("Text/HTML", "<p>hi"),
            ("text/plain", "\n<!DocType HTML><title>Hi"),
            ("", "<HTML><title>Hi"),
        ] {
            let (response, _) = transcribe(requested, None, (media_type, html.as_bytes())).await;
            let error = response.unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::Gateway,
                "{requested} {media_type} {error}"
            );
            assert_eq!(&error.body().unwrap()[..], html.as_bytes());
        }
    }
}

#[tokio::test]
async fn a_body_in_another_format_is_a_decode_error() {
    let not_utf8 = ("text/plain", &b"h\xff"[..]);
    for (requested, response, message) in [
        ("json", ("application/json", &b""[..]), "the body is empty"),
        (
            "json",
            ("text/plain", b"hi"),
            "invalid response body: expected value",
        ),
        (
            "text",
            not_utf8,
            "the text is not UTF-8: invalid utf-8 sequence of 1 bytes from index 1",
        ),
        ("new", not_utf8, "the text is not UTF-8"),
        (
            "text",
            ("application/json; charset=utf-8", JSON.as_bytes()),
            "expected text, got a JSON response",
        ),
    ] {
        let (result, _) = transcribe(requested, None, response).await;
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert!(error.message().starts_with(message), "{error}");
        assert_eq!(&error.body().unwrap()[..], response.1);
    }
    // Some gateways declare text as JSON.
    assert_eq!(
        transcript("text", "application/json", "hi").await.unwrap(),
        Transcript::Text("hi".into())
    );
}

#[tokio::test]
async fn the_size_limit_applies_to_text() {
    let error = transcript("text", "text/plain", &"x".repeat(1001))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
    assert!(
        transcript("text", "text/plain", &"x".repeat(1000))
            .await
            .is_ok()
    );
}

#[test]
fn a_call_can_be_spawned() {
    fn assert_send<T: Send>(_: T) {}
    let client = builder("http://127.0.0.1:1").build().unwrap();
    let mut call = Call::new(&client, &TRANSCRIBE);
    call.upload("file", Upload::bytes("a.mp3", "x"));
    assert_send(call.send_selected::<Transcript>("json"));
}

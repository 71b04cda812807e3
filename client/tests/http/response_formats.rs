//! Responses whose form the request chooses.

use cometapi::runtime::{Call, Described, Method, Operation, ResponseVariant, SelectedResponse};
use cometapi::{Error, ErrorKind, Response, Upload};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::builder;
use crate::server::{send, start};

static WRITE: Operation = Operation {
    api: &cometapi::API,
    id: "write_down",
    method: Method::POST,
    path: "/v1/words",
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
enum Words {
    Json(Short),
    Verbose(Long),
    Text(String),
    Vtt(String),
    Other(String),
}

impl Described for Short {}

impl Described for Long {}

impl SelectedResponse for Words {
    const FIELD: &'static str = "form";
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

/// What the call gives, and the request that came.
async fn write(
    asked: &str,
    extra: Option<Value>,
    (media_type, body): (&str, &[u8]),
) -> (Result<Response<Words>, Error>, String) {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\r\n"
    );
    let server = start(&[send([head.as_bytes(), body].concat())]).await;
    let client = builder(&server.address)
        .max_json_bytes(1000)
        .build()
        .unwrap();
    let mut call = Call::new(&client, &WRITE);
    if let Some(extra) = extra {
        call.extra("form".into(), extra);
    }
    let call = call.multipart_body(&json!({"form": asked})).unwrap();
    let response = call.send_selected(asked).await;
    (response, server.request().await)
}

async fn words(asked: &str, media_type: &str, body: &str) -> Result<Words, Error> {
    let (response, _) = write(asked, None, (media_type, body.as_bytes())).await;
    response.map(Response::into_inner)
}

fn short() -> Words {
    Words::Json(Short { text: "hi".into() })
}

fn long() -> Words {
    let words = vec!["hi".into()];
    Words::Verbose(Long {
        text: "hi".into(),
        words,
    })
}

#[tokio::test]
async fn what_was_asked_for_decides_not_what_fits() {
    assert_eq!(
        words("json", "application/json", JSON).await.unwrap(),
        short()
    );
    assert_eq!(
        words("verbose", "application/json", JSON).await.unwrap(),
        long()
    );
    assert_eq!(
        words("verbose", "application/json", r#"{"text":"hi"}"#)
            .await
            .unwrap_err()
            .message(),
        "invalid response body: missing field `words` at line 1 column 13"
    );
    // What looks like JSON is text where text was requested and is what came.
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
                words("text", media_type, text).await.unwrap(),
                Words::Text(text.into()),
                "{media_type}"
            );
        }
    }
    assert_eq!(
        words("vtt", "text/vtt", "WEBVTT\n").await.unwrap(),
        Words::Vtt("WEBVTT\n".into())
    );
    assert_eq!(
        words("text", "text/plain", "\u{feff}hi").await.unwrap(),
        Words::Text("hi".into())
    );
}

#[tokio::test]
async fn everything_that_came_is_kept() {
    let (response, _) = write("text", None, ("text/plain\r\nx-request-id: r1", b"hi")).await;
    let response = response.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.request_id()),
        (200, Some("r1"))
    );
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert_eq!(&response.raw()[..], b"hi");
}

#[tokio::test]
async fn an_extra_asks_instead() {
    let text = ("text/plain", &b"hi"[..]);
    let json = ("application/json", JSON.as_bytes());
    for (asked, extra, response, expected) in [
        ("json", json!("text"), text, Words::Text("hi".into())),
        ("text", json!("verbose"), json, long()),
        ("text", Value::Null, json, short()),
        ("json", json!("new"), json, Words::Other(JSON.into())),
        ("json", json!(7), text, Words::Other("hi".into())),
    ] {
        let (response, _) = write(asked, Some(extra), response).await;
        assert_eq!(response.unwrap().into_inner(), expected);
    }
}

#[tokio::test]
async fn only_what_can_be_used_is_accepted() {
    for (asked, accept) in [
        ("json", "application/json"),
        ("vtt", "text/vtt"),
        ("new", "application/json, text/plain, text/vtt"),
    ] {
        let (_, request) = write(asked, None, ("text/plain", b"")).await;
        assert!(
            request.contains(&format!("\r\naccept: {accept}\r\n")),
            "{request}"
        );
    }
}

#[tokio::test]
async fn an_error_is_an_error_whatever_was_asked_for() {
    for asked in ["json", "text", "new"] {
        for media_type in ["text/plain", "application/json"] {
            for body in [
                r#"{"error":{"message":"m","code":"busy"}}"#,
                "\u{feff}\n {\"success\":false,\"message\":\"m\",\"code\":\"busy\"}",
            ] {
                let error = words(asked, media_type, body).await.unwrap_err();
                assert_eq!(
                    (error.kind(), error.message()),
                    (ErrorKind::Server, "m"),
                    "{asked} {body}"
                );
                assert_eq!(error.code(), Some("busy"));
                assert_eq!(&error.body().unwrap()[..], body.as_bytes());
            }
        }
    }
}

#[tokio::test]
async fn a_web_page_is_no_text() {
    for asked in ["json", "text", "new"] {
        for (media_type, page) in [
            ("text/html; charset=utf-8", "Service suspended"),
            ("Text/HTML", "<p>hi"),
            ("text/plain", "\n<!DocType HTML><title>Hi"),
            ("", "<HTML><title>Hi"),
        ] {
            let (response, _) = write(asked, None, (media_type, page.as_bytes())).await;
            let error = response.unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::Gateway,
                "{asked} {media_type} {error}"
            );
            assert_eq!(&error.body().unwrap()[..], page.as_bytes());
        }
    }
}

#[tokio::test]
async fn what_is_not_the_form_asked_for_does_not_decode() {
    let not_utf8 = ("text/plain", &b"h\xff"[..]);
    for (asked, response, message) in [
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
        let (result, _) = write(asked, None, response).await;
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert!(error.message().starts_with(message), "{error}");
        assert_eq!(&error.body().unwrap()[..], response.1);
    }
    // Some gateways call text JSON.
    assert_eq!(
        words("text", "application/json", "hi").await.unwrap(),
        Words::Text("hi".into())
    );
}

#[tokio::test]
async fn the_limit_holds_for_text() {
    let error = words("text", "text/plain", &"x".repeat(1001))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
    assert!(words("text", "text/plain", &"x".repeat(1000)).await.is_ok());
}

#[test]
fn a_call_can_be_spawned() {
    fn assert_send<T: Send>(_: T) {}
    let client = builder("http://127.0.0.1:1").build().unwrap();
    let mut call = Call::new(&client, &WRITE);
    call.upload("file", Upload::bytes("a.mp3", "x"));
    assert_send(call.send_selected::<Words>("json"));
}

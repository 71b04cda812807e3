//! Rejected requests and connections.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{API_KEY, request, start_mock};

#[tokio::test]
async fn a_request_without_its_api_key_is_rejected() {
    let mock = start_mock().await;
    for headers in [
        "",
        "authorization: Bearer \r\n",
        "authorization: Basic eDp5\r\n",
    ] {
        let response = request(&mock, "POST /things", headers, "{}").await;
        assert_eq!(response.status, 401, "{headers:?}");
        assert_eq!(response.body, r#"{"error":{"message":"no key given"}}"#);
    }
    let undocumented = request(&mock, "GET /things/7", "", "").await;
    assert_eq!(undocumented.status, 401);
    assert_eq!(
        undocumented.body,
        r#"{"error":{"message":"get_thing requires an API key"}}"#
    );
}

#[tokio::test]
async fn an_unknown_path_gets_a_suggestion() {
    let mock = start_mock().await;
    let typo = request(&mock, "GET /thing", API_KEY, "").await;
    assert_eq!(typo.status, 404);
    assert_eq!(typo.media_type, "application/json");
    assert!(
        typo.body
            .contains("no GET /thing; the nearest it has is GET /things\""),
        "{}",
        typo.body
    );
    let method = request(&mock, "DELETE /things/7/picture", API_KEY, "").await;
    assert_eq!(method.status, 404);
    assert!(
        method.body.contains("POST /things/{thing_id}/picture"),
        "{}",
        method.body
    );
}

#[tokio::test]
async fn an_invalid_body_gets_the_documented_error() {
    let mock = start_mock().await;
    let error = |message: &str, param: Option<&str>| json!({ "error": { "message": message, "param": param, "code": "invalid" } });
    let sing = "POST /songs";
    for (body, expected) in [
        ("{}", error("/words: required, but missing", Some("words"))),
        (
            r#"{"words":null}"#,
            error("/words: null is not of type \"string\"", Some("words")),
        ),
    ] {
        let response = request(&mock, sing, API_KEY, body).await;
        assert_eq!(response.status, 400);
        assert_eq!(
            serde_json::from_str::<Value>(&response.body).unwrap(),
            expected
        );
    }
    let broken = request(&mock, sing, API_KEY, "{").await;
    assert!(
        broken.body.contains("the body: invalid JSON: EOF"),
        "{}",
        broken.body
    );
    let form = "content-type: multipart/form-data; boundary=b\r\n";
    let form = request(&mock, sing, &format!("{API_KEY}{form}"), "--b--\r\n").await;
    assert!(
        form.body.contains("the body: expected application/json"),
        "{}",
        form.body
    );
}

#[tokio::test]
async fn a_broken_connection_affects_no_other() {
    let mock = start_mock().await;
    let address = mock.url().replace("http://", "");
    for sent in [
        "",
        "POST /things HTT",
        "POST /things HTTP/1.1\r\ncontent-length: 9\r\n\r\n{",
    ] {
        let mut socket = TcpStream::connect(&address).await.unwrap();
        socket.write_all(sent.as_bytes()).await.unwrap();
    }
    let nonsense = request(&mock, "\0", "", "").await;
    assert_eq!(nonsense.status, 400);
    assert_eq!(request(&mock, "GET /things", "", "").await.status, 200);
}

#[tokio::test]
async fn a_dropped_mock_accepts_no_connection() {
    let mock = start_mock().await;
    let address = mock.url().replace("http://", "");
    drop(mock);
    TcpStream::connect(address).await.unwrap_err();
}

//! What the mock doesn't take, and how it says so.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{KEY, ask, things};

#[tokio::test]
async fn an_operation_that_asks_for_a_key_refuses_without_one() {
    let mock = things().await;
    for headers in [
        "",
        "authorization: Bearer \r\n",
        "authorization: Basic eDp5\r\n",
    ] {
        let response = ask(&mock, "POST /things", headers, "{}").await;
        assert_eq!(response.status, 401, "{headers:?}");
        assert_eq!(response.body, r#"{"error":{"message":"no key given"}}"#);
    }
    let undocumented = ask(&mock, "GET /things/7", "", "").await;
    assert_eq!(undocumented.status, 401);
    assert_eq!(
        undocumented.body,
        r#"{"error":{"message":"get_thing needs a key"}}"#
    );
}

#[tokio::test]
async fn an_unknown_request_is_told_the_nearest_operation() {
    let mock = things().await;
    let typo = ask(&mock, "GET /thing", KEY, "").await;
    assert_eq!(typo.status, 404);
    assert_eq!(typo.media_type, "application/json");
    assert!(
        typo.body
            .contains("no GET /thing; the nearest it has is GET /things\""),
        "{}",
        typo.body
    );
    let method = ask(&mock, "DELETE /things/7/picture", KEY, "").await;
    assert_eq!(method.status, 404);
    assert!(
        method.body.contains("POST /things/{thing_id}/picture"),
        "{}",
        method.body
    );
}

#[tokio::test]
async fn a_body_without_what_is_required_gets_the_documented_error() {
    let mock = things().await;
    let error = |message: &str, param: Option<&str>| json!({ "error": { "message": message, "param": param, "code": "wrong" } });
    let sing = "POST /songs";
    for (body, expected) in [
        ("{}", error("/words: required, but missing", Some("words"))),
        (
            r#"{"words":null}"#,
            error("/words: null is not of type \"string\"", Some("words")),
        ),
    ] {
        let response = ask(&mock, sing, KEY, body).await;
        assert_eq!(response.status, 400);
        assert_eq!(
            serde_json::from_str::<Value>(&response.body).unwrap(),
            expected
        );
    }
    let broken = ask(&mock, sing, KEY, "{").await;
    assert!(
        broken.body.contains("the body: no JSON: EOF"),
        "{}",
        broken.body
    );
    let form = "content-type: multipart/form-data; boundary=b\r\n";
    let form = ask(&mock, sing, &format!("{KEY}{form}"), "--b--\r\n").await;
    assert!(
        form.body
            .contains("the body: something else than application/json"),
        "{}",
        form.body
    );
}

#[tokio::test]
async fn a_connection_that_breaks_is_that_ones_trouble() {
    let mock = things().await;
    let address = mock.url().replace("http://", "");
    for sent in [
        "",
        "POST /things HTT",
        "POST /things HTTP/1.1\r\ncontent-length: 9\r\n\r\n{",
    ] {
        let mut socket = TcpStream::connect(&address).await.unwrap();
        socket.write_all(sent.as_bytes()).await.unwrap();
    }
    let nonsense = ask(&mock, "\0", "", "").await;
    assert_eq!(nonsense.status, 400);
    assert_eq!(ask(&mock, "GET /things", "", "").await.status, 200);
}

#[tokio::test]
async fn a_dropped_mock_hangs_up() {
    let mock = things().await;
    let address = mock.url().replace("http://", "");
    drop(mock);
    TcpStream::connect(address).await.unwrap_err();
}

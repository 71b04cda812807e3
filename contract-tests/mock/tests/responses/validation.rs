//! Validation of requests against the contract, and rejected requests and connections.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{API_KEY, message, request, start_mock};

const ORDER: &str = "POST /orders?for=me";

#[tokio::test]
async fn a_valid_request_is_accepted() {
    let mock = start_mock().await;
    for body in [
        json!({ "lines": [] }),
        json!({ "lines": ["a", [{ "kind": "bolt", "length": 1 }, { "kind": "nut" }]] }),
        json!({ "lines": [], "colour": "unknown", "size": "large", "note": null }),
        json!({ "lines": [[{ "kind": "washer", "of": 1 }]] }),
        json!({ "lines": [], "unknown": { "of": 1 } }),
    ] {
        let response = request(&mock, ORDER, API_KEY, body.to_string()).await;
        assert_eq!(response.status, 200, "{body}: {}", response.body);
    }
    let json = format!("{API_KEY}content-type: Application/JSON; charset=utf-8\r\n");
    let response = request(&mock, ORDER, &json, r#"{"lines":[]}"#).await;
    assert_eq!(response.status, 200, "{}", response.body);
}

#[tokio::test]
async fn a_violation_is_reported_with_its_location() {
    let mock = start_mock().await;
    for (body, expected, param) in [
        (json!({}), "/lines: required, but missing", "lines"),
        (
            json!({ "lines": [7] }),
            "/lines/0: 7 is not valid under any of the schemas listed in the 'oneOf' keyword",
            "lines",
        ),
        (
            json!({ "lines": ["a", [{ "kind": "bolt", "length": "long" }]] }),
            r#"/lines/1/0/length: "long" is not of type "number""#,
            "lines",
        ),
        (
            json!({ "lines": [[{ "kind": "bolt" }]] }),
            "/lines/0/0/length: required, but missing",
            "lines",
        ),
        (
            json!({ "lines": [[{ "kind": "nut", "thread": {} }]] }),
            "/lines/0/0/thread/pitch: required, but missing",
            "lines",
        ),
        (
            json!({ "lines": [[{ "length": 1 }]] }),
            "/lines/0/0/kind: required, but missing",
            "lines",
        ),
        (
            json!({ "lines": [], "size": "huge" }),
            r#"/size: "huge" is not one of "small" or "large""#,
            "size",
        ),
        (
            json!({ "lines": [], "note": 1 }),
            "/note: 1 is not valid under any of the schemas listed in the 'anyOf' keyword",
            "note",
        ),
    ] {
        let response = request(&mock, ORDER, API_KEY, body.to_string()).await;
        assert_eq!(message(&response), expected, "{body}");
        let error: Value = serde_json::from_str(&response.body).unwrap();
        assert_eq!(error["error"]["param"], param, "{body}");
    }
}

#[tokio::test]
async fn a_body_of_another_media_type_is_rejected() {
    let mock = start_mock().await;
    let missing = request(&mock, ORDER, API_KEY, "").await;
    assert_eq!(message(&missing), "the body: required, but missing");
    let urlencoded = format!("{API_KEY}content-type: application/x-www-form-urlencoded\r\n");
    let urlencoded = request(&mock, ORDER, &urlencoded, r#"{"lines":[]}"#).await;
    let expected = "the body: unsupported media type application/x-www-form-urlencoded, expected application/json";
    assert_eq!(message(&urlencoded), expected);
    let optional = request(&mock, "POST /things", API_KEY, "").await;
    assert_eq!(optional.status, 201, "{}", optional.body);
}

#[tokio::test]
async fn a_long_value_is_shortened() {
    let mock = start_mock().await;
    let body = json!({ "lines": [], "size": "ä".repeat(10_000) });
    let message = message(&request(&mock, ORDER, API_KEY, body.to_string()).await);
    assert!(message.starts_with("/size: \"äää"), "{message}");
    assert!(
        message.ends_with(r#"ää" is not one of "small" or "large""#),
        "{message}"
    );
    assert!(message.chars().count() < 250, "{message}");
    let body = json!({ "lines": [], "size": "ä".repeat(120) });
    let message = self::message(&request(&mock, ORDER, API_KEY, body.to_string()).await);
    assert!(!message.contains('…'), "{message}");
}

#[tokio::test]
async fn the_query_is_validated_too() {
    let mock = start_mock().await;
    for good in [
        "",
        "?page=1",
        "?like=7&page=3",
        "?unknown=1",
        "?like=a%20b+c&page=%31",
    ] {
        let response = request(&mock, &format!("GET /things{good}"), "", "").await;
        assert_eq!(response.status, 200, "{good}: {}", response.body);
    }
    for (bad, expected) in [
        (
            "?page=one",
            r#"query parameter page: "one" is not of type "integer""#,
        ),
        (
            "?page=0",
            "query parameter page: 0 is less than the minimum of 1",
        ),
        (
            "?page=",
            r#"query parameter page: "" is not of type "integer""#,
        ),
    ] {
        let response = request(&mock, &format!("GET /things{bad}"), "", "").await;
        assert_eq!(message(&response), expected);
    }
    let missing = request(&mock, "POST /orders", API_KEY, r#"{"lines":[]}"#).await;
    assert_eq!(
        message(&missing),
        "query parameter for: required, but missing"
    );
}

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

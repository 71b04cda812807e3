//! Validation of requests against the contract.

use serde_json::{Value, json};

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

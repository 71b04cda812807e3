//! Responses chosen by `Prefer` headers.

use cometapi_mock::Mock;

use crate::client::{API_KEY, ClientResponse, message, request, start_mock};

async fn order(mock: &Mock, prefer: &str) -> ClientResponse {
    let headers = format!("{API_KEY}{prefer}\r\n");
    request(mock, "POST /orders?for=me", &headers, r#"{"lines":[]}"#).await
}

#[tokio::test]
async fn by_code_by_name_and_by_both() {
    let mock = start_mock().await;
    for (prefer, status, body) in [
        ("prefer: code=200", 200, r#"{"number":1}"#),
        (
            "prefer: code=429",
            429,
            r#"{"error":{"message":"busy","code":"later"}}"#,
        ),
        ("prefer: code=503", 503, "<p>broken</p>"),
        (
            "prefer: example=busy",
            429,
            r#"{"error":{"message":"busy","code":"later"}}"#,
        ),
        // The example of the success comes first.
        ("prefer: example=late", 200, r#"{"number":2}"#),
        (
            "Prefer: code=429, example=late",
            429,
            r#"{"error":{"message":"gone","code":"never"}}"#,
        ),
        (
            "prefer: example=late\r\nprefer: code=429",
            429,
            r#"{"error":{"message":"gone","code":"never"}}"#,
        ),
        ("prefer: respond-async", 200, r#"{"number":1}"#),
    ] {
        let response = order(&mock, prefer).await;
        assert_eq!(
            (response.status, &*response.body),
            (status, body),
            "{prefer}"
        );
    }
}

#[tokio::test]
async fn an_undocumented_preference_gets_a_list() {
    let mock = start_mock().await;
    for (prefer, expected) in [
        (
            "code=418",
            "order documents no response 418; there are: 200, 429, 5XX",
        ),
        (
            "code=5",
            "order documents no response 5; there are: 200, 429, 5XX",
        ),
        (
            "code=418, example=busy",
            "order documents no response 418; there are: 200, 429, 5XX",
        ),
        (
            "example=x",
            "order documents no example \"x\"; there are: taken, late, busy, page",
        ),
        (
            "code=429, example=taken",
            "order documents no example \"taken\" of 429; there are: busy, late",
        ),
    ] {
        let response = order(&mock, &format!("prefer: {prefer}")).await;
        assert_eq!(message(&response), expected, "{prefer}");
    }
}

#[tokio::test]
async fn the_requested_format_is_kept() {
    let mock = start_mock().await;
    let prefer = format!("{API_KEY}prefer: code=201\r\n");
    let stream = request(&mock, "POST /things", &prefer, r#"{"stream":true}"#).await;
    assert_eq!(
        (stream.status, &*stream.media_type),
        (201, "text/event-stream")
    );
    let named = format!("{API_KEY}prefer: example=described\r\n");
    let described = request(&mock, "POST /things", &named, "{}").await;
    assert!(described.body.contains("Longer"), "{}", described.body);
}

#[tokio::test]
async fn an_invalid_request_can_prefer_nothing() {
    let mock = start_mock().await;
    let headers = format!("{API_KEY}prefer: code=200\r\n");
    let response = request(&mock, "POST /orders?for=me", &headers, "{}").await;
    assert_eq!(response.status, 400);
    let keyless = request(&mock, "POST /orders?for=me", "prefer: code=200\r\n", "{}").await;
    assert_eq!(keyless.status, 401);
}

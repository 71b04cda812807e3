//! Selection of the example that a request gets.

use std::path::Path;

use cometapi_contract::Contract;
use cometapi_mock::Mock;

use crate::client::{API_KEY, request, start_mock};

#[tokio::test]
async fn a_request_without_a_body_gets_the_longest_example() {
    let mock = start_mock().await;
    let response = request(&mock, "GET /things", "", "").await;
    assert_eq!(response.status, 200);
    assert_eq!(response.media_type, "application/json");
    assert_eq!(response.body, r#"{"things":[{"id":"a"},{"id":"b"}]}"#);
}

#[tokio::test]
async fn a_path_with_a_parameter_and_a_range_of_statuses() {
    let mock = start_mock().await;
    let response = request(&mock, "GET /things/7", API_KEY, "").await;
    assert_eq!(
        (response.status, response.body.as_str()),
        (200, r#"{"id":"a"}"#)
    );
}

#[tokio::test]
async fn the_stream_flag_requests_the_event_stream() {
    let mock = start_mock().await;
    let json = request(&mock, "POST /things", API_KEY, r#"{"stream":false}"#).await;
    assert_eq!(json.status, 201);
    assert_eq!(json.media_type, "application/json");
    assert_eq!(json.body, r#"{"id":"a"}"#, "the first example");
    let stream = request(&mock, "POST /things", API_KEY, r#"{"stream":true}"#).await;
    assert_eq!(stream.status, 201);
    assert_eq!(stream.media_type, "text/event-stream");
    assert_eq!(stream.body, "data: {\"id\":\"a\"}\n\ndata: [DONE]\n\n");
}

#[tokio::test]
async fn a_field_selects_the_response() {
    let mock = start_mock().await;
    let requests = [
        ("{}", "application/json", r#"{"lines":1}"#),
        (
            r#"{"format":"large"}"#,
            "application/json",
            r#"{"lines":9}"#,
        ),
        (r#"{"format":"text"}"#, "text/plain", "|"),
        (
            r#"{"format":"unknown"}"#,
            "application/json",
            r#"{"lines":1}"#,
        ),
    ];
    for (body, media_type, expected) in requests {
        let response = request(&mock, "POST /things/7/picture", API_KEY, body).await;
        assert_eq!(response.media_type, media_type, "{body}");
        assert_eq!(response.body, expected, "{body}");
    }
}

#[tokio::test]
async fn an_operation_without_an_example_is_an_error() {
    let text = "paths: {/x: {get: {operationId: get_x, responses: {'200': {}}}}}";
    let contract = Contract::parse(Path::new("x.yaml"), text.to_owned()).unwrap();
    let error = Mock::builder().contract(&contract).start().await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("get_x documents no example"), "{error}");
}

//! Which example an operation responds.

use std::path::Path;

use cometapi_contract::Contract;
use cometapi_mock::Mock;

use crate::client::{KEY, ask, things};

#[tokio::test]
async fn a_request_without_a_body_gets_the_longest_example() {
    let mock = things().await;
    let response = ask(&mock, "GET /things", "", "").await;
    assert_eq!(response.status, 200);
    assert_eq!(response.media_type, "application/json");
    assert_eq!(response.body, r#"{"things":[{"id":"a"},{"id":"b"}]}"#);
}

#[tokio::test]
async fn a_path_with_a_parameter_and_a_range_of_statuses() {
    let mock = things().await;
    let response = ask(&mock, "GET /things/7", KEY, "").await;
    assert_eq!(
        (response.status, response.body.as_str()),
        (200, r#"{"id":"a"}"#)
    );
}

#[tokio::test]
async fn the_stream_flag_asks_for_the_event_stream() {
    let mock = things().await;
    let json = ask(&mock, "POST /things", KEY, r#"{"stream":false}"#).await;
    assert_eq!(json.status, 201);
    assert_eq!(json.media_type, "application/json");
    assert_eq!(json.body, r#"{"id":"a"}"#, "the first example");
    let stream = ask(&mock, "POST /things", KEY, r#"{"stream":true}"#).await;
    assert_eq!(stream.status, 201);
    assert_eq!(stream.media_type, "text/event-stream");
    assert_eq!(stream.body, "data: {\"id\":\"a\"}\n\ndata: [DONE]\n\n");
}

#[tokio::test]
async fn a_field_chooses_the_response() {
    let mock = things().await;
    let asked = [
        ("{}", "application/json", r#"{"lines":1}"#),
        (
            r#"{"format":"large"}"#,
            "application/json",
            r#"{"lines":9}"#,
        ),
        (r#"{"format":"text"}"#, "text/plain", "|"),
        (
            r#"{"format":"unheard of"}"#,
            "application/json",
            r#"{"lines":1}"#,
        ),
    ];
    for (body, media_type, expected) in asked {
        let response = ask(&mock, "POST /things/7/picture", KEY, body).await;
        assert_eq!(response.media_type, media_type, "{body}");
        assert_eq!(response.body, expected, "{body}");
    }
}

#[tokio::test]
async fn an_operation_without_a_response_is_no_mock() {
    let text = "paths: {/x: {get: {operationId: get_x, responses: {'200': {}}}}}";
    let contract = Contract::parse(Path::new("x.yaml"), text.to_owned()).unwrap();
    let refused = Mock::builder().contract(&contract).start().await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("get_x documents no example"), "{refused}");
}

//! What the mock answers, seen as bytes on a socket.

use std::path::Path;

use cometapi_contract::Contract;
use cometapi_mock::Mock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const KEY: &str = "authorization: Bearer sk-anything\r\n";

struct Answer {
    status: u16,
    media_type: String,
    body: String,
}

async fn things() -> Mock {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/things.yaml");
    let contract = Contract::read(&file).unwrap();
    Mock::serving(&contract).await.unwrap()
}

async fn ask(mock: &Mock, line: &str, headers: &str, body: &str) -> Answer {
    let address = mock.url().replace("http://", "");
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let media_type = head
        .lines()
        .find_map(|line| line.strip_prefix("content-type: "));
    Answer {
        status: head[9..12].parse().unwrap(),
        media_type: media_type.unwrap_or_default().to_owned(),
        body: body.to_owned(),
    }
}

#[tokio::test]
async fn a_request_without_a_body_gets_the_longest_example() {
    let mock = things().await;
    let answer = ask(&mock, "GET /things", "", "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.media_type, "application/json");
    assert_eq!(answer.body, r#"{"things":[{"id":"a"},{"id":"b"}]}"#);
}

#[tokio::test]
async fn a_path_with_a_parameter_and_a_range_of_statuses() {
    let mock = things().await;
    let answer = ask(&mock, "GET /things/7", KEY, "").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"id":"a"}"#)
    );
}

#[tokio::test]
async fn an_operation_that_asks_for_a_key_refuses_without_one() {
    let mock = things().await;
    for headers in [
        "",
        "authorization: Bearer \r\n",
        "authorization: Basic eDp5\r\n",
    ] {
        let answer = ask(&mock, "POST /things", headers, "{}").await;
        assert_eq!(answer.status, 401, "{headers:?}");
        assert_eq!(answer.body, r#"{"error":{"message":"no key given"}}"#);
    }
    let undocumented = ask(&mock, "GET /things/7", "", "").await;
    assert_eq!(undocumented.status, 401);
    assert_eq!(
        undocumented.body,
        r#"{"error":{"message":"get_thing needs a key"}}"#
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
async fn a_field_chooses_the_answer() {
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
        let answer = ask(&mock, "POST /things/7/picture", KEY, body).await;
        assert_eq!(answer.media_type, media_type, "{body}");
        assert_eq!(answer.body, expected, "{body}");
    }
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
async fn an_operation_without_an_answer_is_no_mock() {
    let text = "paths: {/x: {get: {operationId: get_x, responses: {'200': {}}}}}";
    let contract = Contract::parse(Path::new("x.yaml"), text.to_owned()).unwrap();
    let refused = Mock::serving(&contract).await.unwrap_err().to_string();
    assert!(refused.contains("get_x documents no example"), "{refused}");
}

//! Responses that differ from the API schema: what is delivered, and which deviations are reported.

use crate::server::{Server, http_response, start};
use crate::{builder, operation};
use cometapi::runtime::{Call, Described, Operation, Presence, Property, Schema};
use cometapi::types::{ChatCompletion, ModelList, TranscriptionResponse, VerboseTranscript};
use cometapi::{Client, Deviation, Error, ErrorKind, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

pub(crate) static READ: Operation = operation("read", true, true);

const JSON: &str = "200 OK\r\ncontent-type: application/json";

pub(crate) const EVENTS: &str = "200 OK\r\ncontent-type: text/event-stream";

pub(crate) async fn serve(headers: &str, body: &str) -> (Server, Client) {
    let server = start(&http_response(headers, body)).await;
    let client = builder(&server.address).build().unwrap();
    (server, client)
}

async fn read<T: DeserializeOwned + Described>(
    headers: &str,
    body: &str,
) -> Result<Response<T>, Error> {
    let (_server, client) = serve(headers, body).await;
    Call::new(&client, &READ).send_json().await
}

async fn transcript(
    format: &str,
    headers: &str,
    body: &str,
) -> Result<Response<TranscriptionResponse>, Error> {
    let (_server, client) = serve(headers, body).await;
    Call::new(&client, &READ).send_selected(format).await
}

/// The deviations as they are displayed.
pub(crate) fn formatted(deviations: &[Deviation]) -> Vec<String> {
    deviations.iter().map(ToString::to_string).collect()
}

/// Checks what is delivered, as JSON, and the deviations.
#[track_caller]
fn assert_delivered<T: Serialize>(
    response: Result<Response<T>, Error>,
    expected: &Value,
    deviations: &[&str],
) {
    let response = response.unwrap();
    assert_eq!(serde_json::to_value(&*response).unwrap(), *expected);
    assert_eq!(formatted(response.deviations()), deviations);
}

/// A chat completion with this choice.
fn completion(choice: &Value) -> String {
    json!({"id": "c1", "choices": [choice], "usage": {"prompt_tokens": 9}}).to_string()
}

fn call_with(call: &Value) -> String {
    completion(&json!({
        "index": 0,
        "message": {"role": "assistant", "content": "Editing.", "tool_calls": [call]},
        "finish_reason": "tool_calls",
    }))
}

fn delivered_call(call: Option<Value>) -> Value {
    let mut message = json!({"role": "assistant", "content": "Editing."});
    if let Some(call) = call {
        message["tool_calls"] = json!([call]);
    }
    json!({
        "id": "c1",
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 9},
    })
}

#[tokio::test]
async fn an_unambiguous_conversion_keeps_the_value() {
    let call = json!({"id": "a", "type": "function", "function": {"name": "f", "arguments": "{\"city\":\"Oslo\"}"}});
    let path = "/choices/*/message/tool_calls/*";
    let body = call_with(
        &json!({"id": "a", "type": "function", "function": {"name": "f", "arguments": {"city": "Oslo"}}}),
    );
    assert_delivered(
        read::<ChatCompletion>(JSON, &body).await,
        &delivered_call(Some(call.clone())),
        &[&format!(
            "read: expected a string at {path}/function/arguments, found an object: converted"
        )],
    );

    let body = call_with(&json!({"id": 4211, "type": "function", "function": call["function"]}));
    let mut with_id = call.clone();
    with_id["id"] = json!("4211");
    assert_delivered(
        read::<ChatCompletion>(JSON, &body).await,
        &delivered_call(Some(with_id)),
        &[&format!(
            "read: expected a string at {path}/id, found a number: converted"
        )],
    );

    // A number longer than any integer type keeps its digits.
    let body = call_with(&json!({"id": 0, "type": "function", "function": call["function"]}))
        .replace("\"id\":0", "\"id\":123456789012345678901234567890");
    let mut with_id = call.clone();
    with_id["id"] = json!("123456789012345678901234567890");
    assert_delivered(
        read::<ChatCompletion>(JSON, &body).await,
        &delivered_call(Some(with_id)),
        &[&format!(
            "read: expected a string at {path}/id, found a number: converted"
        )],
    );

    let body = r#"{"created":1780000000.25,"choices":{"message":"{\"content\":\"Four.\"}"}}"#;
    assert_delivered(
        read::<ChatCompletion>(JSON, body).await,
        &json!({"created": 1_780_000_000, "choices": [{"message": {"content": "Four."}}]}),
        &[
            "read: expected an object at /choices/*/message, found a string: converted",
            "read: expected a list at /choices, found an object: converted",
            "read: expected an integer at /created, found a number: converted",
        ],
    );
}

/// Lists of numbers: their decoder takes nothing else, unlike that of an optional field.
#[derive(Serialize, Deserialize)]
struct Numbers {
    shares: Vec<f64>,
    counts: Vec<u32>,
}

impl Described for Numbers {
    const SCHEMA: &'static Schema = &Schema::Object(&[
        Property {
            name: "shares",
            schema: &Schema::List(&Schema::Number),
            presence: Presence::Required,
        },
        Property {
            name: "counts",
            schema: &Schema::List(&Schema::Integer {
                min: 0,
                max: u32::MAX as i128,
            }),
            presence: Presence::Required,
        },
    ]);
}

#[tokio::test]
async fn an_item_that_is_no_number_of_its_range_is_left_out() {
    let body = r#"{"shares":[1.5," 2.5 ","inf","half",7],"counts":[1,"2",4294967296,2.5,-1]}"#;
    assert_delivered(
        read::<Numbers>(JSON, body).await,
        &json!({"shares": [1.5, 2.5, 7.0], "counts": [1, 2, 2]}),
        &[
            "read: expected a number at /shares/*, found a string: converted",
            "read: expected a number at /shares/*, found a string: left out (2 times)",
            "read: expected an integer at /counts/*, found a string: converted",
            "read: expected an integer at /counts/*, found a number: left out (2 times)",
            "read: expected an integer at /counts/*, found a number: converted",
        ],
    );
}

#[tokio::test]
async fn an_optional_value_that_can_not_be_converted_is_left_out() {
    let body = r#"{"text":"Good morning.","duration":"3.2","language":["en",7],"segments":[
        {"id":"seg_0","start":0.0,"text":"Good"},{"id":"seg_1","start":{},"text":"morning."},7]}"#;
    assert_delivered(
        read::<VerboseTranscript>(JSON, body).await,
        &json!({"text": "Good morning.", "duration": 3.2, "language": "[\"en\",7]", "segments": [
            {"start": 0.0, "text": "Good"}, {"text": "morning."}]}),
        &[
            "read: expected a string at /language, found a list: converted",
            "read: expected an integer at /segments/*/id, found a string: left out (2 times)",
            "read: expected a number at /segments/*/start, found an object: left out",
            "read: expected an object at /segments/*, found a number: left out",
        ],
    );
}

#[tokio::test]
async fn a_required_object_that_is_null_is_empty_and_an_item_without_one_is_left_out() {
    let body = completion(&json!({"index": 0, "message": null, "finish_reason": "content_filter"}));
    assert_delivered(
        read::<ChatCompletion>(JSON, &body).await,
        &json!({"id": "c1", "choices": [{"index": 0, "message": {}, "finish_reason": "content_filter"}],
            "usage": {"prompt_tokens": 9}}),
        &["read: expected an object at /choices/*/message, found null: read as empty"],
    );
    let body = call_with(&json!({"id": "a", "type": "custom", "custom": {"name": "edit"}}));
    assert_delivered(
        read::<ChatCompletion>(JSON, &body).await,
        &delivered_call(None),
        &[
            "read: expected an object at /choices/*/message/tool_calls/*/function, found nothing: \
             left /choices/*/message/tool_calls out",
        ],
    );
}

#[tokio::test]
async fn the_last_of_duplicate_keys_is_read() {
    let body = r#"{"id":"a","id":"b","choices":[{"message":{"content":"x","content":"Four."}}]}"#;
    assert_delivered(
        read::<ChatCompletion>(JSON, body).await,
        &json!({"id": "b", "choices": [{"message": {"content": "Four."}}]}),
        &[
            "read: expected a value at /choices/*/message/content, found a string: read the last of several",
            "read: expected a string at /id, found a string: read the last of several",
        ],
    );
}

#[tokio::test]
async fn null_is_read_as_empty_where_the_schema_allows_it() {
    assert_delivered(
        read::<ModelList>(JSON, r#"{"object":"list","data":null}"#).await,
        &json!({"object": "list", "data": []}),
        &["read: expected a list at /data, found null: read as empty"],
    );
    for body in [r#"{"object":"list"}"#, r#"{"object":"list","data":7}"#] {
        let error = read::<ModelList>(JSON, body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
    }
    let error = read::<ChatCompletion>(JSON, r#"{"id":"c1","choices":null}"#).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn an_error_within_a_response_is_an_error() {
    let choice = json!({"message": {"content": "The"}, "error": {"code": 502, "message": "Upstream is gone"}});
    let base_resp =
        r#"{"id":"","choices":null,"base_resp":{"status_code":1008,"status_msg":"no balance"}}"#;
    for (body, code, message) in [
        (completion(&choice), "502", "Upstream is gone"),
        (base_resp.to_owned(), "1008", "no balance"),
        (
            r#"{"code":429,"message":"Exhausted"}"#.to_owned(),
            "429",
            "Exhausted",
        ),
        (
            r#"{"choices":[],"error_type":"BadRequestError","error_message":"Too long"}"#
                .to_owned(),
            "BadRequestError",
            "Too long",
        ),
    ] {
        let error = read::<ChatCompletion>(JSON, &body).await.unwrap_err();
        assert_eq!(
            (error.code(), error.message()),
            (Some(code), message),
            "{body}"
        );
        assert_eq!(error.kind(), ErrorKind::Server, "{body}");
        assert_eq!(&error.body().unwrap()[..], body.as_bytes());
    }
}

#[tokio::test]
async fn a_blank_error_and_a_success_code_are_no_errors() {
    let blank = json!({"message": "", "type": "", "code": null});
    let choice = json!({"message": {"content": "Four."}, "error": blank});
    let body =
        json!({"choices": [choice], "error": blank, "base_resp": {"status_code": 0}}).to_string();
    let response = read::<ChatCompletion>(JSON, &body).await.unwrap();
    assert_eq!(response.text().as_deref(), Some("Four."));
    assert_eq!(formatted(response.deviations()), [""; 0]);
    for body in [
        r#"{"data":[],"code":0,"message":"ok"}"#,
        r#"{"data":[],"code":200,"message":"ok"}"#,
        r#"{"data":[],"success":true,"code":"none","message":"ok"}"#,
    ] {
        let models = read::<ModelList>(JSON, body).await.unwrap();
        assert!(models.data.is_empty(), "{body}");
    }
}

#[tokio::test]
async fn json_instead_of_text_is_read() {
    let subtitles = "1\n00:00:00,406 --> 00:00:01,138\nHello there.\n\n";
    assert_delivered(
        transcript("srt", JSON, &serde_json::to_string(subtitles).unwrap()).await,
        &json!(subtitles),
        &["read: expected text, found a string: converted"],
    );
    let response = transcript("text", JSON, r#"{"text":"Hello there."}"#).await;
    let response = response.unwrap();
    assert!(matches!(*response, TranscriptionResponse::Json(_)));
    assert_eq!(response.text(), "Hello there.");
    assert_eq!(
        formatted(response.deviations()),
        ["read: expected text, found an object: converted"]
    );
    // Under the expected media type, quotes belong to the text.
    let plain = "200 OK\r\ncontent-type: text/plain";
    assert_delivered(
        transcript("text", plain, "\"Hello\"").await,
        &json!("\"Hello\""),
        &[],
    );
}

#[tokio::test]
async fn json_before_a_sentinel_is_read() {
    let body = r#"{"choices":[{"message":{"content":"OK"}}]}"#;
    assert_delivered(
        read::<ChatCompletion>(EVENTS, &format!("{body}\n\ndata: [DONE]\n\n")).await,
        &json!({"choices": [{"message": {"content": "OK"}}]}),
        &["read: expected a JSON value, found a string: ignored what follows"],
    );
    let error = read::<ChatCompletion>(JSON, &format!("{body}\n\ndata: {{}}\n\n")).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Decode);
    let events = r#"data: {"choices":[{"delta":{"content":"O"}}]}"#;
    let error = read::<ChatCompletion>(EVENTS, events).await.unwrap_err();
    assert_eq!(
        error.message(),
        "expected a JSON response, got an event stream"
    );
    assert_eq!(&error.body().unwrap()[..], events.as_bytes());
}

#[tokio::test]
async fn truncated_json_is_an_incomplete_body_unless_its_length_was_declared() {
    let body = r#"{"choices":[{"message":{"content":"O"#;
    let response = format!("HTTP/1.1 {JSON}\r\nconnection: close\r\n\r\n{body}");
    let server = start(&[crate::server::send(response)]).await;
    let client = builder(&server.address).build().unwrap();
    let error = Call::new(&client, &READ)
        .send_json::<ChatCompletion>()
        .await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompleteBody);
    assert!(error.is_retryable());
    assert_eq!(&error.body().unwrap()[..], body.as_bytes());
    let error = read::<ChatCompletion>(JSON, body).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn a_request_id_beside_the_error_is_kept() {
    let headers = "429 Too Many Requests\r\ncontent-type: application/json";
    let body = r#"{"error":{"message":"no balance"},"request_id":"05997465cd2e"}"#;
    let error = read::<Value>(headers, body).await.unwrap_err();
    assert_eq!(error.request_id(), Some("05997465cd2e"));
}

#[tokio::test]
async fn more_than_64_deviations_are_an_error() {
    let unexpected = [
        json!(true),
        json!([[]]),
        json!({"a": 1}),
        json!("x"),
        json!(0.5),
    ];
    let with_each = |base: Value, names: &'static [&str]| -> Vec<Value> {
        let pairs = names
            .iter()
            .flat_map(|name| unexpected.iter().map(move |value| (*name, value)));
        pairs
            .map(|(name, value)| {
                let mut object = base.clone();
                object[name] = value.clone();
                object
            })
            .collect()
    };
    let message = json!({"content": "a"});
    let messages = with_each(
        message,
        &[
            "role",
            "refusal",
            "reasoning",
            "reasoning_content",
            "tool_calls",
            "audio",
        ],
    );
    let token = json!({"token": "a", "logprob": -1});
    let tokens = with_each(
        token.clone(),
        &["token", "logprob", "bytes", "top_logprobs"],
    );
    let mut nested = token.clone();
    nested["top_logprobs"] = json!(tokens);
    let body = |messages: &[Value]| {
        let logprobs = json!({"content": tokens, "refusal": [nested]});
        let choice = |message: &Value| json!({"message": message, "logprobs": logprobs});
        let choices = messages.iter().map(choice);
        let choices: Vec<_> = choices
            .chain(with_each(choice(&token), &["index", "finish_reason"]))
            .collect();
        json!({"id": 1, "object": 1, "created": [], "model": 1, "choices": choices}).to_string()
    };
    let few = read::<ChatCompletion>(JSON, &body(&messages[..5])).await;
    let few = few.unwrap().deviations().len();
    assert!((40..=64).contains(&few), "{few}");
    let error = read::<ChatCompletion>(JSON, &body(&messages)).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let message = error.message();
    assert!(message.starts_with("more than 64 deviations"), "{message}");
}

#[tokio::test]
async fn the_same_deviation_in_every_row_is_reported_once() {
    let models = |count: usize| {
        let rows = (0..count).map(|row| format!(r#"{{"id":{row},"owned_by":[]}}"#));
        format!(r#"{{"data":[{}]}}"#, rows.collect::<Vec<_>>().join(","))
    };
    let response = read::<ModelList>(JSON, &models(302)).await.unwrap();
    assert_eq!(response.data.len(), 302);
    assert_eq!(
        formatted(response.deviations()),
        [
            "read: expected a string at /data/*/id, found a number: converted (302 times)",
            "read: expected a string at /data/*/owned_by, found a list: converted (302 times)",
        ]
    );
}

#[tokio::test]
async fn strict_responses_make_deviations_errors() {
    for body in [
        r#"{"object":"list","data":null}"#,
        r#"{"data":[{"id":1}]}"#,
        r#"{"data":[],"data":[]}"#,
    ] {
        let server = start(&http_response(JSON, body)).await;
        let client = builder(&server.address).strict_responses().build().unwrap();
        let error = Call::new(&client, &READ).send_json::<ModelList>().await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Decode, "{body}");
    }
}

#[tokio::test]
async fn a_callback_receives_each_deviation() {
    let body = r#"{"object":1,"data":[{"id":1},{"id":2}]}"#;
    let server = start(&http_response(JSON, body)).await;
    let reported = Arc::new(Mutex::new(Vec::new()));
    let sink = reported.clone();
    let client = builder(&server.address)
        .on_deviation(move |deviation| {
            let report = (deviation.pointer().to_owned(), deviation.count());
            sink.lock().unwrap().push(report);
        })
        .build()
        .unwrap();
    let response = Call::new(&client, &READ).send_json::<ModelList>().await;
    assert_eq!(response.unwrap().deviations().len(), 2);
    assert_eq!(
        *reported.lock().unwrap(),
        [("/data/*/id".to_owned(), 2), ("/object".to_owned(), 1)]
    );
}

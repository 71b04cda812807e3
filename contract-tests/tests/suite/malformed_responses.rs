//! What a caller gets for responses that no contract specifies: seen in the wild, or sure to come.

use contract_tests::dispatch;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::support::snapshot::check_all;
use crate::support::stub_server::StubServer;
use crate::support::{arguments, cases};
use contract_tests::outcome_json::call_snapshot;

struct Malformed {
    name: &'static str,
    status: u16,
    /// Besides `x-request-id`, for responses that have something to say in one.
    headers: &'static [(&'static str, &'static str)],
    media_type: &'static str,
    body: &'static str,
}

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

const fn odd(
    name: &'static str,
    status: u16,
    media_type: &'static str,
    body: &'static str,
) -> Malformed {
    Malformed {
        name,
        status,
        headers: &[],
        media_type,
        body,
    }
}

/// The bodies called `seen` were met at the live service.
const RESPONSES: &[Malformed] = &[
    odd(
        "seen_unknown_model",
        503,
        JSON,
        r#"{"error":{"code":"model_not_found","message":"no available channel for group default and model sora-2-all (distributor) (request id: 20260205132859798638387SIHCnxzJ)","type":"comet_api_error"}}"#,
    ),
    odd(
        "seen_missing_field",
        500,
        JSON,
        r#"{"error":{"message":"field messages is required (request id: 20260624...)","type":"comet_api_error","param":"","code":"invalid_request"}}"#,
    ),
    odd(
        "seen_busy_model",
        500,
        JSON,
        r#"{"error":{"message":"The model is currently busy, please try again later","type":"bad_response_status_code","code":"bad_response_status_code"}}"#,
    ),
    odd(
        "seen_no_quota",
        403,
        JSON,
        r#"{"code":null,"message":"user quota is not enough"}"#,
    ),
    odd(
        "error_page",
        502,
        HTML,
        "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>Bad gateway</h1></body></html>\n",
    ),
    odd("error_empty", 429, JSON, ""),
    odd("error_empty_server", 500, "text/plain", ""),
    odd(
        "error_truncated",
        503,
        JSON,
        r#"{"error":{"message":"no available chan"#,
    ),
    odd("error_text", 504, "text/plain", "upstream timed out\n"),
    odd("error_as_string", 400, JSON, r#"{"error":"bad request"}"#),
    odd(
        "error_numeric_code",
        400,
        JSON,
        r#"{"error":{"message":"no such voice","type":"upstream_error","code":1002}}"#,
    ),
    odd(
        "error_undocumented_status",
        418,
        JSON,
        r#"{"error":{"message":"short and stout","code":"teapot"}}"#,
    ),
    Malformed {
        name: "error_retry_after",
        status: 429,
        headers: &[("retry-after", "2.5"), ("x-request-id", "from-the-header")],
        media_type: JSON,
        body: r#"{"error":{"message":"slow down (request id: fromTheMessage)","code":"rate_limited"}}"#,
    },
    Malformed {
        name: "error_edge_id",
        status: 524,
        headers: &[("cf-ray", "8c5f0e1d2b3a4c5d-SIN")],
        media_type: HTML,
        body: "<html><title>524: A timeout occurred</title></html>",
    },
    Malformed {
        name: "redirect",
        status: 301,
        headers: &[("location", "https://elsewhere.invalid/")],
        media_type: HTML,
        body: "<html><title>301 Moved Permanently</title></html>",
    },
    odd(
        "success_with_error",
        200,
        JSON,
        r#"{"error":{"message":"no available channel for model x (request id: 2026Abc)","type":"comet_api_error","code":"model_not_found"}}"#,
    ),
    odd(
        "success_with_error_and_data",
        200,
        JSON,
        r#"{"success":true,"data":[],"choices":[],"error":{"message":"upstream failed","code":null}}"#,
    ),
    odd(
        "success_false",
        200,
        JSON,
        r#"{"success":false,"message":"the catalog is being rebuilt"}"#,
    ),
    odd(
        "success_with_null_error",
        200,
        JSON,
        r#"{"success":true,"data":[],"choices":[],"error":null}"#,
    ),
    odd(
        "success_truncated",
        200,
        JSON,
        r#"{"success":true,"data":[{"id":"a"#,
    ),
    odd("success_empty", 200, JSON, ""),
    odd(
        "success_page",
        200,
        HTML,
        "<!DOCTYPE html><html><head><title>CometAPI</title></head></html>",
    ),
    odd(
        "success_wrong_type",
        200,
        JSON,
        r#"{"success":true,"data":[{"id":7}],"choices":[{"message":"hello"}]}"#,
    ),
    odd(
        "success_as_text",
        200,
        "text/plain",
        r#"{"success":true,"data":[],"choices":[]}"#,
    ),
];

pub(crate) fn names() -> impl Iterator<Item = String> {
    RESPONSES.iter().map(Malformed::snapshot)
}

#[tokio::test]
async fn every_odd_response_to_every_operation() {
    let mut got = vec![Vec::new(); RESPONSES.len()];
    for operation in cases::operations() {
        let id = operation.id();
        let scene = StubServer::new().await;
        let client = scene.client();
        for (odd, got) in RESPONSES.iter().zip(&mut got) {
            let path = cases::path(&operation);
            scene
                .expect(operation.method(), &path, 1, odd.template())
                .await;
            let outcome = dispatch::call(&client, id, &arguments(&operation)).await;
            let outcome = outcome.unwrap();
            if let Err(error) = &outcome {
                assert_eq!(error.status().unwrap().as_u16(), odd.status, "{}", odd.name);
                assert_eq!(error.body().unwrap(), odd.body.as_bytes(), "{}", odd.name);
            }
            add(got, id, call_snapshot(id, &outcome));
        }
    }
    let got = RESPONSES.iter().zip(got);
    let values = got.map(|(odd, got)| (odd.snapshot(), odd.with(got)));
    check_all(&values.collect::<Vec<_>>());
}

/// Adds what an operation's caller got; operations whose callers got the same share an entry.
fn add(all: &mut Vec<Value>, id: &str, mut got: Value) {
    got.as_object_mut().unwrap().shift_remove("operation");
    if let Some(shown) = got["display"].as_str() {
        let shown = shown
            .strip_prefix(id)
            .expect("an error names its operation");
        got["display"] = json!(format!("...{shown}"));
    }
    match all.iter_mut().find(|entry| entry["got"] == got) {
        Some(entry) => entry["operations"].as_array_mut().unwrap().push(json!(id)),
        None => all.push(json!({ "operations": [id], "got": got })),
    }
}

impl Malformed {
    fn snapshot(&self) -> String {
        format!("odd.{}", self.name)
    }

    fn with(&self, got: Vec<Value>) -> Value {
        let responded =
            json!({ "status": self.status, "type": self.media_type, "body": self.body });
        json!({ "response": responded, "outcomes": got })
    }

    fn template(&self) -> ResponseTemplate {
        let template = ResponseTemplate::new(self.status);
        let template = template.set_body_raw(self.body, self.media_type);
        let add = |template: ResponseTemplate, (name, value): &(&str, &str)| {
            template.insert_header(*name, *value)
        };
        self.headers.iter().fold(template, add)
    }
}

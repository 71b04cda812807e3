//! HTTP behaviour of the client against scripted servers, over real sockets.

mod api_key;
mod connections;
mod deviations;
mod downloads;
mod event_deviations;
mod multipart_forms;
mod properties;
#[path = "../../../contract-tests/src/random.rs"]
mod random;
mod request_bodies;
mod response_formats;
mod responses;
mod server;
mod stream_failures;
mod stream_fixtures;
mod stream_limits;
mod streams;
mod text_deltas;
mod timeouts;
mod truncation;
mod upload_failures;
mod upload_fixtures;
mod uploads;
mod waits;

use cometapi::runtime::{Call, ErrorRule, Method, Operation, StatusErrors};
use cometapi::{Client, ClientBuilder, Error, ErrorKind, Response, RetryPolicy};
use serde_json::Value;

const KEY: &str = "sk-secret";

static CREATE: Operation = operation("create_thing", true, false);
static READ: Operation = operation("read_thing", false, true);

const fn operation(id: &'static str, authenticated: bool, idempotent: bool) -> Operation {
    Operation {
        api: &cometapi::API,
        id,
        method: Method::POST,
        path: "/v1/things",
        success_status: 200,
        media_types: &["application/json"],
        authenticated,
        idempotent,
        uploads: &[],
        errors: &[StatusErrors {
            status: 502,
            rules: &[ErrorRule {
                code: None,
                kind: ErrorKind::Gateway,
                retryable: true,
                help: "Wait and retry.",
                docs_url: None,
            }],
        }],
        docs_url: None,
        telemetry: None,
    }
}

fn builder(address: &str) -> ClientBuilder {
    let builder = Client::builder().api_key(KEY).base_url(address);
    // Each test is about one response.
    builder.retry_policy(RetryPolicy::never())
}

async fn call(client: &Client, operation: &'static Operation) -> Result<Response<Value>, Error> {
    Call::new(client, operation).send_json().await
}

/// The error of a call to a server with this script.
async fn call_error(operation: &'static Operation, script: &[server::Step]) -> Error {
    let server = server::start(script).await;
    let client = builder(&server.address).build().unwrap();
    call(&client, operation).await.unwrap_err()
}

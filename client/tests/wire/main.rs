//! The runtime against a server that misbehaves by script, over real sockets.

mod answers;
mod chosen;
mod downloads;
mod key;
mod properties;
#[path = "../../../contract-tests/src/random.rs"]
mod random;
mod server;
mod streams;
mod timeouts;
mod truncation;
mod uploads;

use cometapi::runtime::{Call, Documented, ErrorRule, Method, Operation};
use cometapi::{Client, ClientBuilder, Error, Kind, Response, Retries};
use serde_json::Value;

const KEY: &str = "sk-secret";

static MAKE: Operation = operation("make_thing", true, false);
static READ: Operation = operation("read_thing", false, true);

const fn operation(id: &'static str, authenticated: bool, send_twice: bool) -> Operation {
    Operation {
        id,
        method: Method::POST,
        path: "/v1/things",
        success: 200,
        media_types: &["application/json"],
        authenticated,
        send_twice,
        uploads: &[],
        errors: &[Documented {
            status: 502,
            rules: &[ErrorRule {
                code: None,
                kind: Kind::Edge,
                retryable: true,
                advice: "Wait and try again.",
                page: None,
            }],
        }],
        page: None,
        telemetry: None,
    }
}

fn builder(address: &str) -> ClientBuilder {
    let builder = Client::builder().key(KEY).base_url(address);
    // Every answer is looked at as it comes; `retries.rs` is about what happens then.
    builder.retries(Retries::none())
}

async fn call(client: &Client, operation: &'static Operation) -> Result<Response<Value>, Error> {
    Call::new(client, operation).json().await
}

/// What a call gives when the server plays this script.
async fn play(operation: &'static Operation, script: &[server::Step]) -> Error {
    let server = server::start(script).await;
    let client = builder(&server.address).build().unwrap();
    call(&client, operation).await.unwrap_err()
}

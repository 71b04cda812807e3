//! Operations and a client for the tests of how a call becomes a request.

use super::{Client, Method, Operation};

pub(super) static GET: Operation =
    operation("get_thing", "/v1/boxes/{box}/things/{thing}.json", false);
pub(super) static LIST: Operation = operation("list_things", "/api/things", false);
pub(super) static MAKE: Operation = operation("make_thing", "/v1/things", true);

pub(super) const fn operation(
    id: &'static str,
    path: &'static str,
    authenticated: bool,
) -> Operation {
    Operation {
        id,
        method: Method::POST,
        path,
        success_status: 200,
        media_types: &["application/json", "text/event-stream"],
        authenticated,
        idempotent: false,
        uploads: &[],
        errors: &[],
        docs_url: None,
        telemetry: None,
    }
}

pub(super) fn client() -> Client {
    let builder = Client::builder()
        .api_key("sk-secret")
        .base_url("https://gw.example/comet/v1/");
    builder.default_header("x-team", "default").build().unwrap()
}

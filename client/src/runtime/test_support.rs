//! Test fixtures: an API, operations and a client.

use reqwest::Method;

use crate::runtime::api::operation::{ApiMetadata, Operation};
use crate::runtime::client::Client;
use crate::runtime::client::builder::ClientBuilder;

/// The metadata of a fictitious API.
pub(crate) const API: ApiMetadata = ApiMetadata {
    name: "Things",
    base_url: "https://api.example",
    key_variables: &["THINGS_KEY"],
    base_url_variable: None,
    request_id_headers: &["x-request-id"],
    request_id_in_message: Some("(request id:"),
    version_prefix: Some("/v1"),
    error_fields: &[],
    provider: "things",
};

pub(crate) static GET_THING: Operation =
    operation("get_thing", "/v1/boxes/{box}/things/{thing}.json", false);
pub(crate) static LIST_THINGS: Operation = operation("list_things", "/api/things", false);
pub(crate) static CREATE_THING: Operation = operation("create_thing", "/v1/things", true);

/// Returns an operation of [`API`] with the method POST.
pub(crate) const fn operation(
    id: &'static str,
    path: &'static str,
    authenticated: bool,
) -> Operation {
    Operation {
        api: &API,
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

/// Returns a builder of clients for [`API`].
pub(crate) fn builder() -> ClientBuilder {
    ClientBuilder::new(&API)
}

/// Returns a client with the API key `sk-secret`, a base URL with a path, and the default header `x-team`.
pub(crate) fn client() -> Client {
    let builder = builder()
        .api_key("sk-secret")
        .base_url("https://gw.example/comet/v1/");
    builder.default_header("x-team", "default").build().unwrap()
}

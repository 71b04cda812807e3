//! What only a transport with HTTP/2, compression and TLS has.

mod compression;
mod fault_table;
mod faults;
mod http2;
mod http2_faults;
mod negotiation;
mod server;

use std::time::Duration;

use cometapi::{Client, ClientBuilder, RetryPolicy};

const SHORT: Duration = Duration::from_millis(200);

/// A client of a server with this certificate, with whatever reqwest's features give it.
fn client(server: &server::Server) -> ClientBuilder {
    let certificate = reqwest::Certificate::from_pem(server.certificate.as_bytes()).unwrap();
    let http = reqwest::Client::builder()
        .tls_certs_only([certificate])
        .retry(reqwest::retry::never())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let builder = Client::builder().base_url(&server.url).api_key("sk-secret");
    builder.http_client(http).retry_policy(RetryPolicy::never())
}

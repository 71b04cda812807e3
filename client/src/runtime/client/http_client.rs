//! The HTTP client of a client that is not given one: what of reqwest is used.

use std::time::Duration;

use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::client::base_url::BaseUrl;
use crate::runtime::error::Error;

/// Builds the HTTP client that connects to this base URL.
pub(crate) fn build(
    connect_timeout: Duration,
    base_url: &BaseUrl,
) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        // Only the retry policy decides about retries.
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(connect_timeout)
        // Features of reqwest are shared by a whole program: what another crate has enabled is not used
        // here unless it was chosen here.
        .no_deflate()
        .no_zstd();
    if cfg!(not(feature = "compression")) {
        builder = builder.no_gzip().no_brotli();
    }
    if cfg!(not(feature = "http2")) {
        builder = builder.http1_only();
    }
    if base_url.is_loopback() {
        // A proxy would receive unencrypted requests that are meant to stay on this machine.
        builder = builder.no_proxy();
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        if base_url.is_http() {
            // There is no server certificate to verify, and reading the system's certificates takes longer than
            // most tests.
            builder = builder.tls_certs_only([]);
        }
    }
    builder.build().map_err(|error| {
        Error::new(
            ErrorKind::Configuration,
            "the HTTP client could not be set up",
        )
        .with_source(error)
    })
}

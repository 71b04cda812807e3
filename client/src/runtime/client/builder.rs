//! The builder of a client.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue, USER_AGENT};
use secrecy::{ExposeSecret, SecretString};

use crate::runtime::api::api_key::ApiKey;
use crate::runtime::api::error_kind::ErrorKind;
use crate::runtime::api::operation::ApiMetadata;
use crate::runtime::client::Client;
use crate::runtime::client::base_url::BaseUrl;
use crate::runtime::client::config::{Config, PlaintextKey};
use crate::runtime::client::http_client;
use crate::runtime::defaults;
use crate::runtime::error::Error;
use crate::runtime::http::header;
use crate::runtime::limit::concurrency::ConcurrencyLimit;
use crate::runtime::retry::attempt::Attempt;
use crate::runtime::retry::policy::RetryPolicy;
use crate::runtime::tolerance::Tolerance;
use crate::runtime::tolerance::deviation::Deviation;

/// A builder for a client; [`build`](ClientBuilder::build) validates the settings.
///
/// Nothing is read from the environment unless [`env_vars`](ClientBuilder::env_vars) is called.
///
/// ```
/// # use std::time::Duration;
/// # use cometapi::Client;
/// let client = Client::builder()
///     .api_key("sk-example")
///     .base_url("https://gateway.example/comet/v1")
///     .read_timeout(Duration::from_secs(30))
///     .build()?;
/// assert_eq!(client.base_url(), "https://gateway.example/comet");
/// # Ok::<(), cometapi::Error>(())
/// ```
///
/// `C` is the type of the client.
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder<C = Client> {
    api: &'static ApiMetadata,
    key: Option<WithOrigin<SecretString>>,
    base_url: Option<WithOrigin<String>>,
    http: Option<reqwest::Client>,
    user_agent: String,
    headers: Vec<(String, SecretString)>,
    connect_timeout: Duration,
    plaintext_key: PlaintextKey,
    config: Config,
    client: PhantomData<fn() -> C>,
}

/// A value with its origin for error messages.
#[derive(Clone)]
struct WithOrigin<T> {
    value: T,
    origin: &'static str,
}

impl ClientBuilder {
    /// Validates the settings and creates the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a blank or unusable key, base URL, user agent or header, or if the
    /// system's TLS can't be set up. No message repeats the value.
    pub fn build(self) -> Result<Client, Error> {
        self.build_client()
    }
}

impl<C> ClientBuilder<C> {
    pub(crate) fn new(api: &'static ApiMetadata) -> Self {
        Self {
            api,
            key: None,
            base_url: None,
            http: None,
            user_agent: concat!(env!("CARGO_PKG_NAME"), "-rust/", env!("CARGO_PKG_VERSION")).into(),
            headers: Vec::new(),
            connect_timeout: defaults::CONNECT_TIMEOUT,
            plaintext_key: PlaintextKey::Deny,
            config: Config::default(),
            client: PhantomData,
        }
    }

    /// Sets the API key. White space around it is removed. A blank key, or one with other characters than printable
    /// ASCII, makes [`build`](ClientBuilder::build) fail.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.key = Some(WithOrigin {
            value: key.into(),
            origin: "the key",
        });
        self
    }

    /// Sets the base URL: `https://` or `http://`, with or without `/v1` and slashes at its end. A path before that is
    /// kept. A user name, query or fragment makes [`build`](ClientBuilder::build) fail. Default: the API's public
    /// URL.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(WithOrigin {
            value: url.into(),
            origin: "the base URL",
        });
        self
    }

    /// Reads API key and base URL from the API's environment variables, unless they were set on this builder before.
    /// Values are trimmed, and a blank variable counts as missing.
    pub fn env_vars(self) -> Self {
        self.read_env(|name| {
            // Replacement characters for invalid Unicode are rejected by key and URL.
            Some(std::env::var_os(name)?.to_string_lossy().into_owned())
        })
    }

    /// Sets a custom HTTP client, for a SOCKS proxy, certificates or a shared connection pool.
    ///
    /// Its own connect timeout applies, and [`connect_timeout`](ClientBuilder::connect_timeout) has no effect. Disable
    /// its redirects (`redirect::Policy::none()`), because they send requests to hosts that this client hasn't
    /// checked, and set no default headers with secrets, because they are sent with every operation.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// Sets the `User-Agent` header. Default: this crate's name and version.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Adds a header to every request. A later one of the same name replaces it, and so does a call's own header.
    /// [`build`](ClientBuilder::build) rejects `authorization`, which would be sent to operations that need no key.
    pub fn default_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into().into()));
        self
    }

    /// Sets the timeout for connecting, TLS included. Default: 10 s ([`defaults::CONNECT_TIMEOUT`]).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the timeout until status and headers of the response arrive, connecting and sending included. Default:
    /// none ([`defaults::RESPONSE_TIMEOUT`]).
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.config.response_timeout = Some(timeout);
        self
    }

    /// Sets the timeout for progress of an upload: how long the connection may take nothing more of a request's body, or its
    /// source supply nothing more. A body of up to 256 KiB is sent at once and has no such timeout. Default: 120 s
    /// ([`defaults::WRITE_TIMEOUT`]).
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.config.write_timeout = timeout;
        self
    }

    /// Sets the timeout between two chunks of a response's body. Default: 120 s ([`defaults::READ_TIMEOUT`]).
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.config.read_timeout = timeout;
        self
    }

    /// Sets the timeout of a call from the first attempt to the decoded response, or to the opened stream or
    /// download; [`Duration::MAX`] is no limit. Default: 10 min ([`defaults::TIMEOUT`]).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout = timeout;
        self
    }

    /// Sets how long a stream stays open after every choice has finished, for the usage and the end. Then it ends with
    /// [`StreamEnd::AllChoicesFinished`](crate::runtime::StreamEnd::AllChoicesFinished), also while the server sends
    /// comments to keep the connection alive. Default: 2 s ([`defaults::FINISH_GRACE`]).
    pub fn finish_grace(mut self, grace: Duration) -> Self {
        self.config.finish_grace = grace;
        self
    }

    /// Sets the maximum size of a JSON response in bytes. Default: 32 MiB ([`defaults::MAX_JSON_BYTES`]).
    pub fn max_json_bytes(mut self, bytes: usize) -> Self {
        self.config.max_json_bytes = bytes;
        self
    }

    /// Sets how many bytes of an error body are kept. Default: 64 KiB ([`defaults::MAX_ERROR_BODY_BYTES`]).
    pub fn max_error_body_bytes(mut self, bytes: usize) -> Self {
        self.config.max_error_body_bytes = bytes;
        self
    }

    /// Sets the maximum size of one event in bytes. Default: 16 MiB ([`defaults::MAX_EVENT_BYTES`]).
    pub fn max_event_bytes(mut self, bytes: usize) -> Self {
        self.config.max_event_bytes = bytes;
        self
    }

    /// Sets how many bytes [`Download::bytes`](crate::runtime::Download::bytes) may read into memory. Saving and streaming have
    /// no limit. Default: 256 MiB ([`defaults::MAX_DOWNLOAD_BYTES`]).
    pub fn max_download_bytes(mut self, bytes: usize) -> Self {
        self.config.max_download_bytes = bytes;
        self
    }

    /// Sets the retry policy. Default: [`RetryPolicy::default`], 5 attempts ([`defaults::MAX_ATTEMPTS`]).
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.config.retry_policy = policy;
        self
    }

    /// Sets how many retries the client and its clones may make together. Five successes restore one retry, and so does each
    /// second. Retries after a rate limit (429) don't count; the
    /// [concurrency limit](crate::runtime::ConcurrencyLimit) applies to these. [`u32::MAX`] is in effect no limit. Default:
    /// 100 ([`defaults::RETRY_BUDGET`]).
    pub fn retry_budget(mut self, retries: u32) -> Self {
        self.config.retry_budget = retries;
        self
    }

    /// Sets the limit on concurrent calls. Default: [`ConcurrencyLimit::adaptive`].
    pub fn concurrency_limit(mut self, limit: ConcurrencyLimit) -> Self {
        self.config.concurrency_limit = limit;
        self
    }

    /// Sets a callback that runs after every attempt, for logs and metrics. It runs on the call's task, so keep it
    /// fast. A later one replaces it.
    ///
    /// ```
    /// let client = cometapi::Client::builder().on_attempt(|attempt| {
    ///     if let (Some(error), Some(pause)) = (attempt.error(), attempt.retry_in()) {
    ///         eprintln!("{error}; retrying in {pause:?}");
    ///     }
    /// });
    /// ```
    pub fn on_attempt(mut self, on_attempt: impl Fn(&Attempt<'_>) + Send + Sync + 'static) -> Self {
        self.config.on_attempt = Some(Arc::new(on_attempt));
        self
    }

    /// Makes every deviation of a response from the API schema a [`Decode`](ErrorKind::Decode) error. By default, the
    /// client delivers what is usable and reports the [`Deviation`]s.
    pub fn strict_responses(mut self) -> Self {
        self.config.tolerance = Tolerance::Strict;
        self
    }

    /// Sets a callback for each [`Deviation`] of a response from the API schema, for logs and metrics. It runs on the
    /// call's task, so keep it fast. A later one replaces it.
    ///
    /// Counting deviations by pointer shows in production how the API changes:
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use std::sync::{Arc, Mutex};
    ///
    /// let counts = Arc::new(Mutex::new(BTreeMap::<String, usize>::new()));
    /// let counter = counts.clone();
    /// let client = cometapi::Client::builder().on_deviation(move |deviation| {
    ///     let location = format!("{}{}", deviation.operation(), deviation.pointer());
    ///     *counter.lock().unwrap().entry(location).or_default() += deviation.count();
    /// });
    /// ```
    pub fn on_deviation(
        mut self,
        on_deviation: impl Fn(&Deviation) + Send + Sync + 'static,
    ) -> Self {
        self.config.on_deviation = Some(Arc::new(on_deviation));
        self
    }

    /// Allows sending the API key over unencrypted HTTP to a non-loopback host. Anyone on the network path can read
    /// and use it. Meant for a gateway within a private network.
    ///
    /// Without this, a call that needs the key fails with [`ErrorKind::Configuration`] before anything is
    /// sent. `localhost` and loopback addresses need no permission.
    pub fn danger_allow_http_api_key(mut self) -> Self {
        self.plaintext_key = PlaintextKey::Allow;
        self
    }

    /// Builds the async client, also for the blocking one.
    pub(crate) fn build_client(self) -> Result<Client, Error> {
        let invalid = |message: String| Error::new(ErrorKind::Configuration, message);
        let key = self
            .key
            .map(|key| ApiKey::parse(key.value.expose_secret(), key.origin));
        let key = key.transpose().map_err(invalid)?;
        let url = self.base_url.unwrap_or(WithOrigin {
            value: self.api.base_url.to_owned(),
            origin: "the contract's base URL",
        });
        let base_url =
            BaseUrl::parse(&url.value, url.origin, self.api.version_prefix).map_err(invalid)?;
        let headers = headers(&self.user_agent, &self.headers).map_err(invalid)?;
        let http = match self.http {
            Some(http) => http,
            None => http_client::build(self.connect_timeout, &base_url)?,
        };
        let config = Config {
            headers,
            ..self.config
        };
        Ok(Client::new_inner(
            http,
            base_url,
            key,
            self.plaintext_key,
            config,
        ))
    }

    fn read_env(mut self, read: impl Fn(&str) -> Option<String>) -> Self {
        let api = self.api;
        let variable = |origin: &&'static str| {
            let value = read(origin).filter(|value| !value.trim().is_empty())?;
            Some(WithOrigin { value, origin })
        };
        let key = || api.key_variables.iter().find_map(variable);
        let secret = |key: WithOrigin<String>| WithOrigin {
            value: key.value.into(),
            origin: key.origin,
        };
        self.key = self.key.or_else(|| key().map(secret));
        self.base_url = self
            .base_url
            .or_else(|| api.base_url_variable.as_ref().and_then(variable));
        self
    }
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The base URL isn't checked yet and may hold a password.
        f.debug_struct("ClientBuilder")
            .field("has_key", &self.key.is_some())
            .field("has_base_url", &self.base_url.is_some())
            .field(
                "header_names",
                &self
                    .headers
                    .iter()
                    .map(|(name, _)| name)
                    .collect::<Vec<_>>(),
            )
            .field("connect_timeout", &self.connect_timeout)
            .field("plaintext_key", &self.plaintext_key)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

fn headers(user_agent: &str, defaults: &[(String, SecretString)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(user_agent)
        .map_err(|_| "the user agent contains a line break or control character".to_owned())?;
    headers.insert(USER_AGENT, value);
    for (name, value) in defaults {
        let (name, value) = header::parse(name, value.expose_secret())?;
        headers.insert(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::test_support;

    static THINGS: ApiMetadata = ApiMetadata {
        name: "Things",
        base_url: "https://api.example",
        key_variables: &["THINGS_KEY", "THINGS_API_KEY"],
        base_url_variable: Some("THINGS_BASE_URL"),
        request_id_headers: &[],
        request_id_in_message: None,
        version_prefix: Some("/v1"),
        error_fields: &[],
        provider: "things",
    };

    fn with_env(variables: &[(&str, &str)]) -> ClientBuilder {
        read_env(ClientBuilder::new(&THINGS), variables)
    }

    fn read_env(builder: ClientBuilder, variables: &[(&str, &str)]) -> ClientBuilder {
        builder.read_env(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn key_of(builder: ClientBuilder) -> Option<String> {
        let client = builder.build().unwrap();
        let value = client.api_key()?.bearer_header();
        Some(
            value
                .to_str()
                .unwrap()
                .strip_prefix("Bearer ")
                .unwrap()
                .to_owned(),
        )
    }

    #[test]
    fn the_first_variable_that_is_not_blank_is_used() {
        for (variables, key) in [
            (&[][..], None),
            (&[("THINGS_KEY", "a"), ("THINGS_API_KEY", "b")], Some("a")),
            (&[("THINGS_API_KEY", " b\n")], Some("b")),
            (&[("THINGS_KEY", " \n"), ("THINGS_API_KEY", "b")], Some("b")),
            (&[("THINGS_KEY", ""), ("THINGS_API_KEY", " ")], None),
        ] {
            assert_eq!(key_of(with_env(variables)).as_deref(), key, "{variables:?}");
        }
    }

    #[test]
    fn the_base_url_is_read_from_its_variable() {
        let url = |value| {
            with_env(&[("THINGS_BASE_URL", value)])
                .build()
                .unwrap()
                .base_url()
                .to_owned()
        };
        assert_eq!(url(" https://gw.example/a/v1/ "), "https://gw.example/a");
        assert_eq!(url(" "), THINGS.base_url);
    }

    #[test]
    fn settings_on_the_builder_override_the_environment() {
        let variables = [
            ("THINGS_KEY", "env"),
            ("THINGS_BASE_URL", "https://env.example"),
        ];
        let builder = test_support::builder()
            .api_key("explicit")
            .base_url("https://explicit.example");
        let builder = read_env(builder, &variables);
        assert_eq!(
            builder.clone().build().unwrap().base_url(),
            "https://explicit.example"
        );
        assert_eq!(key_of(builder).as_deref(), Some("explicit"));
        assert_eq!(
            key_of(with_env(&variables).api_key("later")).as_deref(),
            Some("later")
        );
    }

    #[test]
    fn invalid_settings_are_named_without_their_value() {
        let builder = Client::builder;
        for (builder, message) in [
            (builder().api_key(" "), "the key is blank"),
            (
                builder().api_key("secret\nx"),
                "the key contains a line break",
            ),
            (
                with_env(&[("THINGS_KEY", "secret\nx")]),
                "THINGS_KEY contains a line break",
            ),
            (builder().base_url(" "), "the base URL is blank"),
            (
                with_env(&[("THINGS_BASE_URL", "https://u:secret@x")]),
                "THINGS_BASE_URL must not contain a user name or password",
            ),
            (
                builder().user_agent("a\nb"),
                "the user agent contains a line break or control character",
            ),
            (
                builder().default_header("Authorization", "Bearer secret"),
                "`authorization` cannot be set as a header; configure the API key on the client",
            ),
            (
                builder().default_header("x-team", "secret\n"),
                "the header `x-team` contains a line break or control character",
            ),
            (
                builder().default_header("secret\n", "a"),
                "invalid header name",
            ),
        ] {
            let debug = format!("{builder:?}");
            assert!(
                !debug.contains("u:secret") && !debug.contains("Bearer"),
                "{debug}"
            );
            let error = builder.build().unwrap_err();
            assert_eq!(
                (error.kind(), error.message()),
                (ErrorKind::Configuration, message)
            );
            assert!(!error.request_may_have_been_sent() && !error.is_retryable());
        }
    }
}

//! Builder for clients, which validates the configuration in one step.

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
use crate::runtime::defaults;
use crate::runtime::error::Error;
use crate::runtime::http::header;
use crate::runtime::limit::concurrency::ConcurrencyLimit;
use crate::runtime::retry::attempt::Attempt;
use crate::runtime::retry::policy::RetryPolicy;

/// Builder for a [`Client`]. [`build`](ClientBuilder::build) validates the configuration.
///
/// The environment is read only by [`env_vars`](ClientBuilder::env_vars).
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
/// `C` is the type of the client that it builds.
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

/// A setting and its origin, which error messages name.
#[derive(Clone)]
struct WithOrigin<T> {
    value: T,
    origin: &'static str,
}

impl ClientBuilder {
    /// Validates the configuration and builds the client. Sends no request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if the API key, the base URL, the user agent or a header is blank or
    /// invalid, or if the TLS of the system can't be initialised. No message contains the invalid value.
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

    /// Sets the API key. Surrounding white space is removed. [`build`](ClientBuilder::build) fails if
    /// the key is blank or contains characters other than printable ASCII.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.key = Some(WithOrigin {
            value: key.into(),
            origin: "the API key",
        });
        self
    }

    /// Sets the base URL of the API, beginning with `https://` or `http://`. Default: the public URL of
    /// the API.
    ///
    /// `/v1` and slashes at the end are optional, and a path before them is kept.
    /// [`build`](ClientBuilder::build) fails if the URL has a user name, a query or a fragment.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(WithOrigin {
            value: url.into(),
            origin: "the base URL",
        });
        self
    }

    /// Reads the API key and the base URL from the environment variables listed at
    /// [`Client::from_env`], unless they are already set on this builder. Values are trimmed, and a
    /// blank variable counts as missing.
    pub fn env_vars(self) -> Self {
        self.read_env(|name| {
            // Invalid Unicode becomes U+FFFD, which the API key and the base URL reject.
            Some(std::env::var_os(name)?.to_string_lossy().into_owned())
        })
    }

    /// Sets a custom HTTP client, for a proxy, certificates or a shared connection pool.
    ///
    /// [`connect_timeout`](ClientBuilder::connect_timeout) then has no effect; set it on the HTTP client.
    /// The HTTP client should not follow redirects (`redirect::Policy::none()`), because a redirect
    /// sends the request to a host that this client has not validated. It should have no default
    /// headers with secrets, because they are sent with every operation.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// Sets the `User-Agent` header. Default: the name and version of this crate.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Adds a header that is sent with every request. It replaces an earlier default header with the
    /// same name, and a header of the call overrides it.
    ///
    /// [`build`](ClientBuilder::build) rejects `authorization`, because it would also be sent to
    /// operations that need no API key.
    pub fn default_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into().into()));
        self
    }

    /// Sets the timeout for connecting, including TLS, of one attempt. Default: 10 s
    /// ([`defaults::CONNECT_TIMEOUT`]).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the timeout of one attempt until the response headers arrive, including connecting and
    /// sending the request. Default: none ([`defaults::RESPONSE_TIMEOUT`]), so that only the
    /// [`timeout`](ClientBuilder::timeout) of the call applies.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.config.response_timeout = Some(timeout);
        self
    }

    /// Sets the timeout between two chunks of a response body. Default: 120 s
    /// ([`defaults::READ_TIMEOUT`]).
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.config.read_timeout = timeout;
        self
    }

    /// Sets the timeout of a call, from the first attempt to the decoded response, or to the opened
    /// stream or download. [`Duration::MAX`] disables it. Default: 10 min ([`defaults::TIMEOUT`]).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout = timeout;
        self
    }

    /// Sets the maximum size of a JSON response in bytes. Default: 32 MiB
    /// ([`defaults::MAX_JSON_BYTES`]).
    pub fn max_json_bytes(mut self, bytes: usize) -> Self {
        self.config.max_json_bytes = bytes;
        self
    }

    /// Sets how many bytes of the body of an error response are kept. Default: 64 KiB
    /// ([`defaults::MAX_ERROR_BODY_BYTES`]).
    pub fn max_error_body_bytes(mut self, bytes: usize) -> Self {
        self.config.max_error_body_bytes = bytes;
        self
    }

    /// Sets the maximum size of an event of a stream in bytes. Default: 16 MiB
    /// ([`defaults::MAX_EVENT_BYTES`]).
    pub fn max_event_bytes(mut self, bytes: usize) -> Self {
        self.config.max_event_bytes = bytes;
        self
    }

    /// Sets the maximum number of bytes that [`Download::bytes`](crate::runtime::Download::bytes) reads
    /// into memory. Saving a download to a file and reading it in chunks are not limited. Default:
    /// 256 MiB ([`defaults::MAX_DOWNLOAD_BYTES`]).
    pub fn max_download_bytes(mut self, bytes: usize) -> Self {
        self.config.max_download_bytes = bytes;
        self
    }

    /// Sets the retry policy of calls. Default: [`RetryPolicy::default`], with at most 5 attempts
    /// ([`defaults::MAX_ATTEMPTS`]).
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.config.retry_policy = policy;
        self
    }

    /// Sets how many retries the client and its clones may make together before they stop retrying.
    /// Default: 100 ([`defaults::RETRY_BUDGET`]).
    ///
    /// Five successful attempts restore one retry, and so does each second. Retries after a rate limit
    /// (429) do not count, because the [`ConcurrencyLimit`] handles these. [`u32::MAX`] effectively
    /// disables the limit.
    pub fn retry_budget(mut self, retries: u32) -> Self {
        self.config.retry_budget = retries;
        self
    }

    /// Sets the limit on concurrent calls. Default: [`ConcurrencyLimit::adaptive`].
    pub fn concurrency_limit(mut self, limit: ConcurrencyLimit) -> Self {
        self.config.concurrency_limit = limit;
        self
    }

    /// Sets a callback that runs after every attempt of every call, for logs and metrics. It replaces an
    /// earlier callback. It blocks the call, so keep it fast.
    ///
    /// ```
    /// let client = cometapi::Client::builder().on_attempt(|attempt| {
    ///     if let (Some(error), Some(delay)) = (attempt.error(), attempt.retry_in()) {
    ///         eprintln!("{error}; retrying in {delay:?}");
    ///     }
    /// });
    /// ```
    pub fn on_attempt(mut self, on_attempt: impl Fn(&Attempt<'_>) + Send + Sync + 'static) -> Self {
        self.config.on_attempt = Some(Arc::new(on_attempt));
        self
    }

    /// Allows sending the API key over unencrypted HTTP to a non-loopback host. Anyone on the network
    /// path can read and use it. This is meant for a gateway inside your own network.
    ///
    /// Otherwise a call that requires the API key fails with [`ErrorKind::Configuration`] before a request
    /// is sent. `localhost` and loopback addresses are always allowed.
    pub fn danger_allow_http_api_key(mut self) -> Self {
        self.plaintext_key = PlaintextKey::Allow;
        self
    }

    /// Builds the async client, which the blocking client wraps.
    pub(crate) fn build_client(self) -> Result<Client, Error> {
        let invalid = |message: String| Error::new(ErrorKind::Configuration, message);
        let key = self
            .key
            .map(|key| ApiKey::parse(key.value.expose_secret(), key.origin));
        let key = key.transpose().map_err(invalid)?;
        let url = self.base_url.unwrap_or(WithOrigin {
            value: self.api.base_url.to_owned(),
            origin: "the base URL of the contract",
        });
        let base_url =
            BaseUrl::parse(&url.value, url.origin, self.api.version_prefix).map_err(invalid)?;
        let headers = headers(&self.user_agent, &self.headers).map_err(invalid)?;
        let http = match self.http {
            Some(http) => http,
            None => http_client(self.connect_timeout, &base_url)?,
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

fn http_client(connect_timeout: Duration, base_url: &BaseUrl) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        // Only the retry loop of this runtime retries requests.
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(connect_timeout);
    if base_url.is_loopback() {
        // A proxy would receive unencrypted requests that are meant to stay on this machine.
        builder = builder.no_proxy();
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        if base_url.is_http() {
            // No server certificate is verified, and loading those of the system takes longer than most
            // tests.
            builder = builder.tls_certs_only([]);
        }
    }
    builder.build().map_err(|error| {
        Error::new(ErrorKind::Configuration, "failed to build the HTTP client").with_source(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::test_support;

    static API: ApiMetadata = ApiMetadata {
        name: "Things",
        base_url: "https://api.example",
        key_variables: &["THINGS_KEY", "THINGS_API_KEY"],
        base_url_variable: Some("THINGS_BASE_URL"),
        request_id_headers: &[],
        request_id_in_message: None,
        version_prefix: Some("/v1"),
        provider: "things",
    };

    fn from_variables(variables: &[(&str, &str)]) -> ClientBuilder {
        read_variables(ClientBuilder::new(&API), variables)
    }

    fn read_variables(builder: ClientBuilder, variables: &[(&str, &str)]) -> ClientBuilder {
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
    fn the_api_key_is_read_from_the_first_variable_that_is_not_blank() {
        for (variables, key) in [
            (&[][..], None),
            (&[("THINGS_KEY", "a"), ("THINGS_API_KEY", "b")], Some("a")),
            (&[("THINGS_API_KEY", " b\n")], Some("b")),
            (&[("THINGS_KEY", " \n"), ("THINGS_API_KEY", "b")], Some("b")),
            (&[("THINGS_KEY", ""), ("THINGS_API_KEY", " ")], None),
        ] {
            assert_eq!(
                key_of(from_variables(variables)).as_deref(),
                key,
                "{variables:?}"
            );
        }
    }

    #[test]
    fn the_base_url_is_read_from_its_variable() {
        let url = |value| {
            from_variables(&[("THINGS_BASE_URL", value)])
                .build()
                .unwrap()
                .base_url()
                .to_owned()
        };
        assert_eq!(url(" https://gw.example/a/v1/ "), "https://gw.example/a");
        assert_eq!(url(" "), API.base_url);
    }

    #[test]
    fn explicit_settings_override_the_environment() {
        let variables = [
            ("THINGS_KEY", "env"),
            ("THINGS_BASE_URL", "https://env.example"),
        ];
        let builder = test_support::builder()
            .api_key("explicit")
            .base_url("https://explicit.example");
        let builder = read_variables(builder, &variables);
        assert_eq!(
            builder.clone().build().unwrap().base_url(),
            "https://explicit.example"
        );
        assert_eq!(key_of(builder).as_deref(), Some("explicit"));
        assert_eq!(
            key_of(from_variables(&variables).api_key("later")).as_deref(),
            Some("later")
        );
    }

    #[test]
    fn errors_name_invalid_settings_without_their_values() {
        let builder = Client::builder;
        for (builder, message) in [
            (builder().api_key(" "), "the API key is blank"),
            (
                builder().api_key("secret\nx"),
                "the API key contains a line break",
            ),
            (
                from_variables(&[("THINGS_KEY", "secret\nx")]),
                "THINGS_KEY contains a line break",
            ),
            (builder().base_url(" "), "the base URL is blank"),
            (
                from_variables(&[("THINGS_BASE_URL", "https://u:secret@x")]),
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

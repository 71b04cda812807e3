//! The client: settings and connections, shared by its clones.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderMap;
use secrecy::SecretString;

use super::attempts::OnAttempt;
use super::base_url::BaseUrl;
use super::budget::Budget;
use super::builder::PlainHttp;
use super::concurrency::Places;
use super::key::Key;
use super::{ClientBuilder, ConcurrencyLimit, Error, Operation, RetryPolicy, defaults};
use crate::generated::API;

/// A client of the API. Make one and clone it: clones are cheap and share connections, the
/// [bound](ConcurrencyLimit) on calls in flight and the budget of retries.
///
/// Each operation is a method that returns a builder for one call. `Debug` never shows the key.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    http: reqwest::Client,
    base_url: BaseUrl,
    key: Option<Key>,
    key_over_plain_http: PlainHttp,
    settings: Settings,
    budget: Budget,
    places: Places,
}

/// What a call needs to know besides where to send it and with which key.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) headers: HeaderMap,
    pub(super) response_timeout: Option<Duration>,
    pub(super) read_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) max_json_bytes: usize,
    pub(super) max_error_body_bytes: usize,
    pub(super) max_event_bytes: usize,
    pub(super) max_download_bytes: usize,
    pub(super) retry_policy: RetryPolicy,
    pub(super) retry_budget: u32,
    pub(super) concurrency_limit: ConcurrencyLimit,
    pub(super) on_attempt: Option<Arc<OnAttempt>>,
}

impl Client {
    /// A client with this key and the defaults of everything else. White space around the key is
    /// dropped. Nothing is read from the environment, nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](super::ErrorKind::Configuration) if the key is blank or can't stand in a
    /// header (a line break, for example), or if the system's TLS can't be set up.
    pub fn new(key: impl Into<SecretString>) -> Result<Self, Error> {
        Self::builder().api_key(key).build()
    }

    /// A client with key and base URL from the environment: the key from `COMETAPI_KEY`, else
    /// `COMETAPI_API_KEY`; the base URL from `COMETAPI_BASE_URL`, else the API's public address.
    ///
    /// Values are trimmed, a blank variable counts as missing. No key is no error here: an operation
    /// that needs one fails with [`ErrorKind::MissingApiKey`](super::ErrorKind::MissingApiKey) before anything is
    /// sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](super::ErrorKind::Configuration) if a variable's value can't be used; the
    /// message names the variable.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().env_vars().build()
    }

    /// Everything that can be set on a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// The address that the operations' paths are appended to: without `/v1`, without a slash at the
    /// end.
    pub fn base_url(&self) -> &str {
        self.0.base_url.as_str()
    }

    /// Whether the client was given a key.
    pub fn has_api_key(&self) -> bool {
        self.0.key.is_some()
    }

    pub(super) fn from_parts(
        http: reqwest::Client,
        base_url: BaseUrl,
        key: Option<Key>,
        key_over_plain_http: PlainHttp,
        settings: Settings,
    ) -> Self {
        Self(Arc::new(Shared {
            http,
            base_url,
            key,
            key_over_plain_http,
            budget: Budget::new(settings.retry_budget),
            places: Places::new(settings.concurrency_limit),
            settings,
        }))
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    /// The address of a path, which begins with a slash.
    pub(super) fn with_path(&self, path: &str) -> Url {
        self.0.base_url.with_path(path)
    }

    pub(super) fn api_key(&self) -> Option<&Key> {
        self.0.key.as_ref()
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.0.budget
    }

    pub(super) fn places(&self) -> &Places {
        &self.0.places
    }

    /// The key, if the operation is to be sent with it; an error if it must not or can't be.
    pub(super) fn api_key_for(&self, operation: &'static Operation) -> Result<Option<&Key>, Error> {
        use super::ErrorKind::{Configuration, MissingApiKey};
        if !operation.authenticated {
            return Ok(None);
        }
        let Some(key) = &self.0.key else {
            let message = match API.key_variables {
                [] => "no key: give one to the client".to_owned(),
                names => format!(
                    "no key: set {} or give one to the client",
                    names.join(" or ")
                ),
            };
            return Err(Error::of(operation, MissingApiKey, message));
        };
        if self.0.base_url.is_exposed() && self.0.key_over_plain_http == PlainHttp::Refused {
            let message = "the base URL is plain http to another host, which would show the key to \
                           everybody on the way; use https, or danger_allow_http_api_key()";
            return Err(Error::of(operation, Configuration, message));
        }
        Ok(Some(key))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            headers: HeaderMap::new(),
            response_timeout: defaults::RESPONSE_TIMEOUT,
            read_timeout: defaults::READ_TIMEOUT,
            timeout: defaults::TIMEOUT,
            max_json_bytes: defaults::MAX_JSON_BYTES,
            max_error_body_bytes: defaults::MAX_ERROR_BODY_BYTES,
            max_event_bytes: defaults::MAX_EVENT_BYTES,
            max_download_bytes: defaults::MAX_DOWNLOAD_BYTES,
            retry_policy: RetryPolicy::default(),
            retry_budget: defaults::RETRY_BUDGET,
            concurrency_limit: ConcurrencyLimit::default(),
            on_attempt: None,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url())
            .field("has_key", &self.has_api_key())
            .field("settings", self.settings())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("header_names", &self.headers.keys().collect::<Vec<_>>())
            .field("response_timeout", &self.response_timeout)
            .field("read_timeout", &self.read_timeout)
            .field("timeout", &self.timeout)
            .field("max_json_bytes", &self.max_json_bytes)
            .field("max_error_body_bytes", &self.max_error_body_bytes)
            .field("max_event_bytes", &self.max_event_bytes)
            .field("max_download_bytes", &self.max_download_bytes)
            .field("retry_policy", &self.retry_policy)
            .field("retry_budget", &self.retry_budget)
            .field("concurrency_limit", &self.concurrency_limit)
            .finish_non_exhaustive()
    }
}

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
use super::{ClientBuilder, Concurrency, Error, Operation, Retries, defaults};
use crate::generated::API;

/// A client of the API. Make one and clone it: clones are cheap and share connections, the
/// [bound](Concurrency) on calls in flight and the budget of retries.
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
    pub(super) head_timeout: Option<Duration>,
    pub(super) idle_timeout: Duration,
    pub(super) total_timeout: Duration,
    pub(super) json_limit: usize,
    pub(super) error_body_limit: usize,
    pub(super) event_limit: usize,
    pub(super) download_limit: usize,
    pub(super) retries: Retries,
    pub(super) retry_budget: u32,
    pub(super) concurrency: Concurrency,
    pub(super) on_attempt: Option<Arc<OnAttempt>>,
}

impl Client {
    /// A client with this key and the defaults of everything else. White space around the key is
    /// dropped. Nothing is read from the environment, nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Kind::Configuration`](super::Kind::Configuration) if the key is blank or can't stand in a
    /// header (a line break, for example), or if the system's TLS can't be set up.
    pub fn new(key: impl Into<SecretString>) -> Result<Self, Error> {
        Self::builder().key(key).build()
    }

    /// A client with key and base URL from the environment: the key from `COMETAPI_KEY`, else
    /// `COMETAPI_API_KEY`; the base URL from `COMETAPI_BASE_URL`, else the API's public address.
    ///
    /// Values are trimmed, a blank variable counts as missing. No key is no error here: an operation
    /// that needs one fails with [`Kind::MissingKey`](super::Kind::MissingKey) before anything is
    /// sent.
    ///
    /// # Errors
    ///
    /// [`Kind::Configuration`](super::Kind::Configuration) if a variable's value can't be used; the
    /// message names the variable.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().env().build()
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
    pub fn has_key(&self) -> bool {
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
            places: Places::new(settings.concurrency),
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

    pub(super) fn key(&self) -> Option<&Key> {
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
    pub(super) fn key_for(&self, operation: &'static Operation) -> Result<Option<&Key>, Error> {
        use super::Kind::{Configuration, MissingKey};
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
            return Err(Error::of(operation, MissingKey, message));
        };
        if self.0.base_url.is_exposed() && self.0.key_over_plain_http == PlainHttp::Refused {
            let message = "the base URL is plain http to another host, which would show the key to \
                           everybody on the way; use https, or allow_key_over_plain_http()";
            return Err(Error::of(operation, Configuration, message));
        }
        Ok(Some(key))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            headers: HeaderMap::new(),
            head_timeout: defaults::HEAD_TIMEOUT,
            idle_timeout: defaults::IDLE_TIMEOUT,
            total_timeout: defaults::TOTAL_TIMEOUT,
            json_limit: defaults::JSON_LIMIT,
            error_body_limit: defaults::ERROR_BODY_LIMIT,
            event_limit: defaults::EVENT_LIMIT,
            download_limit: defaults::DOWNLOAD_LIMIT,
            retries: Retries::default(),
            retry_budget: defaults::RETRY_BUDGET,
            concurrency: Concurrency::default(),
            on_attempt: None,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url())
            .field("has_key", &self.has_key())
            .field("settings", self.settings())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("header_names", &self.headers.keys().collect::<Vec<_>>())
            .field("head_timeout", &self.head_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("json_limit", &self.json_limit)
            .field("error_body_limit", &self.error_body_limit)
            .field("event_limit", &self.event_limit)
            .field("download_limit", &self.download_limit)
            .field("retries", &self.retries)
            .field("retry_budget", &self.retry_budget)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

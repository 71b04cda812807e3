//! The client: configuration, connections and limits, shared by its clones.

pub(crate) mod base_url;
pub(crate) mod builder;
pub(crate) mod config;
pub(crate) mod http_client;

use std::fmt;
use std::sync::Arc;

use reqwest::Url;

use crate::runtime::api::api_key::ApiKey;
use crate::runtime::api::operation::Operation;
use crate::runtime::client::base_url::BaseUrl;
use crate::runtime::client::config::{Config, PlaintextKey};
use crate::runtime::error::Error;
use crate::runtime::limit::limiter::ConcurrencyLimiter;
use crate::runtime::retry::budget::RetryBudget;
use crate::runtime::tolerance::deviation::Deviation;

/// A client of the API. Create one and clone it: clones are cheap and share connections,
/// [concurrency limit](crate::runtime::ConcurrencyLimit) and retry budget.
///
/// Each operation is a method that returns a builder for one call. `Debug` never contains the API key.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    http: reqwest::Client,
    base_url: BaseUrl,
    key: Option<ApiKey>,
    plaintext_key: PlaintextKey,
    config: Config,
    retry_budget: RetryBudget,
    limiter: ConcurrencyLimiter,
}

impl Client {
    /// Returns the URL that the paths of operations are appended to, without version prefix and trailing slash.
    pub fn base_url(&self) -> &str {
        self.0.base_url.as_str()
    }

    /// Returns whether the client has an API key.
    pub fn has_api_key(&self) -> bool {
        self.0.key.is_some()
    }

    pub(crate) fn new_inner(
        http: reqwest::Client,
        base_url: BaseUrl,
        key: Option<ApiKey>,
        plaintext_key: PlaintextKey,
        config: Config,
    ) -> Self {
        Self(Arc::new(Shared {
            http,
            base_url,
            key,
            plaintext_key,
            retry_budget: RetryBudget::new(config.retry_budget),
            limiter: ConcurrencyLimiter::new(config.concurrency_limit),
            config,
        }))
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    /// Returns the URL of a path, which begins with a slash.
    pub(crate) fn url_for(&self, path: &str) -> Url {
        self.0.base_url.join(path)
    }

    pub(crate) fn api_key(&self) -> Option<&ApiKey> {
        self.0.key.as_ref()
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    /// Calls the callback for the deviations of a response.
    pub(crate) fn report_deviations(&self, deviations: &[Deviation]) {
        if let Some(on_deviation) = &self.config().on_deviation {
            deviations
                .iter()
                .for_each(|deviation| on_deviation(deviation));
        }
    }

    pub(crate) fn retry_budget(&self) -> &RetryBudget {
        &self.0.retry_budget
    }

    pub(crate) fn limiter(&self) -> &ConcurrencyLimiter {
        &self.0.limiter
    }

    /// Returns the API key if the operation requires it, or an error if it is missing or must not be sent.
    pub(crate) fn api_key_for(
        &self,
        operation: &'static Operation,
    ) -> Result<Option<&ApiKey>, Error> {
        use crate::runtime::api::error_kind::ErrorKind::{Configuration, MissingApiKey};
        if !operation.authenticated {
            return Ok(None);
        }
        let Some(key) = &self.0.key else {
            let message = match operation.api.key_variables {
                [] => "no API key: call `ClientBuilder::api_key`".to_owned(),
                names => format!(
                    "no API key: set {} or call `ClientBuilder::api_key`",
                    names.join(" or ")
                ),
            };
            return Err(Error::for_operation(operation, MissingApiKey, message));
        };
        if self.0.base_url.is_plaintext_remote() && self.0.plaintext_key == PlaintextKey::Deny {
            let message = "the base URL is plain http to another host, which would expose the API key on \
                           the network; use https, or danger_allow_http_api_key()";
            return Err(Error::for_operation(operation, Configuration, message));
        }
        Ok(Some(key))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url())
            .field("has_key", &self.has_api_key())
            .field("config", self.config())
            .finish_non_exhaustive()
    }
}

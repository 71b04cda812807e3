//! Configuration shared by all calls of a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::runtime::defaults;
use crate::runtime::limit::concurrency::ConcurrencyLimit;
use crate::runtime::retry::attempt::OnAttempt;
use crate::runtime::retry::policy::RetryPolicy;
use crate::runtime::tolerance::Tolerance;
use crate::runtime::tolerance::deviation::Deviation;

/// The configuration of a client without the base URL and the API key.
#[derive(Clone)]
pub(crate) struct Config {
    /// The default headers, including `User-Agent`.
    pub(crate) headers: HeaderMap,
    pub(crate) response_timeout: Option<Duration>,
    pub(crate) write_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) finish_grace: Duration,
    pub(crate) max_json_bytes: usize,
    pub(crate) max_error_body_bytes: usize,
    pub(crate) max_event_bytes: usize,
    pub(crate) max_download_bytes: usize,
    pub(crate) retry_policy: RetryPolicy,
    pub(crate) retry_budget: u32,
    pub(crate) concurrency_limit: ConcurrencyLimit,
    pub(crate) on_attempt: Option<Arc<OnAttempt>>,
    pub(crate) tolerance: Tolerance,
    pub(crate) on_deviation: Option<Arc<OnDeviation>>,
}

/// A callback for the deviations of responses.
pub(crate) type OnDeviation = dyn Fn(&Deviation) + Send + Sync;

/// Whether the API key may be sent over unencrypted HTTP to a non-loopback host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlaintextKey {
    Deny,
    Allow,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            headers: HeaderMap::new(),
            response_timeout: defaults::RESPONSE_TIMEOUT,
            write_timeout: defaults::WRITE_TIMEOUT,
            read_timeout: defaults::READ_TIMEOUT,
            timeout: defaults::TIMEOUT,
            finish_grace: defaults::FINISH_GRACE,
            max_json_bytes: defaults::MAX_JSON_BYTES,
            max_error_body_bytes: defaults::MAX_ERROR_BODY_BYTES,
            max_event_bytes: defaults::MAX_EVENT_BYTES,
            max_download_bytes: defaults::MAX_DOWNLOAD_BYTES,
            retry_policy: RetryPolicy::default(),
            retry_budget: defaults::RETRY_BUDGET,
            concurrency_limit: ConcurrencyLimit::default(),
            on_attempt: None,
            tolerance: Tolerance::default(),
            on_deviation: None,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("header_names", &self.headers.keys().collect::<Vec<_>>())
            .field("response_timeout", &self.response_timeout)
            .field("write_timeout", &self.write_timeout)
            .field("read_timeout", &self.read_timeout)
            .field("timeout", &self.timeout)
            .field("finish_grace", &self.finish_grace)
            .field("max_json_bytes", &self.max_json_bytes)
            .field("max_error_body_bytes", &self.max_error_body_bytes)
            .field("max_event_bytes", &self.max_event_bytes)
            .field("max_download_bytes", &self.max_download_bytes)
            .field("retry_policy", &self.retry_policy)
            .field("retry_budget", &self.retry_budget)
            .field("concurrency_limit", &self.concurrency_limit)
            .field("tolerance", &self.tolerance)
            .finish_non_exhaustive()
    }
}

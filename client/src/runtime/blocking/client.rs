//! The blocking client, and how it is made.

use std::fmt;

use crate::runtime;
use crate::runtime::error::Error;

/// A client whose operations wait. Make one and clone it: clones are cheap and share connections,
/// the [bound](runtime::ConcurrencyLimit) on calls in flight and the budget of retries.
///
/// Each operation is a method that returns a builder for one call. `Debug` never shows the key.
#[derive(Clone)]
pub struct Client(runtime::Client);

/// Collects a blocking client's settings, the same as those of an async one.
///
/// ```
/// # use std::time::Duration;
/// # use cometapi::blocking::Client;
/// let client = Client::builder()
///     .api_key("sk-example")
///     .timeout(Duration::from_secs(60))
///     .build()?;
/// assert!(client.has_api_key());
/// # Ok::<(), cometapi::Error>(())
/// ```
pub type ClientBuilder = runtime::ClientBuilder<Client>;

impl Client {
    /// The address that the operations' paths are appended to: without `/v1`, without a slash at the
    /// end.
    pub fn base_url(&self) -> &str {
        self.0.base_url()
    }

    /// Whether the client was given a key.
    pub fn has_api_key(&self) -> bool {
        self.0.has_api_key()
    }

    /// What performs the calls.
    pub(crate) fn inner(&self) -> &runtime::Client {
        &self.0
    }
}

impl ClientBuilder {
    /// Checks the settings and makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](runtime::ErrorKind::Configuration) for a blank or unusable key, base URL,
    /// user agent or header, if the system's TLS can't be set up, or if the system has no thread to
    /// give. No message repeats the value.
    pub fn build(self) -> Result<Client, Error> {
        super::ensure_runtime()?;
        Ok(Client(self.build_client()?))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

//! The blocking client and its builder.

use std::fmt;

use crate::runtime;
use crate::runtime::error::Error;

/// A client whose operations block. Create one and clone it: clones are cheap and share connections,
/// [concurrency limit](runtime::ConcurrencyLimit) and retry budget.
///
/// Each operation is a method that returns a builder for one call. `Debug` never contains the API key.
#[derive(Clone)]
pub struct Client(runtime::Client);

/// A builder for a blocking client, with the settings of the async one.
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
    /// Returns the URL that the paths of operations are appended to, without version prefix and trailing slash.
    pub fn base_url(&self) -> &str {
        self.0.base_url()
    }

    /// Returns whether the client has an API key.
    pub fn has_api_key(&self) -> bool {
        self.0.has_api_key()
    }

    /// Returns the async client that performs the calls.
    pub(crate) fn inner(&self) -> &runtime::Client {
        &self.0
    }
}

impl ClientBuilder {
    /// Validates the settings and creates the client. Nothing is sent.
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

//! The servers of a run, each behind a proxy, and the processes that call them.

use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::NamedTempFile;
use tokio::runtime::Runtime;

use super::proxy::Proxy;
use super::tls_server::{self, Identity, Protocol};
use crate::scenario::Problem;

pub struct Servers {
    http1: Proxy,
    http2: Proxy,
    certificate: NamedTempFile,
    _runtime: Runtime,
}

impl Servers {
    pub fn start() -> Result<Self, Problem> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let identity = Identity::generate()?;
        let certificate = NamedTempFile::new()?;
        std::fs::write(certificate.path(), identity.certificate())?;
        let (http1, http2) = runtime.block_on(async {
            let http1 = tls_server::start(&identity, Protocol::Http1).await?;
            let http2 = tls_server::start(&identity, Protocol::Http2).await?;
            Ok::<_, Problem>((Proxy::start(http1).await?, Proxy::start(http2).await?))
        })?;
        Ok(Self {
            http1,
            http2,
            certificate,
            _runtime: runtime,
        })
    }

    pub fn proxy(&self, protocol: Protocol) -> &Proxy {
        match protocol {
            Protocol::Http1 => &self.http1,
            Protocol::Http2 => &self.http2,
        }
    }

    /// The base URL of streams whose events come with this pause.
    pub fn base(&self, protocol: Protocol, pause: Duration) -> String {
        let port = self.proxy(protocol).port;
        format!("https://localhost:{port}/{}", pause.as_millis())
    }

    /// What a client in a process of its own prints. It trusts the certificate as it trusts the system's.
    pub fn output(&self, command: &mut Command) -> Result<String, Problem> {
        let output = command
            .env("SSL_CERT_FILE", self.certificate.path())
            .env_remove("SSL_CERT_DIR")
            .env("NO_PROXY", "localhost")
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err(format!("{command:?}: {}", output.status).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

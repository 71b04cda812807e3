//! An address where no one listens, and who has requested it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::dns::{Name, Resolve, Resolving};
use tokio::net::TcpSocket;

/// A port that is taken, so that no other server gets it, and that refuses connections.
///
/// No server can count the attempts. The client looks the name up once for each, so that is counted.
#[derive(Debug)]
pub(crate) struct ClosedPort {
    _socket: TcpSocket,
    address: SocketAddr,
    lookups: Arc<AtomicUsize>,
}

impl ClosedPort {
    pub(crate) fn start() -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(([127, 0, 0, 1], 0).into())?;
        Ok(Self {
            address: socket.local_addr()?,
            _socket: socket,
            lookups: Arc::default(),
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// An HTTP client that looks names up here.
    pub(crate) fn http_client(&self) -> Result<reqwest::Client, String> {
        let counted = CountingResolver {
            address: self.address,
            lookups: Arc::clone(&self.lookups),
        };
        let builder = reqwest::Client::builder().no_proxy();
        let builder = builder.dns_resolver(counted);
        builder.build().map_err(|error| error.to_string())
    }

    /// How many attempts there have been.
    pub(crate) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }
}

struct CountingResolver {
    address: SocketAddr,
    lookups: Arc<AtomicUsize>,
}

impl Resolve for CountingResolver {
    fn resolve(&self, _: Name) -> Resolving {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let addresses = std::iter::once(self.address);
        Box::pin(async { Ok(Box::new(addresses) as _) })
    }
}

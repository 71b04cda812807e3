//! A TCP proxy that delays: what it has read it forwards a fixed time later, as many bytes a second as come.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

/// How long each direction takes; a round trip is twice as long.
pub const DELAY: Duration = Duration::from_millis(25);

/// What is read at once: as much as a record of TLS holds.
const CHUNK: usize = 16 * 1024;

pub struct Proxy {
    pub port: u16,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    connections: AtomicU64,
    bytes_to_server: AtomicU64,
    bytes_to_client: AtomicU64,
}

impl Proxy {
    /// Forwards to this address as long as the runtime lives.
    pub async fn start(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let counts = Arc::<Counts>::default();
        let counted = Arc::clone(&counts);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                counted.connections.fetch_add(1, Relaxed);
                // Either end may hang up at any time.
                let forwarded = forward(client, target, Arc::clone(&counted));
                tokio::spawn(async move { drop(forwarded.await) });
            }
        });
        Ok(Self { port, counts })
    }

    /// The connections that were opened since the last time.
    pub fn take_connections(&self) -> u64 {
        self.counts.connections.swap(0, Relaxed)
    }

    /// The bytes that went to clients since the last time, TLS included.
    pub fn take_bytes_to_client(&self) -> u64 {
        self.counts.bytes_to_client.swap(0, Relaxed)
    }
}

async fn forward(client: TcpStream, target: SocketAddr, counts: Arc<Counts>) -> io::Result<()> {
    // The client's kernel connected at once. Over a network that takes a round trip, before which nothing can be sent.
    sleep(2 * DELAY).await;
    let server = TcpStream::connect(target).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(
        delayed(from_client, to_server, &counts.bytes_to_server),
        delayed(from_server, to_client, &counts.bytes_to_client),
    );
    Ok(())
}

/// One direction. The queue has no limit, so that a chunk waits for the delay and never for those before it.
async fn delayed(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, bytes: &AtomicU64) {
    let (queue, mut queued) = mpsc::unbounded_channel();
    let read = async move {
        loop {
            let mut chunk = BytesMut::with_capacity(CHUNK);
            let length = from.read_buf(&mut chunk).await.unwrap_or(0);
            // An empty chunk is the end, which is delayed too.
            if queue.send((Instant::now() + DELAY, chunk)).is_err() || length == 0 {
                return;
            }
        }
    };
    let write = async move {
        while let Some((due, chunk)) = queued.recv().await {
            sleep_until(due).await;
            bytes.fetch_add(chunk.len() as u64, Relaxed);
            if to.write_all(&chunk).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(read, write);
}

//! A server on loopback that plays a script on every connection: what it writes, when, and how it ends.
//!
//! `mod.rs` has the server and its steps, `framing.rs` finds the end of a request, `closed_port.rs` is an
//! address that refuses connections.

pub(crate) mod closed_port;
pub(crate) mod framing;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// One thing that a server does once it has read a request. After the last it closes the
/// connection.
#[derive(Clone, Debug)]
pub enum Step {
    /// Doesn't read the request to its end before it goes on. Only as the first step.
    SkipRequest,
    /// Sends bytes.
    Write(Vec<u8>),
    /// Does nothing for a moment.
    Pause(Duration),
    /// Sends the same again and again, until the client goes away or it is [`REPEAT_BYTES`].
    Repeat(Vec<u8>),
    /// Does nothing until the client goes away.
    Stall,
    /// Breaks the connection instead of closing it.
    Reset,
}

/// How many bytes an endless response has: more than any limit of a client under test.
pub const REPEAT_BYTES: usize = 2 << 20;

/// Plays the same script for every request, one on a connection, until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    script: Arc<Mutex<Arc<Script>>>,
    task: JoinHandle<()>,
}

/// What a server does, and how often it was requested to.
#[derive(Debug, Default)]
pub struct Script {
    steps: Vec<Step>,
    requests: AtomicUsize,
    ended: Notify,
}

impl Server {
    /// One that closes each connection after the request, until it has a script.
    ///
    /// # Errors
    ///
    /// If there is no port to listen on.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let script = Arc::default();
        let task = tokio::spawn(serve(listener, Arc::clone(&script)));
        Ok(Self {
            address,
            script,
            task,
        })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Plays these steps from the next connection on.
    pub fn play(&self, steps: impl IntoIterator<Item = Step>) -> Arc<Script> {
        let script = Arc::new(Script {
            steps: steps.into_iter().collect(),
            ..Script::default()
        });
        let mut playing = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        *playing = Arc::clone(&script);
        script
    }
}

impl Script {
    /// How many requests have come, or begun to.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Waits until the script has ended on a connection, or the client has left it.
    pub async fn ended(&self) {
        self.ended.notified().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, script: Arc<Mutex<Arc<Script>>>) {
    while let Ok((connection, _)) = listener.accept().await {
        let script = Arc::clone(&script.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::spawn(async move {
            // The client may hang up on a response that it doesn't like.
            let _ = converse(connection, &script).await;
            script.ended.notify_one();
        });
    }
}

async fn converse(mut connection: TcpStream, script: &Script) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut request = Vec::new();
    if connection.read_buf(&mut request).await? == 0 {
        return Ok(());
    }
    script.requests.fetch_add(1, Ordering::SeqCst);
    let ignores = matches!(script.steps[..], [Step::SkipRequest, ..]);
    // Closing before everything is read would reset the connection under the response.
    while !ignores && !framing::is_complete(&request) {
        if connection.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    for step in &script.steps {
        match step {
            Step::SkipRequest => (),
            Step::Write(bytes) => {
                connection.write_all(bytes).await?;
                // The client gets to read before the next bytes are there.
                tokio::task::yield_now().await;
            }
            Step::Pause(time) => tokio::time::sleep(*time).await,
            Step::Repeat(chunk) => {
                let mut left = REPEAT_BYTES;
                while left > 0 {
                    let chunk = &chunk[..chunk.len().min(left)];
                    connection.write_all(chunk).await?;
                    left -= chunk.len();
                }
            }
            Step::Stall => while connection.read_buf(&mut request).await? > 0 {},
            Step::Reset => connection.set_zero_linger()?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    async fn ask(server: &Server, request: &[u8]) -> io::Result<Vec<u8>> {
        let mut connection = TcpStream::connect(server.address).await?;
        connection.write_all(request).await?;
        let mut response = Vec::new();
        connection.read_to_end(&mut response).await?;
        Ok(response)
    }

    #[tokio::test]
    async fn requests_are_counted_and_not_connections() {
        let server = Server::start().await.unwrap();
        let play = server.play(vec![Step::Write(b"x".to_vec())]);
        drop(TcpStream::connect(server.address).await.unwrap());
        let request = b"GET / HTTP/1.1\r\n\r\n";
        for count in 1..=2 {
            assert_eq!(ask(&server, request).await.unwrap(), b"x");
            assert_eq!(play.requests(), count);
        }
        assert_eq!(server.play(Vec::new()).requests(), 0);
    }

    #[tokio::test]
    async fn a_reset_is_no_end() {
        let server = Server::start().await.unwrap();
        server.play(vec![Step::Reset]);
        let error = ask(&server, b"GET / HTTP/1.1\r\n\r\n").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
}

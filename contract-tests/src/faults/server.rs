//! The faulty server.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::wire::{REPEAT_BYTES, Step};
use crate::replay::is_whole;

/// Responses every request in the same wrong way, one on a connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    play: Arc<Mutex<Arc<Script>>>,
    task: JoinHandle<()>,
}

/// What a server does, and how often it was requested to.
#[derive(Debug, Default)]
pub(super) struct Script {
    steps: Vec<Step>,
    requests: AtomicUsize,
}

impl Server {
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let play = Arc::default();
        let task = tokio::spawn(serve(listener, Arc::clone(&play)));
        Ok(Self {
            address,
            play,
            task,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Responses like this from now on.
    pub(super) fn play(&self, steps: Vec<Step>) -> Arc<Script> {
        let play = Arc::new(Script {
            steps,
            requests: AtomicUsize::new(0),
        });
        let mut playing = self.play.lock().unwrap_or_else(PoisonError::into_inner);
        *playing = Arc::clone(&play);
        play
    }
}

impl Script {
    /// How many requests have come, or begun to.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, play: Arc<Mutex<Arc<Script>>>) {
    while let Ok((connection, _)) = listener.accept().await {
        let play = Arc::clone(&play.lock().unwrap_or_else(PoisonError::into_inner));
        // The client may hang up on a response that it doesn't like.
        tokio::spawn(async move { converse(connection, &play).await });
    }
}

async fn converse(mut connection: TcpStream, play: &Script) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut request = Vec::new();
    if connection.read_buf(&mut request).await? == 0 {
        return Ok(());
    }
    play.requests.fetch_add(1, Ordering::SeqCst);
    let ignores = matches!(play.steps[..], [Step::SkipRequest, ..]);
    while !ignores && !is_whole(&request) {
        if connection.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    for step in &play.steps {
        match step {
            Step::SkipRequest => (),
            Step::Write(bytes) => connection.write_all(bytes).await?,
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

//! A server that responds with prepared bytes and nothing else.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::chunked;

/// What is written, write by write.
type Writes = Arc<Mutex<Arc<[Vec<u8>]>>>;

/// Responses every connection and closes it, until it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: std::net::SocketAddr,
    writes: Writes,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let writes = Writes::new(Mutex::new(Arc::new([])));
        let task = tokio::spawn(serve(listener, Arc::clone(&writes)));
        Ok(Self {
            address,
            writes,
            task,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Responses with these writes from now on.
    pub(super) fn play(&self, writes: Vec<Vec<u8>>) {
        let mut playing = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        *playing = writes.into();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, writes: Writes) {
    while let Ok((mut connection, _)) = listener.accept().await {
        let writes = Arc::clone(&writes.lock().unwrap_or_else(PoisonError::into_inner));
        // The client may hang up on a response that it doesn't like.
        let _ = converse(&mut connection, &writes).await;
    }
}

async fn converse(connection: &mut TcpStream, writes: &[Vec<u8>]) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut request = Vec::new();
    // Closing before everything is read would reset the connection under the response.
    while !is_whole(&request) {
        if connection.read_buf(&mut request).await? == 0 {
            break;
        }
    }
    for bytes in writes {
        connection.write_all(bytes).await?;
        // The client gets to read before the next chunk is there.
        tokio::task::yield_now().await;
    }
    connection.shutdown().await
}

/// Whether a request has come to its end.
pub(crate) fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let (head, body) = (&request[..end], &request[end + 4..]);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value = |name| head.lines().find_map(|line| line.strip_prefix(name));
    match value("content-length:").map(|length| length.trim().parse()) {
        Some(Ok(length)) => body.len() >= length,
        _ => value("transfer-encoding:").is_none() || chunked::is_whole(body),
    }
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn a_request_ends_where_its_head_says() {
        assert!(!is_whole(b"GET / HTTP/1.1\r\nhost: x\r\n"));
        assert!(is_whole(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
        let head = "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n";
        assert!(!is_whole(format!("{head}{{").as_bytes()));
        assert!(is_whole(format!("{head}{{}}").as_bytes()));
        let head = "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";
        assert!(!is_whole(format!("{head}2\r\n{{}}\r\n").as_bytes()));
        assert!(is_whole(format!("{head}2\r\n{{}}\r\n0\r\n\r\n").as_bytes()));
    }
}

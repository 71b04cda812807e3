//! A server that gives one answer to everything, byte for byte.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::chunked;

/// Answers every connection with these bytes and closes it.
pub(super) async fn serve(listener: TcpListener, answer: Vec<u8>) {
    while let Ok((mut connection, _)) = listener.accept().await {
        // The client may hang up on an answer that it doesn't like.
        let _ = converse(&mut connection, &answer).await;
    }
}

async fn converse(connection: &mut TcpStream, answer: &[u8]) -> io::Result<()> {
    let mut request = Vec::new();
    // Closing before everything is read would reset the connection under the answer.
    while !is_whole(&request) {
        if connection.read_buf(&mut request).await? == 0 {
            break;
        }
    }
    connection.write_all(answer).await?;
    connection.shutdown().await
}

fn is_whole(request: &[u8]) -> bool {
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

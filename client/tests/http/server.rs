//! Servers for the tests: one that plays a script, and one that captures requests.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

#[derive(Clone, Debug)]
pub enum Step {
    Send(Vec<u8>),
    Pause(Duration),
}

pub struct Server {
    pub address: String,
    connection: JoinHandle<String>,
}

impl Server {
    /// Waits for the end of the script and returns the request line and headers.
    pub async fn request(self) -> String {
        self.connection.await.unwrap()
    }
}

pub fn send(text: impl Into<Vec<u8>>) -> Step {
    Step::Send(text.into())
}

/// A complete response.
pub fn http_response(status_and_headers: &str, body: &str) -> [Step; 1] {
    [send(format!(
        "HTTP/1.1 {status_and_headers}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))]
}

/// Serves one connection and closes it at the end of the script.
pub async fn start(script: &[Step]) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let script = script.to_vec();
    let connection = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_headers(&mut stream).await.unwrap();
        for step in script {
            match step {
                // Some tests close the connection before the end of the script.
                Step::Send(bytes) => drop(stream.write_all(&bytes).await),
                Step::Pause(time) => tokio::time::sleep(time).await,
            }
        }
        request
    });
    Server {
        address,
        connection,
    }
}

/// Reads the request line and headers of a request.
pub async fn read_headers(stream: &mut TcpStream) -> io::Result<String> {
    read_until(stream, "\r\n\r\n").await
}

async fn read_until(stream: &mut TcpStream, end: &str) -> io::Result<String> {
    let mut text = Vec::new();
    while !text.ends_with(end.as_bytes()) {
        text.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8(text).unwrap())
}

/// A received request. The body is without its chunked encoding.
pub struct CapturedRequest {
    pub headers: String,
    pub body: Vec<u8>,
}

impl CapturedRequest {
    pub fn header(&self, name: &str) -> Vec<&str> {
        let lines = self
            .headers
            .lines()
            .filter_map(|line| line.split_once(": "));
        let matching = lines.filter(|(other, _)| other.eq_ignore_ascii_case(name));
        matching.map(|(_, value)| value).collect()
    }

    pub fn boundary(&self) -> &str {
        let [media_type] = self.header("content-type")[..] else {
            panic!("{}", self.headers);
        };
        media_type
            .strip_prefix("multipart/form-data; boundary=")
            .unwrap()
    }

    /// The multipart body as text, with the boundary replaced by `B`.
    pub fn text(&self) -> String {
        let text = String::from_utf8(self.body.clone()).unwrap();
        text.replace(self.boundary(), "B")
    }

    /// The content of the last part of the multipart body, which is the file.
    pub fn file(&self) -> &[u8] {
        let end = format!("\r\n--{}--\r\n", self.boundary());
        let body = self.body.strip_suffix(end.as_bytes()).unwrap();
        let find = |pattern: &[u8], from: usize| {
            let mut windows = body[from..].windows(pattern.len());
            from + windows.position(|window| window == pattern).unwrap()
        };
        &body[find(b"\r\n\r\n", find(b"; filename=", 0)) + 4..]
    }
}

/// Captures a number of requests, each on a connection of its own, and responds to them with `{}`.
pub async fn capture(requests: usize) -> (String, JoinHandle<Vec<CapturedRequest>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let mut captured = Vec::new();
        for _ in 0..requests {
            let (mut stream, _) = listener.accept().await.unwrap();
            captured.push(read_request(&mut stream).await.unwrap());
            let response = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
            stream.write_all(response.as_bytes()).await.unwrap();
        }
        captured
    });
    (address, server)
}

/// Reads a complete request.
pub async fn read_request(stream: &mut TcpStream) -> io::Result<CapturedRequest> {
    let mut captured = CapturedRequest {
        headers: read_headers(stream).await?,
        body: Vec::new(),
    };
    let length = captured.header("content-length").first().copied();
    if let Some(length) = length {
        captured.body.resize(length.parse().unwrap(), 0);
        stream.read_exact(&mut captured.body).await?;
        return Ok(captured);
    }
    assert_eq!(captured.header("transfer-encoding"), ["chunked"]);
    loop {
        let size = read_until(stream, "\r\n").await?;
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        stream.read_exact(&mut chunk).await?;
        captured.body.extend_from_slice(&chunk[..size]);
        if size == 0 {
            return Ok(captured);
        }
    }
}

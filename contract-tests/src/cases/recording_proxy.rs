//! What stands between client and server, and sees what goes over the wire.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::server::framing::is_complete;

/// Passes requests on to a server, one at a time, until it is dropped.
#[derive(Debug)]
pub struct RecordingProxy {
    url: String,
    shared: Arc<Mutex<Shared>>,
    task: JoinHandle<()>,
}

/// What is done with the next requests.
#[derive(Clone, Debug, Default)]
pub struct ForwardOptions {
    /// The server's address.
    pub server: String,
    /// Which of its responses the server is requested.
    pub prefer: Option<String>,
    /// What becomes of the key on the way.
    pub key: Key,
}

/// What becomes of the key on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Key {
    /// It goes on as it came.
    #[default]
    Kept,
    /// The server gets the request without it.
    Removed,
}

/// A request as the client sent it, and the head of what came back.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// As sent.
    pub method: String,
    /// With its query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// As sent.
    pub body: Vec<u8>,
    /// Of the response.
    pub status: u16,
    /// Of the response; empty if it has none.
    pub media_type: String,
}

#[derive(Debug, Default)]
struct Shared {
    errand: ForwardOptions,
    exchanges: Vec<Exchange>,
}

impl RecordingProxy {
    /// On a free port of the loopback interface.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Mutex::new(Shared::default()));
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { url, shared, task })
    }

    /// What a client takes as its base URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What to do from now on.
    pub fn send(&self, errand: ForwardOptions) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.errand = errand;
        shared.exchanges.clear();
    }

    /// What has gone over the wire since.
    pub fn exchanges(&self) -> Vec<Exchange> {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.exchanges.clone()
    }
}

impl Drop for RecordingProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Exchange {
    /// The value of a header of the request.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

async fn serve(listener: TcpListener, shared: Arc<Mutex<Shared>>) {
    while let Ok((connection, _)) = listener.accept().await {
        // Either side may hang up, which the other gets to see.
        let _ = pass(connection, &shared).await;
    }
}

async fn pass(mut client: TcpStream, shared: &Mutex<Shared>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut request = Vec::new();
    while !is_complete(&request) {
        if client.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let errand = {
        let shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.errand.clone()
    };
    let mut exchange = read_request(&request);
    let mut server = TcpStream::connect(&errand.server).await?;
    server.set_nodelay(true)?;
    server.write_all(&passed_on(&exchange, &errand)).await?;
    let mut response = Vec::new();
    // The server closes the connection at the end of its response.
    while server.read_buf(&mut response).await? > 0 {}
    read_response(&response, &mut exchange);
    {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        // Before the client has it, so that whoever has the response finds it here.
        shared.exchanges.push(exchange);
    }
    client.write_all(&response).await?;
    client.shutdown().await
}

fn read_request(request: &[u8]) -> Exchange {
    let (head, body) = parts(request);
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    Exchange {
        method: words.next().unwrap_or_default().to_owned(),
        path: words.next().unwrap_or_default().to_owned(),
        headers: lines.filter_map(header).collect(),
        body: body.to_vec(),
        ..Exchange::default()
    }
}

fn read_response(response: &[u8], exchange: &mut Exchange) {
    let (head, _) = parts(response);
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    exchange.status = status.and_then(|text| text.parse().ok()).unwrap_or(0);
    let media_type = lines
        .filter_map(header)
        .find(|(name, _)| name == "content-type");
    exchange.media_type = media_type.map(|(_, value)| value).unwrap_or_default();
}

fn parts(message: &[u8]) -> (String, &[u8]) {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap_or(message.len());
    let head = String::from_utf8_lossy(&message[..end]).into_owned();
    (head, message.get(end + 4..).unwrap_or_default())
}

fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.to_ascii_lowercase(), value.trim().to_owned()))
}

fn passed_on(exchange: &Exchange, errand: &ForwardOptions) -> Vec<u8> {
    let mut head = format!("{} {} HTTP/1.1\r\n", exchange.method, exchange.path);
    for (name, value) in &exchange.headers {
        let is_removed = errand.key == Key::Removed && name == "authorization";
        if !is_removed && name != "connection" {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    if let Some(prefer) = &errand.prefer {
        head.push_str(&format!("prefer: {prefer}\r\n"));
    }
    head.push_str("connection: close\r\n\r\n");
    [head.as_bytes(), &exchange.body].concat()
}

//! A server that reads one request, then plays a script.

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
    /// The request that came, as text, once the script is over.
    pub async fn request(self) -> String {
        self.connection.await.unwrap()
    }
}

pub fn send(text: impl Into<Vec<u8>>) -> Step {
    Step::Send(text.into())
}

/// A complete response.
pub fn http_response(head: &str, body: &str) -> [Step; 1] {
    [send(format!(
        "HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}",
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
        let request = read_head(&mut stream).await;
        for step in script {
            match step {
                // The client may have gone: that is what some tests are about.
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

async fn read_head(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(request).unwrap()
}

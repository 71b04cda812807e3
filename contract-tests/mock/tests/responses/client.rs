//! A client that knows no more than a socket.

use std::path::Path;

use cometapi_contract::Contract;
use cometapi_mock::Mock;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const KEY: &str = "authorization: Bearer sk-anything\r\n";

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
    /// The same, as text.
    pub(crate) body: String,
}

pub(crate) fn contract() -> Contract {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/responses/things.yaml");
    Contract::read(&file).unwrap()
}

pub(crate) async fn things() -> Mock {
    let contract = contract();
    Mock::builder().contract(&contract).start().await.unwrap()
}

/// HTTP/1.0 knows no chunks: what comes after the head is the body.
pub(crate) async fn ask(mock: &Mock, line: &str, headers: &str, body: impl AsRef<[u8]>) -> Answer {
    let mut socket = send(mock, &format!("{line} HTTP/1.0"), headers, body.as_ref()).await;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let bytes = answer.split_off(end.unwrap() + 4);
    let head = String::from_utf8(answer).unwrap();
    let media_type = head
        .lines()
        .find_map(|line| line.strip_prefix("content-type: "));
    Answer {
        status: head[9..12].parse().unwrap(),
        media_type: media_type.unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    }
}

/// What an error says.
#[track_caller]
pub(crate) fn message(answer: &Answer) -> String {
    assert_eq!(answer.status, 400, "{}", answer.body);
    let error: Value = serde_json::from_str(&answer.body).unwrap();
    error["error"]["message"].as_str().unwrap().to_owned()
}

pub(crate) async fn send(mock: &Mock, line: &str, headers: &str, body: &[u8]) -> TcpStream {
    let address = mock.url().replace("http://", "");
    let length = body.len();
    let head = format!(
        "{line}\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(body).await.unwrap();
    socket
}

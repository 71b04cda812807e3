//! HTTP client over a socket, and a mock of `things.yaml`.

use std::path::Path;

use cometapi_contract::Contract;
use cometapi_mock::Mock;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const API_KEY: &str = "authorization: Bearer sk-anything\r\n";

pub(crate) struct ClientResponse {
    pub(crate) status: u16,
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
    /// The bytes as text.
    pub(crate) body: String,
}

pub(crate) fn contract() -> Contract {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/responses/things.yaml");
    Contract::read(&file).unwrap()
}

pub(crate) async fn start_mock() -> Mock {
    let contract = contract();
    Mock::builder().contract(&contract).start().await.unwrap()
}

/// Sends a request and reads its response. HTTP/1.0 has no chunked encoding: the body is all that follows the head.
pub(crate) async fn request(
    mock: &Mock,
    line: &str,
    headers: &str,
    body: impl AsRef<[u8]>,
) -> ClientResponse {
    let mut socket = send(mock, &format!("{line} HTTP/1.0"), headers, body.as_ref()).await;
    let mut response = Vec::new();
    socket.read_to_end(&mut response).await.unwrap();
    let end = response.windows(4).position(|four| four == b"\r\n\r\n");
    let bytes = response.split_off(end.unwrap() + 4);
    let head = String::from_utf8(response).unwrap();
    let media_type = head
        .lines()
        .find_map(|line| line.strip_prefix("content-type: "));
    ClientResponse {
        status: head[9..12].parse().unwrap(),
        media_type: media_type.unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    }
}

/// The message of an error response.
#[track_caller]
pub(crate) fn message(response: &ClientResponse) -> String {
    assert_eq!(response.status, 400, "{}", response.body);
    let error: Value = serde_json::from_str(&response.body).unwrap();
    error["error"]["message"].as_str().unwrap().to_owned()
}

/// Sends an HTTP request and returns its socket.
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

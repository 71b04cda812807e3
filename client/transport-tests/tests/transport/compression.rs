//! Compressed responses: decoded where they were requested, and limited by what they decode to.

use async_compression::tokio::write::GzipEncoder;
use cometapi::{ChatMessage, Client, Error, RetryPolicy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

async fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(bytes).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

/// Responds to one request; gives its headers.
async fn serve(
    media_type: &'static str,
    encoding: &'static str,
    body: Vec<u8>,
) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let length = body.len();
        let response = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-encoding: {encoding}\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n"
        );
        let _ = stream.write_all(response.as_bytes()).await;
        let _ = stream.write_all(&body).await;
        String::from_utf8(head).unwrap().to_ascii_lowercase()
    });
    (url, served)
}

fn client(url: &str) -> cometapi::ClientBuilder {
    let builder = Client::builder().base_url(url).api_key("sk-secret");
    builder.retry_policy(RetryPolicy::never())
}

#[tokio::test]
async fn json_is_requested_and_decoded() {
    let body = gzip(br#"{"data":[{"id":"a"}]}"#).await;
    let (url, served) = serve("application/json", "gzip", body).await;
    let models = client(&url)
        .build()
        .unwrap()
        .list_models()
        .send()
        .await
        .unwrap();
    assert_eq!(models.data[0].id, "a");
    assert!(models.headers().get("content-encoding").is_none());
    assert_eq!(&models.raw()[..], br#"{"data":[{"id":"a"}]}"#);
    let head = served.await.unwrap();
    assert!(head.contains("\r\naccept-encoding: gzip,br\r\n"), "{head}");
}

#[tokio::test]
async fn streams_and_audio_are_requested_uncompressed() {
    let events =
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n\n";
    let (url, served) = serve("text/event-stream", "identity", events.into()).await;
    let client_of = |url: &str| client(url).build().unwrap();
    let chat = client_of(&url).create_chat_completion().model("m");
    let mut stream = chat
        .messages([ChatMessage::user("Hi")])
        .stream()
        .await
        .unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    assert!(
        served
            .await
            .unwrap()
            .contains("\r\naccept-encoding: identity\r\n")
    );

    let (url, served) = serve("audio/mpeg", "identity", b"ID3".to_vec()).await;
    let speech = client_of(&url)
        .create_speech()
        .model("m")
        .voice("alloy")
        .input("Hi");
    let download = speech.send().await.unwrap();
    assert_eq!(download.content_length(), Some(3));
    assert_eq!(&download.bytes().await.unwrap()[..], b"ID3");
    assert!(
        served
            .await
            .unwrap()
            .contains("\r\naccept-encoding: identity\r\n")
    );
}

/// What a compressed download's length would be isn't known before it is decoded.
#[tokio::test]
async fn a_download_that_is_compressed_all_the_same_has_no_length() {
    let (url, _served) = serve("audio/mpeg", "gzip", gzip(&[7; 1000]).await).await;
    let client = client(&url).build().unwrap();
    let speech = client.create_speech().model("m").voice("alloy").input("Hi");
    let download = speech.send().await.unwrap();
    assert_eq!(download.content_length(), None);
    assert_eq!(download.bytes().await.unwrap(), vec![7; 1000]);
}

/// 64 MiB of space in 64 KiB: more than the limit, and not more than that is decoded.
pub(crate) async fn decompression_bomb() -> Error {
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]).await;
    assert!(bomb.len() < 100_000);
    let (url, _served) = serve("application/json", "gzip", bomb).await;
    let client = client(&url).max_json_bytes(1024 * 1024).build().unwrap();
    client.list_models().send().await.unwrap_err()
}

/// All that was announced arrives, and is half of what was compressed.
pub(crate) async fn truncated_gzip() -> Error {
    let mut body = gzip(br#"{"data":[{"id":"a"}]}"#).await;
    body.truncate(body.len() / 2);
    let (url, _served) = serve("application/json", "gzip", body).await;
    let client = client(&url).build().unwrap();
    client.list_models().send().await.unwrap_err()
}

/// reqwest could decode it in this program, because another crate has enabled that.
pub(crate) async fn not_requested(encoding: &'static str) -> Error {
    let (url, served) = serve("application/json", encoding, b"{}".to_vec()).await;
    let client = client(&url).build().unwrap();
    let error = client.list_models().send().await.unwrap_err();
    assert!(!served.await.unwrap().contains(encoding));
    error
}

#[tokio::test]
async fn an_encoding_that_was_not_requested_is_named() {
    for encoding in ["zstd", "deflate"] {
        let error = not_requested(encoding).await;
        let named = format!("`{encoding}`");
        assert!(error.message().contains(&named), "{error}");
    }
}

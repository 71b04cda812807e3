//! What another crate of the program has enabled in reqwest is used only if this client's own feature asks for it.
//!
//! reqwest has all its features here. `run` builds this twice, with the client's features and without them.

use cometapi::{Client, RetryPolicy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::Acceptor;

fn client(url: &str) -> Client {
    let builder = Client::builder().base_url(url).api_key("sk-secret");
    builder.retry_policy(RetryPolicy::never()).build().unwrap()
}

/// The server reads the first message of the handshake and hangs up, so no certificate has to be trusted.
#[tokio::test]
async fn http2_is_offered_with_the_feature_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let offered = tokio::spawn(async move {
        let (connection, _) = listener.accept().await.unwrap();
        let handshake = LazyConfigAcceptor::new(Acceptor::default(), connection).await;
        let handshake = handshake.unwrap();
        let protocols = handshake.client_hello().alpn();
        let protocols = protocols.into_iter().flatten().map(<[u8]>::to_vec);
        protocols.collect::<Vec<_>>()
    });
    let call = client(&format!("https://localhost:{port}")).list_models();
    assert!(call.send().await.is_err());
    let offered = offered.await.unwrap();
    let offers_http2 = offered.iter().any(|protocol| protocol == b"h2");
    assert_eq!(offers_http2, cfg!(feature = "transport"), "{offered:?}");
}

#[tokio::test]
async fn compression_is_requested_with_the_feature_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let received = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(connection.read_u8().await.unwrap());
        }
        let response = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
            content-length: 11\r\nconnection: close\r\n\r\n{\"data\":[]}";
        connection.write_all(response).await.unwrap();
        String::from_utf8(head).unwrap().to_ascii_lowercase()
    });
    client(&url).list_models().send().await.unwrap();
    let head = received.await.unwrap();
    let requests_it = head.contains("accept-encoding:");
    assert_eq!(requests_it, cfg!(feature = "transport"), "{head}");
}

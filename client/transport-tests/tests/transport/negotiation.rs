//! Which protocol a client speaks over TLS.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::client;
use crate::server::{Server, json};

const MODELS: &str = r#"{"data":[{"id":"a"}]}"#;

#[tokio::test]
async fn http2_where_the_server_offers_it() {
    let server = Arc::new(Server::start(&["h2", "http/1.1"]).await);
    let serving = server.clone();
    tokio::spawn(async move {
        let mut connection = serving.accept_http2(&h2::server::Builder::new()).await;
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            json(&mut respond, MODELS);
        }
    });
    let client = client(&server).build().unwrap();
    assert_eq!(client.list_models().send().await.unwrap().data.len(), 1);
}

#[tokio::test]
async fn http1_where_it_does_not() {
    let server = Arc::new(Server::start(&["http/1.1"]).await);
    let serving = server.clone();
    tokio::spawn(async move {
        let mut stream = serving.accept().await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let length = MODELS.len();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json";
        let response = format!("{head}\r\ncontent-length: {length}\r\n\r\n{MODELS}");
        stream.write_all(response.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let _ = stream.read_u8().await;
    });
    let client = client(&server).build().unwrap();
    assert_eq!(client.list_models().send().await.unwrap().data.len(), 1);
}

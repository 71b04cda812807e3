//! What an HTTP/2 server can do to a call so that it fails.

use std::sync::Arc;

use bytes::Bytes;
use cometapi::{Error, Upload};
use h2::Reason;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

use crate::http2::{CHUNK, chat, connection, drive, server, twice};
use crate::server::{Server, begin};
use crate::{SHORT, client};

/// Each request is reset before its response.
pub(crate) async fn reset(reason: Reason) -> Error {
    let server = server().await;
    let serving = server.clone();
    tokio::spawn(async move {
        let mut connection = connection(&serving).await;
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            respond.send_reset(reason);
        }
    });
    let client = client(&server).retry_policy(twice()).build().unwrap();
    chat(&client).send().await.unwrap_err()
}

/// The server has taken the request, and closes the connection for an error of its own.
pub(crate) async fn goaway() -> Error {
    let server = server().await;
    let serving = server.clone();
    tokio::spawn(async move {
        let mut connection = connection(&serving).await;
        let _request = connection.accept().await.unwrap().unwrap();
        connection.abrupt_shutdown(Reason::INTERNAL_ERROR);
        drive(connection).await;
    });
    let client = client(&server).retry_policy(twice()).build().unwrap();
    chat(&client).send().await.unwrap_err()
}

/// The connection is lost without a frame that says so.
pub(crate) async fn lost_connection() -> Error {
    let server = server().await;
    let serving = server.clone();
    tokio::spawn(async move {
        let mut connection = connection(&serving).await;
        let _request = connection.accept().await.unwrap().unwrap();
    });
    let client = client(&server).retry_policy(twice()).build().unwrap();
    chat(&client).send().await.unwrap_err()
}

/// The server has agreed on HTTP/2 and speaks HTTP/1.1.
pub(crate) async fn other_protocol() -> Error {
    let server = server().await;
    let serving = server.clone();
    tokio::spawn(async move {
        let mut stream = serving.accept().await;
        let response = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        let _ = stream.write_all(response).await;
        let _ = stream.flush().await;
        while stream.read_u8().await.is_ok() {}
    });
    let client = client(&server).retry_policy(twice()).build().unwrap();
    chat(&client).send().await.unwrap_err()
}

/// A server that begins a response of this type with a chunk, and resets the stream when it is told to.
async fn reset_within(media_type: &'static str) -> (Arc<Server>, mpsc::UnboundedSender<()>) {
    let server = server().await;
    let serving = server.clone();
    let (reset, mut resets) = mpsc::unbounded_channel::<()>();
    tokio::spawn(async move {
        let mut connection = connection(&serving).await;
        let (_, mut respond) = connection.accept().await.unwrap().unwrap();
        let mut stream = begin(&mut respond, media_type);
        stream.send_data(Bytes::from_static(CHUNK), false).unwrap();
        // Driving the connection writes what was sent.
        tokio::select! {
            _ = resets.recv() => stream.send_reset(Reason::INTERNAL_ERROR),
            _ = connection.accept() => unreachable!("there is no other request"),
        }
        drive(connection).await;
    });
    (server, reset)
}

pub(crate) async fn reset_within_speech() -> Error {
    let (server, reset) = reset_within("audio/mpeg").await;
    let client = client(&server).retry_policy(twice()).build().unwrap();
    let speech = client.create_speech().model("your-model-id").voice("alloy");
    let download = speech.input("Hi").send().await.unwrap();
    reset.send(()).unwrap();
    download.bytes().await.unwrap_err()
}

pub(crate) async fn reset_within_stream() -> Error {
    let (server, reset) = reset_within("text/event-stream").await;
    let client = client(&server).retry_policy(twice()).build().unwrap();
    let mut stream = chat(&client).stream().await.unwrap();
    let first = stream.next().await.unwrap();
    assert!(first.is_ok(), "{first:?}");
    reset.send(()).unwrap();
    stream.next().await.unwrap().unwrap_err()
}

/// A server that begins a response of this type with a chunk and sends nothing more.
async fn stalling(media_type: &'static str) -> Arc<Server> {
    let server = server().await;
    let serving = server.clone();
    tokio::spawn(async move {
        let mut connection = connection(&serving).await;
        let (_, mut respond) = connection.accept().await.unwrap().unwrap();
        let mut stream = begin(&mut respond, media_type);
        stream.send_data(Bytes::from_static(CHUNK), false).unwrap();
        drive(connection).await;
    });
    server
}

pub(crate) async fn stalled_speech() -> Error {
    let server = stalling("audio/mpeg").await;
    let client = client(&server).retry_policy(twice()).read_timeout(SHORT);
    let speech = client.build().unwrap().create_speech().voice("alloy");
    let download = speech.model("your-model-id").input("Hi").send().await;
    download.unwrap().bytes().await.unwrap_err()
}

pub(crate) async fn stalled_stream() -> Error {
    let server = stalling("text/event-stream").await;
    let client = client(&server).retry_policy(twice()).read_timeout(SHORT);
    let mut stream = chat(&client.build().unwrap()).stream().await.unwrap();
    let first = stream.next().await.unwrap();
    assert!(first.is_ok(), "{first:?}");
    stream.next().await.unwrap().unwrap_err()
}

/// The server takes requests and never responds.
async fn silent() -> Arc<Server> {
    let server = server().await;
    let serving = server.clone();
    tokio::spawn(async move {
        let mut connection = connection(&serving).await;
        let mut unread = Vec::new();
        while let Some(Ok(request)) = connection.accept().await {
            unread.push(request);
        }
    });
    server
}

pub(crate) async fn no_response() -> Error {
    let server = silent().await;
    let client = client(&server)
        .retry_policy(twice())
        .response_timeout(SHORT);
    let client = client.build().unwrap();
    chat(&client).send().await.unwrap_err()
}

/// The server never gives the upload a larger window.
pub(crate) async fn no_window() -> Error {
    let server = silent().await;
    let client = client(&server).retry_policy(twice()).write_timeout(SHORT);
    let call = client.build().unwrap().create_transcription().model("m");
    let call = call.file(Upload::bytes("a.mp3", vec![0; 4 * 1024 * 1024]));
    call.send().await.unwrap_err()
}

//! Operation, calls and file contents for the tests of uploads.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use cometapi::runtime::{Call, FileField, Method, Operation, StatusErrors};
use cometapi::{Client, Error, Upload};
use futures_core::Stream;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, ReadBuf};

use crate::builder;
use crate::server::{CapturedRequest, capture};

pub static UPLOAD_FILE: Operation = Operation {
    api: &cometapi::API,
    id: "upload_file",
    method: Method::POST,
    path: "/v1/files",
    success_status: 200,
    media_types: &["application/json"],
    authenticated: true,
    idempotent: false,
    uploads: &[FileField {
        name: "file",
        extensions: &[("mp3", "audio/mpeg"), ("wav", "audio/wav")],
    }],
    errors: &[StatusErrors {
        status: 200,
        rules: &[],
    }],
    docs_url: None,
    telemetry: None,
};

/// A file size above that of every buffer between client and server, and no multiple of any.
pub const LARGE: usize = 3 * 1024 * 1024 + 7;

pub fn upload_call(client: &Client, upload: impl Into<Upload>) -> Call {
    let mut call = Call::new(client, &UPLOAD_FILE);
    call.upload("file", upload.into());
    call
}

pub async fn send_form(call: Call, body: &impl Serialize) -> Result<(), Error> {
    call.multipart_body(body)?
        .send_json::<Value>()
        .await
        .map(drop)
}

/// Sends a form and returns the request that the server received.
pub async fn captured_form(
    configure: impl FnOnce(&mut Call),
    body: &impl Serialize,
) -> CapturedRequest {
    let (address, server) = capture(1).await;
    let client = builder(&address).build().unwrap();
    let mut call = Call::new(&client, &UPLOAD_FILE);
    configure(&mut call);
    send_form(call, body).await.unwrap();
    server.await.unwrap().remove(0)
}

/// Sends a form with this file and returns the request that the server received.
pub async fn captured_upload(upload: Upload) -> CapturedRequest {
    captured_form(|call| call.upload("file", upload), &json!({"model": "m"})).await
}

/// The error of a call that fails before it connects. No server listens at its address.
pub async fn error_before_sending(upload: Upload) -> Error {
    let client = builder("http://127.0.0.1:1").build().unwrap();
    let error = send_form(upload_call(&client, upload), &json!({}))
        .await
        .unwrap_err();
    assert!(
        !error.request_may_have_been_sent() && !error.is_retryable(),
        "{error}"
    );
    error
}

pub fn pseudo_random_bytes(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(next).collect()
}

pub fn write_file(folder: &tempfile::TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// A stream and a reader whose chunks are available immediately.
pub struct Chunks(pub Vec<io::Result<Bytes>>);

impl Chunks {
    pub fn split(content: &[u8], size: usize) -> Self {
        let chunks = content.chunks(size).map(Bytes::copy_from_slice);
        Self(chunks.map(Ok).collect())
    }

    pub fn then(mut self, chunk: io::Result<Bytes>) -> Self {
        self.0.push(chunk);
        self
    }

    fn pop_front(&mut self) -> Option<io::Result<Bytes>> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }
}

impl Stream for Chunks {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.pop_front())
    }
}

impl AsyncRead for Chunks {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(mut chunk) = self.pop_front().transpose()? {
            let read = chunk.split_to(chunk.len().min(buffer.remaining()));
            buffer.put_slice(&read);
            if !chunk.is_empty() {
                self.0.insert(0, Ok(chunk));
            }
        }
        Poll::Ready(Ok(()))
    }
}

//! Proxy between client and server that records what goes over the wire.

use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use reqwest::redirect::Policy;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::request::Form;

/// A header that the proxy adds to each response: whoever gets the response has to find it there.
pub(super) const MARK: &str = "x-recorded";

/// Passes requests on to a server until it is dropped. Connections to both sides stay open.
#[derive(Debug)]
pub struct RecordingProxy {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// What is done with the next requests.
#[derive(Clone, Debug, Default)]
pub struct ForwardOptions {
    /// The server's base URL.
    pub server: String,
    /// Which of its responses the server is requested.
    pub prefer: Option<String>,
    /// Whether the server gets the request without its API key.
    pub removes_key: bool,
}

/// A request as the client sent it, and the head of what came back.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// As sent.
    pub method: String,
    /// With its query.
    pub path: String,
    /// As sent.
    pub headers: HeaderMap,
    /// As sent.
    pub body: Bytes,
    /// Of the response.
    pub status: u16,
    /// Of the response; empty if it has none.
    pub media_type: String,
}

#[derive(Debug)]
struct Shared {
    server: reqwest::Client,
    state: Mutex<(ForwardOptions, Vec<Exchange>)>,
}

impl RecordingProxy {
    /// On a free port of the loopback interface.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let server = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none());
        let shared = Arc::new(Shared {
            server: server.build().map_err(io::Error::other)?,
            state: Mutex::default(),
        });
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { url, shared, task })
    }

    /// What a client takes as its base URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What to do from now on.
    pub fn forward(&self, options: ForwardOptions) {
        *self.shared.state() = (options, Vec::new());
    }

    /// What has gone over the wire since.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.shared.state().1.clone()
    }
}

impl Drop for RecordingProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Exchange {
    /// The value of a header of the request, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The multipart form that was sent, if it was one.
    pub fn form(&self) -> Option<Form> {
        Form::parse(self.header("content-type")?, &self.body)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, (ForwardOptions, Vec<Exchange>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let _ = socket.set_nodelay(true);
            let service = service_fn(|request| pass(request, &shared));
            // Either side may hang up, which the other gets to see.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}

async fn pass(
    request: Request<Incoming>,
    shared: &Shared,
) -> Result<Response<Full<Bytes>>, Box<dyn Error + Send + Sync>> {
    let options = shared.state().0.clone();
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let path = head
        .uri
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    let mut headers = end_to_end(&head.headers);
    if options.removes_key {
        headers.remove(header::AUTHORIZATION);
    }
    if let Some(prefer) = &options.prefer {
        headers.insert("prefer", HeaderValue::from_str(prefer)?);
    }
    let url = format!("{}{path}", options.server);
    let passed_on = shared.server.request(head.method.clone(), url);
    let received = passed_on.headers(headers).body(body.clone()).send().await?;
    let (status, mut headers) = (received.status(), end_to_end(received.headers()));
    headers.insert(MARK, HeaderValue::from_static("kept"));
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let exchange = Exchange {
        method: head.method.to_string(),
        path,
        headers: head.headers,
        body,
        status: status.as_u16(),
        media_type: media_type.unwrap_or_default().to_owned(),
    };
    let mut response = Response::new(Full::new(received.bytes().await?));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    // Before the client has it, so that whoever has the response finds it here.
    shared.state().1.push(exchange);
    Ok(response)
}

/// Headers without those of one connection and of how a body is sent on it.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in [
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::CONTENT_LENGTH,
        header::HOST,
    ] {
        headers.remove(name);
    }
    headers
}

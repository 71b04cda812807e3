//! A server that takes so many requests at a time and refuses the rest.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const REFUSAL: &str = r#"{"error":{"message":"too many requests at a time","type":"comet_api_error","code":"rate_limit_exceeded"}}"#;

/// Responses until it is dropped.
pub struct Server {
    address: SocketAddr,
    desk: Arc<Desk>,
    task: JoinHandle<()>,
}

struct Desk {
    places: usize,
    service: std::ops::Range<u64>,
    response: Bytes,
    state: Mutex<State>,
}

struct State {
    inside: usize,
    refused: usize,
    random: Rng,
}

impl Server {
    /// One that works on `places` requests at a time, on each for a time from `service` in
    /// milliseconds, and then responds this JSON. The times follow from the seed of this thread's generator.
    pub async fn start(
        places: usize,
        service: std::ops::Range<u64>,
        response: Bytes,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = State {
            inside: 0,
            refused: 0,
            random: Rng::new(),
        };
        let desk = Arc::new(Desk {
            places,
            service,
            response,
            state: Mutex::new(state),
        });
        let task = tokio::spawn(serve(listener, Arc::clone(&desk)));
        Ok(Self {
            address,
            desk,
            task,
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that were refused.
    pub fn refused(&self) -> usize {
        self.desk.with(|state| state.refused)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Desk {
    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How long the request takes, if it is taken.
    fn admit(&self) -> Option<Duration> {
        self.with(|state| {
            if state.inside == self.places {
                state.refused += 1;
                return None;
            }
            state.inside += 1;
            Some(Duration::from_millis(
                state.random.u64(self.service.clone()),
            ))
        })
    }
}

async fn serve(listener: TcpListener, desk: Arc<Desk>) {
    while let Ok((socket, _)) = listener.accept().await {
        let desk = Arc::clone(&desk);
        let service = service_fn(move |request| response(request, Arc::clone(&desk)));
        // Whoever hangs up knows it.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(socket), service));
    }
}

async fn response(
    request: Request<Incoming>,
    desk: Arc<Desk>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    // What it says doesn't matter, but it has to be read for the next on this connection.
    let _ = request.into_body().collect().await;
    let (status, body) = match desk.admit() {
        None => (
            StatusCode::TOO_MANY_REQUESTS,
            Bytes::from_static(REFUSAL.as_bytes()),
        ),
        Some(time) => {
            tokio::time::sleep(time).await;
            desk.with(|state| state.inside -= 1);
            (StatusCode::OK, desk.response.clone())
        }
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let json = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

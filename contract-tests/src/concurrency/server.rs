//! A server that takes so many requests at a time and refuses the rest.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::random::Random;

const REFUSAL: &str = r#"{"error":{"message":"too many requests at a time","type":"comet_api_error","code":"rate_limit_exceeded"}}"#;

/// Responses until it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    desk: Arc<Desk>,
    task: JoinHandle<()>,
}

/// What the server counts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) admitted: usize,
    pub(super) refused: usize,
}

#[derive(Debug)]
struct Desk {
    places: usize,
    service: std::ops::Range<u64>,
    response: Bytes,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    inside: usize,
    counts: Counts,
    random: Random,
}

impl Server {
    /// One that works on `places` requests at a time, on each for a time from `service` in
    /// milliseconds, and then responds this JSON.
    pub(super) async fn start(
        places: usize,
        service: std::ops::Range<u64>,
        response: Bytes,
        seed: u64,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = State {
            inside: 0,
            counts: Counts::default(),
            random: Random::new(seed),
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

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn counts(&self) -> Counts {
        self.desk.with(|state| state.counts)
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
                state.counts.refused += 1;
                return None;
            }
            state.inside += 1;
            state.counts.admitted += 1;
            let spread = (self.service.end - self.service.start) as usize;
            let extra = state.random.below(spread) as u64;
            Some(Duration::from_millis(self.service.start + extra))
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

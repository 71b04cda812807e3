//! HTTP/1.1 server on a thread of its own.

use std::convert::Infallible;
use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{fmt, io};

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::fault::FaultInjector;
use crate::request::ParsedRequest;
use crate::response::HttpResponse;
use crate::route::Router;

/// Options that don't depend on the contract.
#[derive(Debug)]
pub(crate) struct ServerOptions {
    /// Wait before each response.
    pub(crate) latency: Duration,
    /// Wait before each event of a stream.
    pub(crate) pause: Duration,
    pub(crate) faults: FaultInjector,
    pub(crate) log: Log,
}

/// Function that is called with a line for each response.
pub(crate) struct Log(pub(crate) Box<dyn Fn(&str) + Send + Sync>);

/// A running server. Dropping it stops it.
///
/// Because of its own thread it also responds to clients that block theirs.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(router: Router, port: u16, options: ServerOptions) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::new(Shared {
            router: RwLock::new(Arc::new(router)),
            options,
        });
        let served = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener, served) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self {
            address,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn set_router(&self, router: Router) {
        let mut current = self
            .shared
            .router
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(router);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has already been printed.
            let _ = thread.join();
        }
    }
}

#[derive(Debug)]
struct Shared {
    router: RwLock<Arc<Router>>,
    options: ServerOptions,
}

async fn serve(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // A connection that has closed before it was accepted needs no response.
            Ok((socket, _)) = listener.accept() => {
                connections.spawn(serve_connection(socket, Arc::clone(&shared)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_connection(socket: TcpStream, shared: Arc<Shared>) {
    // Each event is to arrive when it is sent.
    let _ = socket.set_nodelay(true);
    let service = service_fn(|request| handle(request, Arc::clone(&shared)));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
    // A client that disconnects needs no error.
    let _ = connection.await;
}

async fn handle(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<HttpResponse, Box<dyn Error + Send + Sync>> {
    let options = &shared.options;
    let request = ParsedRequest::read(request).await?;
    if !options.latency.is_zero() {
        tokio::time::sleep(options.latency).await;
    }
    let router = shared
        .router
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let delivery = router.handle(&request, &options.faults);
    (options.log.0)(&format!("{} {} {delivery}", request.method, request.path));
    Ok(delivery.into_http(options.pause)?)
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

//! The server itself: connections in, replies out.

use std::convert::Infallible;
use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::fault::Faults;
use crate::request::ParsedRequest;
use crate::response::Aborted;
use crate::route::Routes;

/// How a server behaves, whatever its contract.
#[derive(Debug)]
pub(crate) struct ServerOptions {
    /// Before each response.
    pub(crate) latency: Duration,
    /// Before each event of a stream.
    pub(crate) pause: Duration,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
}

/// Is given a line for each response.
pub(crate) struct Log(pub(crate) Box<dyn Fn(&str) + Send + Sync>);

/// A running server; dropping it stops it.
///
/// It has a thread of its own, so that it responds also those who block theirs.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(routes: Routes, port: u16, manner: ServerOptions) -> io::Result<Self> {
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
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener, Arc::new((routes, manner))) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed, and isn't the owner's to respond for.
            let _ = thread.join();
        }
    }
}

type Shared = Arc<(Routes, ServerOptions)>;

async fn serve(listener: tokio::net::TcpListener, shared: Shared) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // A connection that is gone before it is taken is no one's loss.
            Ok((socket, _)) = listener.accept() => {
                connections.spawn(converse(socket, Arc::clone(&shared)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(socket: TcpStream, shared: Shared) {
    // Each event is to be seen when it is sent.
    let _ = socket.set_nodelay(true);
    let service = service_fn(|request| response(request, Arc::clone(&shared)));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
    // Whoever hangs up knows it.
    let _ = connection.await;
}

async fn response(
    request: Request<Incoming>,
    shared: Shared,
) -> Result<Response<UnsyncBoxBody<Bytes, Aborted>>, Box<dyn Error + Send + Sync>> {
    let (routes, manner) = &*shared;
    let asked = ParsedRequest::read(request).await?;
    if !manner.latency.is_zero() {
        tokio::time::sleep(manner.latency).await;
    }
    let delivery = routes.deliver(&asked, &manner.faults);
    let line = format!("{} {} {delivery}", asked.method, asked.path);
    (manner.log.0)(&line);
    Ok(delivery.sent(manner.pause)?)
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

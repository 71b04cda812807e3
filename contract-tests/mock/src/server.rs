//! The server itself: connections in, replies out.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::asked::Asked;
use crate::route::Routes;

/// A running server; dropping it stops it.
///
/// It has a thread of its own, so that it answers also those who block theirs.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(routes: Routes, pause: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
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
                    () = serve(listener, Arc::new(routes), pause) => {}
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
            // A panic in there has been printed, and isn't the owner's to answer for.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: tokio::net::TcpListener, routes: Arc<Routes>, pause: Duration) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // A connection that is gone before it is taken is nobody's loss.
            Ok((socket, _)) = listener.accept() => {
                connections.spawn(converse(socket, Arc::clone(&routes), pause));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(socket: TcpStream, routes: Arc<Routes>, pause: Duration) {
    // Each event is to be seen when it is sent.
    let _ = socket.set_nodelay(true);
    let service = service_fn(|request| {
        let routes = Arc::clone(&routes);
        async move {
            let asked = Asked::read(request).await?;
            Ok::<_, hyper::Error>(routes.reply(&asked).paced(pause))
        }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
    // Whoever hangs up knows it.
    let _ = connection.await;
}

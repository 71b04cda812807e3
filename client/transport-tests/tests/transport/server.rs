//! Servers over TLS, with a certificate of their own: HTTP/2 frame by frame, and HTTP/1.1 as it is written.

use std::sync::Arc;

use bytes::Bytes;
use h2::server::{Connection, SendResponse};
use http::{Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

pub(crate) struct Server {
    pub(crate) url: String,
    /// In PEM.
    pub(crate) certificate: String,
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

pub(crate) type Http2 = Connection<TlsStream<TcpStream>, Bytes>;

impl Server {
    /// One that speaks these protocols, the first by preference.
    pub(crate) async fn start(protocols: &[&str]) -> Self {
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = key.cert.pem();
        let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![key.cert.der().clone()], private)
            .unwrap();
        let names = protocols.iter().map(|name| name.as_bytes().to_vec());
        config.alpn_protocols = names.collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            url: format!(
                "https://localhost:{}",
                listener.local_addr().unwrap().port()
            ),
            certificate,
            listener,
            acceptor: TlsAcceptor::from(Arc::new(config)),
        }
    }

    /// The next connection, decrypted.
    pub(crate) async fn accept(&self) -> TlsStream<TcpStream> {
        let (stream, _) = self.listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        self.acceptor.accept(stream).await.unwrap()
    }

    /// The next connection, as HTTP/2 with these settings.
    pub(crate) async fn accept_http2(&self, settings: &h2::server::Builder) -> Http2 {
        settings.handshake(self.accept().await).await.unwrap()
    }
}

/// Reads a request's body to its end.
pub(crate) async fn read(request: Request<h2::RecvStream>) {
    let mut body = request.into_body();
    while let Some(chunk) = body.data().await {
        let chunk = chunk.unwrap();
        body.flow_control().release_capacity(chunk.len()).unwrap();
    }
}

/// Status and headers of a success, before its body.
pub(crate) fn begin(respond: &mut SendResponse<Bytes>, media_type: &str) -> h2::SendStream<Bytes> {
    let response = Response::builder().header("content-type", media_type);
    respond
        .send_response(response.body(()).unwrap(), false)
        .unwrap()
}

/// A complete JSON response.
pub(crate) fn json(respond: &mut SendResponse<Bytes>, body: &'static str) {
    let mut stream = begin(respond, "application/json");
    stream
        .send_data(Bytes::from_static(body.as_bytes()), true)
        .unwrap();
}

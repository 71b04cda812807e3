//! The server behind the proxy: HTTP/1.1 or HTTP/2 over TLS, with a certificate that is made in the run.
//!
//! The first segment of a path is the pause between two events of a stream, in milliseconds.

use std::convert::Infallible;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream::{self, Stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::bodies;
use crate::scenario::{Problem, Scenario};

/// Events of a stream before its sentinel.
const EVENTS: u64 = 10;

/// From the sentinel to the end of the body, as most servers and the proxies before them have it.
const TERMINATOR: Duration = Duration::from_millis(5);

/// Streams that may be open on a connection of HTTP/2, a usual limit.
const MAX_STREAMS: u32 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http1,
    Http2,
}

/// A certificate for `localhost` and its key.
pub struct Identity {
    key: rcgen::CertifiedKey<rcgen::KeyPair>,
}

impl Protocol {
    /// Its name in ALPN.
    fn name(self) -> &'static [u8] {
        match self {
            Self::Http1 => b"http/1.1",
            Self::Http2 => b"h2",
        }
    }
}

impl Identity {
    pub fn generate() -> Result<Self, Problem> {
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        Ok(Self { key })
    }

    pub fn certificate(&self) -> String {
        self.key.cert.pem()
    }

    fn config(&self, protocol: Protocol) -> Result<ServerConfig, Problem> {
        let private = PrivateKeyDer::try_from(self.key.signing_key.serialize_der())?;
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![self.key.cert.der().clone()], private)?;
        config.alpn_protocols = vec![protocol.name().to_vec()];
        Ok(config)
    }
}

/// Serves this protocol as long as the runtime lives.
pub async fn start(identity: &Identity, protocol: Protocol) -> Result<SocketAddr, Problem> {
    let acceptor = TlsAcceptor::from(Arc::new(identity.config(protocol)?));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            // Whoever hangs up has seen enough.
            let served = serve(connection, acceptor.clone(), protocol);
            tokio::spawn(async move { drop(served.await) });
        }
    });
    Ok(address)
}

async fn serve(
    connection: TcpStream,
    acceptor: TlsAcceptor,
    protocol: Protocol,
) -> Result<(), Problem> {
    connection.set_nodelay(true)?;
    let connection = TokioIo::new(acceptor.accept(connection).await?);
    match protocol {
        Protocol::Http1 => {
            let http = http1::Builder::new();
            http.serve_connection(connection, service_fn(respond))
                .await?;
        }
        Protocol::Http2 => {
            let mut http = http2::Builder::new(TokioExecutor::new());
            http.max_concurrent_streams(MAX_STREAMS);
            http.serve_connection(connection, service_fn(respond))
                .await?;
        }
    }
    Ok(())
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

async fn respond(request: Request<Incoming>) -> Result<Response<Body>, Problem> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let (pause, path) = head.uri.path()[1..].split_once('/').unwrap_or_default();
    let pause = Duration::from_millis(pause.parse()?);
    Ok(match path {
        "v1/chat/completions" => {
            let request: Value = serde_json::from_slice(&body)?;
            if request["stream"] == true {
                let events = StreamBody::new(events(pause));
                response("text/event-stream", events.boxed_unsync())
            } else {
                response("application/json", full(bodies::chat()))
            }
        }
        "api/models" => {
            let encodings = head.headers.get(ACCEPT_ENCODING);
            let encodings = encodings.and_then(|value| value.to_str().ok());
            catalog(encodings.is_some_and(|value| value.contains("gzip")))
        }
        _ => {
            let mut response = response("text/plain", full(Bytes::new()));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    })
}

fn response(media_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let media_type = HeaderValue::from_static(media_type);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

fn full(body: impl Into<Bytes>) -> Body {
    Full::new(body.into()).boxed_unsync()
}

fn events(pause: Duration) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> {
    stream::unfold(0, move |number| async move {
        let event = match number {
            0 => bodies::chunk(r#"{"role":"assistant","content":"Hel"}"#, "null"),
            EVENTS => "[DONE]".to_owned(),
            // The body ends.
            number if number > EVENTS => {
                sleep(TERMINATOR).await;
                return None;
            }
            number => {
                sleep(pause).await;
                if number + 1 == EVENTS {
                    bodies::chunk("{}", r#""stop""#)
                } else {
                    bodies::chunk(r#"{"content":" word"}"#, "null")
                }
            }
        };
        let event = Bytes::from(format!("data: {event}\n\n"));
        Some((Ok(Frame::data(event)), number + 1))
    })
}

fn catalog(gzip: bool) -> Response<Body> {
    static PLAIN: LazyLock<Bytes> =
        LazyLock::new(|| bodies::catalog(Scenario::Catalog.size()).into());
    static GZIP: LazyLock<Bytes> = LazyLock::new(|| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&PLAIN).expect("memory takes all");
        encoder.finish().expect("memory takes all").into()
    });
    if !gzip {
        return response("application/json", full(PLAIN.clone()));
    }
    let mut response = response("application/json", full(GZIP.clone()));
    let encoding = HeaderValue::from_static("gzip");
    response.headers_mut().insert(CONTENT_ENCODING, encoding);
    response
}

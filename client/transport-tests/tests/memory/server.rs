//! The server's side, over TLS: bodies of as many MiB as the header `x-mib` says, or how many bytes a request's body had.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use async_compression::tokio::write::GzipEncoder;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

const MIB: usize = crate::MIB as usize;
static CHUNK: [u8; 1 << 16] = [0xa5; 1 << 16];

#[derive(Clone, Copy, Debug)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

impl Protocol {
    pub(crate) const ALL: [Self; 2] = [Self::Http1, Self::Http2];
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http1 => "http1",
            Self::Http2 => "http2",
        })
    }
}

impl FromStr for Protocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL
            .into_iter()
            .find(|known| known.to_string() == text);
        found.ok_or_else(|| format!("{text:?} is no protocol"))
    }
}

/// Writes its certificate, prints its address and serves until standard input ends.
#[tokio::main]
pub(crate) async fn run(protocol: Protocol, certificate: &Path) {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(certificate, key.cert.pem()).unwrap();
    let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    // Only the one, so that nothing else can have been spoken.
    config.alpn_protocols = vec![match protocol {
        Protocol::Http1 => b"http/1.1".to_vec(),
        Protocol::Http2 => b"h2".to_vec(),
    }];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    loop {
        let (connection, _) = listener.accept().await.unwrap();
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let connection = TokioIo::new(acceptor.accept(connection).await.unwrap());
            let service = service_fn(respond);
            // A client that has seen enough hangs up.
            match protocol {
                Protocol::Http1 => drop(
                    http1::Builder::new()
                        .serve_connection(connection, service)
                        .await,
                ),
                Protocol::Http2 => drop(
                    http2::Builder::new(TokioExecutor::new())
                        .serve_connection(connection, service)
                        .await,
                ),
            }
        });
    }
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

async fn respond(request: Request<Incoming>) -> Result<Response<Body>, hyper::Error> {
    let (head, mut body) = request.into_parts();
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        received += frame?.data_ref().map_or(0, Bytes::len);
    }
    let mib = head.headers.get("x-mib");
    let mib = mib.map(|mib| mib.to_str().unwrap().parse::<usize>().unwrap());
    let response = Response::builder();
    Ok(match mib {
        None => response
            .header("content-type", "application/json")
            .body(full(format!("{{\"text\":\"{received}\"}}")))
            .unwrap(),
        Some(mib) if head.uri.path() == "/v1/models" => response
            .header("content-type", "application/json")
            .header("content-encoding", "gzip")
            .body(full(compressed(mib).await))
            .unwrap(),
        Some(mib) => {
            let chunks = stream::iter(0..mib * MIB / CHUNK.len());
            let chunks = futures_util::StreamExt::map(chunks, |_| {
                Ok(Frame::data(Bytes::from_static(&CHUNK)))
            });
            response
                .header("content-type", "audio/mpeg")
                .body(StreamBody::new(chunks).boxed_unsync())
                .unwrap()
        }
    })
}

fn full(body: impl Into<Bytes>) -> Body {
    Full::new(body.into()).boxed_unsync()
}

/// A list of one model, and then space.
async fn compressed(mib: usize) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(br#"{"data":[{"id":"a"}]"#).await.unwrap();
    for _ in 0..mib {
        encoder.write_all(&[b' '; MIB]).await.unwrap();
    }
    encoder.write_all(b"}").await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

//! The server: in a process of its own, so that its work isn't measured.
//!
//! The first segment of a path says how large the response is: rows, chunks or MiB.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::bodies;

/// What arrives at once: as much as a record of TLS holds.
const PIECE: usize = 16 * 1024;
const MIB: u64 = 1 << 20;

const TRANSCRIPT: &str = r#"{"text":"Hello.","usage":{"type":"duration","seconds":3}}"#;

/// Responses that were made before.
type Made = Arc<Mutex<HashMap<(bool, u64), Arc<Vec<u8>>>>>;

/// Serves until standard input ends.
pub fn run() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(0);
    });
    let made = Made::default();
    for connection in listener.incoming() {
        let (connection, made) = (connection?, Arc::clone(&made));
        connection.set_nodelay(true)?;
        // Whoever hangs up has seen enough.
        let serve = move || drop(serve(&connection, &made));
        thread::Builder::new().stack_size(256 * 1024).spawn(serve)?;
    }
    Ok(())
}

fn serve(mut connection: &TcpStream, made: &Made) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(64 * 1024, connection);
    while let Some(request) = Request::read(&mut reader)? {
        let size = request.size;
        match request.path.as_str() {
            "api/models" => {
                let body = made_once(made, (false, size), || bodies::catalog(size).into());
                json(connection, &body)?;
            }
            "v1/chat/completions" if !request.is_stream => {
                json(connection, bodies::chat().as_bytes())?;
            }
            "v1/chat/completions" => {
                connection.write_all(
                    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                      transfer-encoding: chunked\r\n\r\n",
                )?;
                if size == 0 {
                    let mut first = Vec::new();
                    bodies::event(&mut first, &bodies::chunk("{}", "null"));
                    connection.write_all(&first)?;
                    // Idle until the client hangs up.
                    io::copy(&mut reader, &mut io::sink())?;
                    return Ok(());
                }
                let body = made_once(made, (true, size), || bodies::stream(size));
                for chunk in body.chunks(PIECE) {
                    connection.write_all(chunk)?;
                }
                let mut end = Vec::new();
                bodies::event(&mut end, "[DONE]");
                end.extend_from_slice(b"0\r\n\r\n");
                connection.write_all(&end)?;
            }
            "v1/audio/speech" => {
                let length = size * MIB;
                write!(
                    connection,
                    "HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\n\
                     content-length: {length}\r\n\r\n"
                )?;
                let chunk = vec![0xa5; 256 * 1024];
                for _ in 0..length / chunk.len() as u64 {
                    connection.write_all(&chunk)?;
                }
            }
            "v1/audio/transcriptions" => json(connection, TRANSCRIPT.as_bytes())?,
            _ => {
                connection.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")?;
            }
        }
    }
    Ok(())
}

struct Request {
    size: u64,
    path: String,
    is_stream: bool,
}

impl Request {
    /// The next request of a connection, its body read and forgotten.
    fn read(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let target = line.split(' ').nth(1).unwrap_or_default();
        let (size, path) = target[1..].split_once('/').unwrap_or_default();
        let (size, path) = (size.parse().map_err(io::Error::other)?, path.to_owned());
        let (mut length, mut is_chunked) = (0, false);
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let header = line.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length: ") {
                length = value.parse().map_err(io::Error::other)?;
            }
            is_chunked |= header == "transfer-encoding: chunked";
        }
        let mut is_stream = false;
        if is_chunked {
            skip_chunks(reader)?;
        } else if length < 64 * 1024 {
            let mut body = vec![0; length as usize];
            reader.read_exact(&mut body)?;
            is_stream = body.windows(13).any(|window| window == br#""stream":true"#);
        } else {
            skip(reader, length)?;
        }
        Ok(Some(Self {
            size,
            path,
            is_stream,
        }))
    }
}

fn skip_chunks(reader: &mut BufReader<&TcpStream>) -> io::Result<()> {
    let mut line = String::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let length = u64::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?;
        skip(reader, length)?;
        line.clear();
        reader.read_line(&mut line)?;
        if length == 0 {
            return Ok(());
        }
    }
}

fn skip(reader: &mut BufReader<&TcpStream>, length: u64) -> io::Result<()> {
    let mut chunk = [0; 64 * 1024];
    let mut rest = reader.take(length);
    while rest.read(&mut chunk)? > 0 {}
    Ok(())
}

fn json(mut connection: &TcpStream, body: &[u8]) -> io::Result<()> {
    let mut response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: {}\r\n\
         content-length: {}\r\n\r\n",
        "20260122030405678901234ABCDEFGH",
        body.len()
    )
    .into_bytes();
    response.extend_from_slice(body);
    connection.write_all(&response)
}

fn made_once(made: &Made, key: (bool, u64), make: impl FnOnce() -> Vec<u8>) -> Arc<Vec<u8>> {
    let mut made = made.lock().expect("no maker panics");
    Arc::clone(made.entry(key).or_insert_with(|| Arc::new(make())))
}

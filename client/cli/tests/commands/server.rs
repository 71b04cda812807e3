//! A server that responds one request with the bytes it is given.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

pub struct Server {
    pub url: String,
    /// Told once the system has taken the complete response.
    pub responded: Receiver<()>,
    /// The request, once the connection is over.
    pub request: Receiver<String>,
}

/// Responses with this head and body, and keeps the connection open for as long as the client does.
pub fn responding(head: &str, body: impl Into<Vec<u8>>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut response = format!("HTTP/1.1 {head}\r\n\r\n").into_bytes();
    response.extend(body.into());
    let (tell_responded, responded) = channel();
    let (tell_request, request) = channel();
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let asked = read_request(&mut connection).unwrap();
        // The client may have had enough.
        let _ = connection.write_all(&response);
        let _ = tell_responded.send(());
        let _ = io::copy(&mut connection, &mut io::sink());
        let _ = tell_request.send(asked);
    });
    Server {
        url,
        responded,
        request,
    }
}

fn read_request(connection: &mut TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.split_once("content-length: ");
            let length = length.map_or(0, |(_, rest)| {
                rest.lines().next().unwrap().parse::<usize>().unwrap()
            });
            if request.len() >= head.len() + 4 + length {
                return Ok(String::from_utf8_lossy(&request).into_owned());
            }
        }
        match connection.read(&mut chunk)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => request.extend(&chunk[..read]),
        }
    }
}

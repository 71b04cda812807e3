//! A server of large bodies, in a process of its own so that its memory isn't the client's.
//!
//! To a request with the header `x-mib` it responses that many MiB of bytes, to any other how many
//! bytes its body had. Ends when its standard input does.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

static PIECE: [u8; 1 << 16] = [0xa5; 1 << 16];
const MIB: usize = 1 << 20;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    std::thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(0);
    });
    for connection in listener.incoming() {
        let connection = connection?;
        std::thread::spawn(move || {
            if let Err(error) = serve(&connection) {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}

fn serve(mut connection: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(connection);
    let (mut length, mut mib) = (0, None);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        let (name, value) = line.split_once(": ").unwrap_or_default();
        let number = value.trim().parse();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = number.map_err(io::Error::other)?,
            "x-mib" => mib = Some(number.map_err(io::Error::other)?),
            _ => {}
        }
        line.clear();
    }
    let received = io::copy(&mut reader.take(length), &mut io::sink())?;
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
    let Some(mib) = mib else {
        let body = format!("{{\"text\":\"{received}\"}}");
        let length = body.len();
        let head = format!("{head}content-type: application/json\r\ncontent-length: {length}");
        return write!(connection, "{head}\r\n\r\n{body}");
    };
    let length = usize::try_from(mib).map_err(io::Error::other)? * MIB;
    let head = format!("{head}content-type: audio/mpeg\r\ncontent-length: {length}\r\n\r\n");
    connection.write_all(head.as_bytes())?;
    for _ in 0..length / PIECE.len() {
        connection.write_all(&PIECE)?;
    }
    Ok(())
}

//! The bytes that play a recording.
//!
//! What was saved is no longer what was sent: curl has taken the chunks apart and perhaps
//! decompressed the body, and the headers still speak of both. Headers about the body stay only
//! if the body bears them out.

use super::recording::Recording;
use crate::chunking::Chunking;
use crate::server::framing;

/// Compression makes small bodies larger, but by no more than this.
const LARGEST_GROWTH: u64 = 64;

/// The response as HTTP/1.1, in writes.
///
/// A `Content-Length` larger than the body stays: closing the connection after these bytes then
/// plays a cut one. A complete body that is to arrive in chunks is sent in chunks, because a reader
/// takes what has arrived until then, however it was written.
pub fn playback(recording: &Recording, split: Chunking) -> Vec<Vec<u8>> {
    let body = &recording.body;
    let encoding = recording.values("content-encoding").last();
    let encoded = encoding.is_none_or(|encoding| is_encoded(encoding, body));
    let mut head = format!("HTTP/1.1 {} \r\n", recording.status).into_bytes();
    for header in &recording.headers {
        let stays = match header.name.to_ascii_lowercase().as_str() {
            "transfer-encoding" | "content-length" => false,
            "content-encoding" => encoded,
            _ => true,
        };
        if stays {
            push(&mut head, &header.name, &header.value);
        }
    }
    let length = Length::of(recording, encoded);
    let in_chunks = split != Chunking::Whole && length == Length::Bytes(body.len() as u64);
    match length {
        _ if in_chunks => push(&mut head, "Transfer-Encoding", b"chunked"),
        Length::Chunked => push(&mut head, "Transfer-Encoding", b"chunked"),
        Length::Bytes(length) => push(&mut head, "Content-Length", length.to_string().as_bytes()),
    }
    if recording.values("connection").next().is_none() {
        push(&mut head, "Connection", b"close");
    }
    head.extend_from_slice(b"\r\n");
    let chunks = split.chunks(body).into_iter();
    if in_chunks {
        let chunks = chunks.map(framing::chunk);
        let end = framing::LAST_CHUNK.to_vec();
        return [head].into_iter().chain(chunks).chain([end]).collect();
    }
    if split == Chunking::Whole {
        head.extend_from_slice(body);
        return vec![head];
    }
    let chunks = chunks.map(<[u8]>::to_vec);
    [head].into_iter().chain(chunks).collect()
}

fn push(bytes: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        bytes.extend_from_slice(part);
    }
}

/// How the end of the body is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    /// It still has its chunks.
    Chunked,
    /// Its own length, or a larger one that was expected.
    Bytes(u64),
}

impl Length {
    fn of(recording: &Recording, encoded: bool) -> Self {
        let body = &recording.body;
        let counted = body.len() as u64;
        // Where there are both, chunks decide and the length means nothing.
        if recording.values("transfer-encoding").next().is_some() {
            return match framing::is_complete_body(body) {
                true => Self::Chunked,
                false => Self::Bytes(counted),
            };
        }
        // A body that has been decompressed was sent under the length of the compressed one.
        let slack = match encoded || body.is_empty() {
            true => 0,
            false => LARGEST_GROWTH,
        };
        match promised(recording) {
            Some(promised) if promised > counted + slack => Self::Bytes(promised),
            _ => Self::Bytes(counted),
        }
    }
}

/// The length that the head gives, if it is one and only one.
fn promised(recording: &Recording) -> Option<u64> {
    let mut lengths = recording.values("content-length");
    let length = lengths.next()?;
    let digits = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
    if !digits || lengths.any(|other| other != length) {
        return None;
    }
    // Longer than any body, and still what HTTP libraries take for a length.
    const LARGEST: u64 = i64::MAX as u64;
    let length = std::str::from_utf8(length).ok()?.parse();
    Some(length.unwrap_or(LARGEST).min(LARGEST))
}

/// Whether a body looks like what the encoding makes.
fn is_encoded(encoding: &[u8], body: &[u8]) -> bool {
    match encoding.to_ascii_lowercase().as_slice() {
        b"identity" => true,
        b"gzip" | b"x-gzip" => body.starts_with(&[0x1f, 0x8b]),
        b"zstd" => body.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]),
        b"deflate" => match body {
            [first, second, ..] => {
                first & 0x0f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0
            }
            _ => false,
        },
        // Brotli has no signature, but its output is no text.
        b"br" => std::str::from_utf8(body).is_err(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::playback;
    use crate::chunking::Chunking;
    use crate::random::Random;
    use crate::replay::Recording;
    use crate::server::framing;

    #[track_caller]
    fn assert_played(head: &str, body: &[u8], expected: &str) {
        let mut saved = format!("HTTP/1.1 200 OK\r\n{head}\r\n").into_bytes();
        saved.extend_from_slice(body);
        let played = playback(&Recording::parse(&saved).unwrap(), Chunking::Whole).concat();
        let mut wanted =
            format!("HTTP/1.1 200 \r\n{expected}Connection: close\r\n\r\n").into_bytes();
        wanted.extend_from_slice(body);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(&played), text(&wanted));
    }

    #[test]
    fn other_headers_stay_as_they_are() {
        let head = "Content-Type: application/json\r\nX-Request-Id: 7\r\n";
        assert_played(head, b"{}", &format!("{head}Content-Length: 2\r\n"));
    }

    #[test]
    fn a_body_in_pieces_is_sent_in_chunks() {
        let played = |saved: &str, split| {
            let writes = playback(&Recording::parse(saved.as_bytes()).unwrap(), split);
            let text = |write| String::from_utf8(write).unwrap();
            writes.into_iter().map(text).collect::<Vec<_>>()
        };
        let head = |length| format!("HTTP/1.1 200 \r\n{length}\r\nConnection: close\r\n\r\n");
        let (whole, chunked) = (
            head("Content-Length: 2"),
            head("Transfer-Encoding: chunked"),
        );
        assert_eq!(played("HTTP/2 200\n\n{}", Chunking::Whole), [whole + "{}"]);
        let chunks = ["1\r\n{\r\n", "1\r\n}\r\n", "0\r\n\r\n"];
        let writes = [&[&*chunked][..], &chunks].concat();
        assert_eq!(played("HTTP/2 200\n\n{}", Chunking::Bytes), writes);
        let cut = played("HTTP/2 200\nContent-Length: 9\n\n{}", Chunking::Bytes);
        assert_eq!(cut, [&*head("Content-Length: 9"), "{", "}"]);
    }

    #[test]
    fn a_length_that_the_body_exceeds_or_that_is_none_is_replaced() {
        for length in ["1", "0", "2", "", "-5", "many", "5, 5"] {
            let head = format!("Content-Length: {length}\r\n");
            assert_played(&head, b"{}", "Content-Length: 2\r\n");
        }
        assert_played(
            "Content-Length: 7\r\nContent-Length: 9\r\n",
            b"{}",
            "Content-Length: 2\r\n",
        );
    }

    #[test]
    fn a_length_that_the_body_falls_short_of_stays() {
        assert_played("content-length: 3\r\n", b"{}", "Content-Length: 3\r\n");
        assert_played("content-length: 3\r\n", b"", "Content-Length: 3\r\n");
        let twice = "content-length: 3\r\nContent-Length: 3\r\n";
        assert_played(twice, b"{}", "Content-Length: 3\r\n");
        let endless = "content-length: 99999999999999999999999\r\n";
        assert_played(endless, b"{}", &format!("Content-Length: {}\r\n", i64::MAX));
    }

    #[test]
    fn chunks_stay_only_if_they_are_there() {
        let head = "Transfer-Encoding: chunked\r\nContent-Length: 900\r\n";
        assert_played(head, b"{}", "Content-Length: 2\r\n");
        assert_played(
            head,
            b"2\r\n{}\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n",
        );
    }

    #[test]
    fn an_encoding_stays_only_if_it_is_there() {
        for encoding in ["gzip", "deflate", "br", "zstd", "compress"] {
            let head = format!("Content-Encoding: {encoding}\r\n");
            assert_played(&head, b"{}", "Content-Length: 2\r\n");
        }
        let compressed: [(&str, &[u8]); 5] = [
            ("gzip", b"\x1f\x8b\x08\0"),
            ("deflate", b"\x78\x9c\x03\0"),
            ("br", b"\xb1\x80\xfe\x03"),
            ("zstd", b"\x28\xb5\x2f\xfd"),
            ("identity", b"same"),
        ];
        for (encoding, body) in compressed {
            let head = format!("Content-Encoding: {encoding}\r\n");
            assert_played(&head, body, &format!("{head}Content-Length: 4\r\n"));
        }
    }

    #[test]
    fn the_length_of_a_decompressed_body_was_another() {
        let head = "Content-Encoding: gzip\r\nContent-Length: 22\r\n";
        assert_played(head, b"{}", "Content-Length: 2\r\n");
        let cut = "Content-Encoding: gzip\r\nContent-Length: 400\r\n";
        assert_played(cut, b"{\"id\":", "Content-Length: 400\r\n");
    }

    const SEEDS: u64 = 20_000;
    const PIECES: [&[u8]; 16] = [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/2 503\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/",
        b"\r\n",
        b"\n",
        b" ",
        b": ",
        b"Content-Length: 7\r\n",
        b"content-length:",
        b"Transfer-Encoding: chunked\r\n",
        b"content-encoding: gzip\n",
        b"2\r\n{}\r\n0\r\n\r\n",
        b"{\"error\":1}",
        b"\xff\xfe\0\x1f\x8b",
        b"\xc3",
    ];

    #[test]
    fn mangled_bytes_are_played_or_refused() {
        let mut played = 0;
        for seed in 1..=SEEDS {
            let mut random = Random::new(seed);
            let mut bytes = PIECES[random.below(3)].to_vec();
            for _ in 0..random.below(12) {
                bytes.extend_from_slice(PIECES[random.below(PIECES.len())]);
            }
            for _ in 0..random.below(3) {
                let at = random.below(bytes.len());
                bytes[at] = random.below(256) as u8;
            }
            bytes.truncate(1 + random.below(bytes.len() + 8));
            if let Ok(recording) = Recording::parse(&bytes) {
                let wired = |split| playback(&recording, split).concat();
                let again = Recording::parse(&wired(Chunking::Whole)).unwrap();
                assert_eq!(
                    (again.status, &again.body),
                    (recording.status, &recording.body)
                );
                let cut = Recording::parse(&wired(Chunking::Random(seed))).unwrap();
                assert!(cut.body == recording.body || framing::is_complete_body(&cut.body));
                played += 1;
            }
        }
        assert!(
            played > SEEDS / 4,
            "too few of the inputs are any good: {played}"
        );
    }
}

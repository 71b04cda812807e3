//! Where a request or a chunked body ends, and how a chunk is written.

/// What follows the last chunk.
pub(crate) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Bytes as one chunk of a body.
pub(crate) fn chunk(bytes: &[u8]) -> Vec<u8> {
    let size = format!("{:x}\r\n", bytes.len());
    [size.as_bytes(), bytes, b"\r\n"].concat()
}

/// Whether all of `body` is one chunked message, to the last byte.
pub(crate) fn is_complete_body(body: &[u8]) -> bool {
    let mut rest = body;
    loop {
        let Some((size, after)) = line(rest).and_then(|(line, after)| Some((size(line)?, after)))
        else {
            return false;
        };
        if size == 0 {
            return only_trailers(after);
        }
        let Some((_, end)) = after.split_at_checked(size) else {
            return false;
        };
        let Some(next) = end.strip_prefix(b"\r\n") else {
            return false;
        };
        rest = next;
    }
}

fn only_trailers(mut rest: &[u8]) -> bool {
    while let Some((trailer, after)) = line(rest) {
        if trailer.is_empty() {
            return after.is_empty();
        }
        rest = after;
    }
    false
}

/// The first line that ends in CRLF, without its end, and what follows it.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    Some((&bytes[..end], &bytes[end + 2..]))
}

fn size(line: &[u8]) -> Option<usize> {
    let digits = line.split(|byte| *byte == b';').next()?;
    let digits = std::str::from_utf8(digits).ok()?.trim();
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    usize::from_str_radix(digits, 16).ok()
}

/// Whether a request has come to its end.
pub(crate) fn is_complete(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let (head, body) = (&request[..end], &request[end + 4..]);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value = |name| head.lines().find_map(|line| line.strip_prefix(name));
    match value("content-length:").map(|length| length.trim().parse()) {
        Some(Ok(length)) => body.len() >= length,
        _ => value("transfer-encoding:").is_none() || is_complete_body(body),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_complete, is_complete_body};

    #[test]
    fn whole_messages() {
        assert!(is_complete_body(b"0\r\n\r\n"));
        assert!(is_complete_body(b"2\r\n{}\r\n0\r\n\r\n"));
        assert!(is_complete_body(
            b"1;a=b\r\n{\r\n1\r\n}\r\n0\r\nx: y\r\n\r\n"
        ));
    }

    #[test]
    fn anything_else_is_none() {
        let bodies: [&[u8]; 11] = [
            b"",
            b"{}",
            b"\r\n",
            b"2\r\n{}\r\n",
            b"2\r\n{}\r\n0\r\n",
            b"2\r\n{}\r\n0\r\n\r\n\n",
            b"2\n{}\n0\n\n",
            b"3\r\n{}\r\n0\r\n\r\n",
            b"-2\r\n{}\r\n0\r\n\r\n",
            b"ffffffffffffffff\r\n{}\r\n0\r\n\r\n",
            b"1\r\n00:00:00,000 --> 00:00:01,000\r\nHello.\r\n",
        ];
        for body in bodies {
            assert!(
                !is_complete_body(body),
                "{:?}",
                String::from_utf8_lossy(body)
            );
        }
    }

    #[test]
    fn a_request_ends_where_its_head_says() {
        assert!(!is_complete(b"GET / HTTP/1.1\r\nhost: x\r\n"));
        assert!(is_complete(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
        let head = "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n";
        assert!(!is_complete(format!("{head}{{").as_bytes()));
        assert!(is_complete(format!("{head}{{}}").as_bytes()));
        let head = "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";
        assert!(!is_complete(format!("{head}2\r\n{{}}\r\n").as_bytes()));
        assert!(is_complete(
            format!("{head}2\r\n{{}}\r\n0\r\n\r\n").as_bytes()
        ));
    }
}

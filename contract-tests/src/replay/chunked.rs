//! Chunked transfer coding, as far as it takes to recognise it and to write it.

/// What follows the last chunk.
pub(crate) const END: &[u8] = b"0\r\n\r\n";

/// A chunk of a body as a chunk.
pub(crate) fn chunk(piece: &[u8]) -> Vec<u8> {
    let size = format!("{:x}\r\n", piece.len());
    [size.as_bytes(), piece, b"\r\n"].concat()
}

/// Whether all of `body` is one chunked message, to the last byte.
pub(super) fn is_whole(body: &[u8]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn whole_messages() {
        assert!(is_whole(b"0\r\n\r\n"));
        assert!(is_whole(b"2\r\n{}\r\n0\r\n\r\n"));
        assert!(is_whole(b"1;a=b\r\n{\r\n1\r\n}\r\n0\r\nx: y\r\n\r\n"));
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
            assert!(!is_whole(body), "{:?}", String::from_utf8_lossy(body));
        }
    }
}

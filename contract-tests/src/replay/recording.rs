//! A raw HTTP response as `curl -i` saves it.

use std::fmt;

/// The response that a saved response ends in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Its status.
    pub status: u16,
    /// Its headers, in order.
    pub headers: Vec<Header>,
    /// Everything after its head.
    pub body: Vec<u8>,
}

/// One header, its value as it was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name, as written.
    pub name: String,
    /// Its value, without the space around it.
    pub value: Vec<u8>,
}

/// Why a file is no saved response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// There is nothing in it.
    Empty,
    /// It is text in two-byte characters, as PowerShell writes it.
    Utf16,
    /// It doesn't begin with a status line but with this.
    NoHead(String),
    /// It ends in a head that another one has to follow.
    OnlyInterim(u16),
}

impl Recording {
    /// A response of this media type.
    pub fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let header = Header {
            name: "content-type".to_owned(),
            value: media_type.into(),
        };
        Self {
            status,
            headers: vec![header],
            body: body.into(),
        }
    }

    /// Reads a saved response.
    ///
    /// Of several heads the last one counts. The lines of a head may end in a bare LF, and the
    /// blank line after it may be missing: what is no header begins the body.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err(ParseError::Utf16);
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let bytes = bytes.trim_ascii_start();
        if bytes.is_empty() {
            return Err(ParseError::Empty);
        }
        let (mut head, mut rest) = head(bytes).ok_or_else(|| {
            let line = line(bytes).0.trim_ascii_end();
            let shown = String::from_utf8_lossy(&line[..line.len().min(60)]).into_owned();
            ParseError::NoHead(shown)
        })?;
        while head.may_precede_another() {
            let Some((next, after)) = self::head(rest) else {
                break;
            };
            (head, rest) = (next, after);
        }
        if head.status < 200 {
            return Err(ParseError::OnlyInterim(head.status));
        }
        head.body = rest.to_vec();
        Ok(head)
    }

    /// The values of a header.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = move |header: &&Header| header.name.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .filter(named)
            .map(|header| &*header.value)
    }

    /// Whether a status line after this head begins another head and not this one's body.
    fn may_precede_another(&self) -> bool {
        let never_has_a_body = matches!(self.status, 100..=199 | 204 | 304);
        // curl leaves out the body of what it goes on from: a redirect or a demand for a login.
        let left_out = matches!(self.status, 300..=399 | 401 | 407);
        // A tunnel's response says nothing about a body, a response that has one does.
        let announced = self.values("content-type").next().is_some()
            || self.values("transfer-encoding").next().is_some()
            || self.values("content-length").any(|value| value != b"0");
        never_has_a_body || left_out || !announced
    }
}

/// The head at the start of `bytes`, and what follows it.
fn head(bytes: &[u8]) -> Option<(Recording, &[u8])> {
    let (first, mut rest) = line(bytes);
    let mut head = Recording {
        status: status(first)?,
        headers: Vec::new(),
        body: Vec::new(),
    };
    loop {
        let (text, after) = line(rest);
        if text.trim_ascii().is_empty() {
            return Some((head, after));
        }
        let folded = text.starts_with(b" ") || text.starts_with(b"\t");
        match (header(text), head.headers.last_mut()) {
            (Some(header), _) => head.headers.push(header),
            (None, Some(last)) if folded => {
                last.value.push(b' ');
                last.value.extend_from_slice(text.trim_ascii());
            }
            (None, _) => return Some((head, rest)),
        }
        rest = after;
    }
}

/// The first line without its LF, and what follows it.
fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

/// The status in a status line; HTTP/2 and later give no reason after it.
fn status(line: &[u8]) -> Option<u16> {
    let line = line.strip_prefix(b"HTTP/")?;
    let space = line.iter().position(|byte| *byte == b' ')?;
    let (version, rest) = line.split_at(space);
    let digits = version.split(|byte| *byte == b'.');
    let is_number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    if !digits.into_iter().all(is_number) {
        return None;
    }
    let rest = rest.trim_ascii();
    let (code, reason) = rest.split_at_checked(3)?;
    let status = std::str::from_utf8(code).ok()?.parse().ok()?;
    let ends = reason.is_empty() || reason.starts_with(b" ");
    (ends && code.iter().all(u8::is_ascii_digit) && status >= 100).then_some(status)
}

fn header(line: &[u8]) -> Option<Header> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = std::str::from_utf8(&line[..colon]).ok()?;
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let named = !name.is_empty() && name.chars().all(is_token);
    named.then(|| Header {
        name: name.to_owned(),
        value: line[colon + 1..].trim_ascii().to_vec(),
    })
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::Utf16 => f.write_str(
                "it is UTF-16 text; save the response with `curl -i -o FILE` instead of `>`",
            ),
            Self::NoHead(line) => write!(
                f,
                "it begins with {line:?} and not with a status line; save the response with `curl -i`"
            ),
            Self::OnlyInterim(status) => {
                write!(
                    f,
                    "it ends after the interim status {status}, without a response"
                )
            }
        }
    }
}

impl std::error::Error for ParseError {}

#[cfg(test)]
mod tests {
    use super::{ParseError, Recording};

    #[track_caller]
    fn parsed(text: &str) -> Recording {
        Recording::parse(text.as_bytes()).unwrap()
    }

    #[track_caller]
    fn assert_ends_in(text: &str, status: u16, body: &str) {
        let recording = parsed(text);
        let got = String::from_utf8_lossy(&recording.body).into_owned();
        assert_eq!((recording.status, got.as_str()), (status, body), "{text:?}");
    }

    #[test]
    fn a_plain_response() {
        let text =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Odd:  a: b \r\n\r\n{}\r\n";
        let recording = parsed(text);
        assert_eq!(recording.status, 200);
        assert_eq!(recording.body, b"{}\r\n");
        assert_eq!(recording.values("x-odd").next(), Some(&b"a: b"[..]));
    }

    #[test]
    fn heads_of_every_version_and_line_end() {
        assert_ends_in("HTTP/2 503 \r\n\r\nx", 503, "x");
        assert_ends_in("HTTP/2 503\nretry-after: 1\n\nx\n", 503, "x\n");
        assert_ends_in("HTTP/3 404\n\n", 404, "");
        assert_ends_in("HTTP/1.0 500 Internal Server Error\r\n\r\n", 500, "");
        assert_ends_in("\u{feff}\r\nHTTP/1.1 200 OK\r\n\r\n{}", 200, "{}");
    }

    #[test]
    fn a_missing_blank_line() {
        assert_ends_in("HTTP/2 503\ncontent-type: text/plain", 503, "");
        assert_ends_in(
            "HTTP/2 503\nserver: x\n{\"error\": 1}",
            503,
            "{\"error\": 1}",
        );
        assert_ends_in("HTTP/2 502\n<html>\n<p>a: b", 502, "<html>\n<p>a: b");
        assert_ends_in("HTTP/2 502", 502, "");
    }

    #[test]
    fn a_folded_header_is_one() {
        let recording = parsed("HTTP/1.1 200 OK\r\nx-long: one\r\n  two\r\n\r\n");
        assert_eq!(recording.values("x-long").next(), Some(&b"one two"[..]));
    }

    #[test]
    fn the_last_of_several_heads_counts() {
        let last = "HTTP/1.1 503 No\r\n\r\nbody";
        for before in [
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 100 Continue\n",
            "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
            "HTTP/1.1 200 Connection established\r\n\r\n",
            "HTTP/1.1 200 OK\r\nProxy-Agent: x\r\nContent-Length: 0\r\n\r\n",
            "HTTP/2 301 \r\ncontent-type: text/html\r\ncontent-length: 162\r\n\r\n",
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Type: text/html\r\n\r\nHTTP/1.1 200 \r\n\r\n",
        ] {
            assert_ends_in(&format!("{before}{last}"), 503, "body");
        }
    }

    #[test]
    fn a_body_may_look_like_a_head() {
        let body = "HTTP/1.1 200 OK\r\n\r\nsaid the speaker";
        for head in [
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n",
            "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 37\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        ] {
            let status = head[9..12].parse().unwrap();
            assert_ends_in(&format!("{head}{body}"), status, body);
        }
        assert_ends_in(
            "HTTP/2 200\n\nHTTP/2 is a protocol",
            200,
            "HTTP/2 is a protocol",
        );
        assert_ends_in(
            "HTTP/1.1 301 x\n\nmoved\nHTTP/1.1 200 OK\n\n",
            301,
            "moved\nHTTP/1.1 200 OK\n\n",
        );
    }

    #[test]
    fn what_has_no_head_is_unusable() {
        let unusable = |bytes: &[u8]| Recording::parse(bytes).unwrap_err();
        assert_eq!(unusable(b""), ParseError::Empty);
        assert_eq!(unusable(b"\r\n \n"), ParseError::Empty);
        assert_eq!(
            unusable(b"{\"a\":1}\n"),
            ParseError::NoHead("{\"a\":1}".to_owned())
        );
        assert_eq!(unusable(b"\xff\xfeH\0T\0"), ParseError::Utf16);
        assert_eq!(
            unusable(b"HTTP/1.1 100 Continue\r\n\r\n"),
            ParseError::OnlyInterim(100)
        );
        for line in [
            "HTTP/1.1",
            "HTTP/1.1 ",
            "HTTP/ 200",
            "HTTP/1.1 20",
            "HTTP/1.1 2000",
            "HTTP/1.1 099",
            "HTTP/x 200",
            "http 200",
        ] {
            assert_eq!(
                unusable(line.as_bytes()),
                ParseError::NoHead(line.trim_end().to_owned())
            );
        }
    }
}

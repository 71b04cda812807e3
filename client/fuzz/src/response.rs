use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// A response as a text that a fuzzer can change bit by bit: the status, a line for each header, a
/// blank line, the body.
#[derive(Debug)]
pub struct FuzzResponse<'i> {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: &'i [u8],
}

impl<'i> FuzzResponse<'i> {
    /// Reads any bytes as a response: a line that is no header is left out, 500 stands for no status.
    pub fn parse(input: &'i [u8]) -> Self {
        let blank = input.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = match blank {
            Some(end) => (&input[..end], &input[end + 2..]),
            None => (&[][..], input),
        };
        let mut lines = head.split(|byte| *byte == b'\n');
        let status = lines
            .next()
            .and_then(|line| StatusCode::from_bytes(line).ok());
        let header = |line: &[u8]| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = HeaderName::from_bytes(&line[..colon]).ok()?;
            let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
            Some((name, value))
        };
        let mut headers = HeaderMap::new();
        for (name, value) in lines.take(50).filter_map(header) {
            headers.append(name, value);
        }
        Self {
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers,
            body,
        }
    }
}

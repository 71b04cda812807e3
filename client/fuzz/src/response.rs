use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// A response encoded as text, which a fuzzer can mutate: the status, a line for each header, a blank
/// line, the body.
#[derive(Debug)]
pub struct EncodedResponse<'i> {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: &'i [u8],
}

impl<'i> EncodedResponse<'i> {
    /// Parses any bytes as a response. Ignores lines that are not headers, and defaults to status 500.
    pub fn parse(input: &'i [u8]) -> Self {
        let blank = input.windows(2).position(|pair| pair == b"\n\n");
        let (status_and_headers, body) = match blank {
            Some(end) => (&input[..end], &input[end + 2..]),
            None => (&[][..], input),
        };
        let mut lines = status_and_headers.split(|byte| *byte == b'\n');
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

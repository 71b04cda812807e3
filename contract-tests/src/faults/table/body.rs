//! Faults of a body on its way, under a success status and after a good head.
//!
//! The server has done the work. Events end in a word of their own, whatever cut them.

use cometapi::ErrorKind;

use crate::faults::fault::Payload;
use crate::faults::fault::{Expectation, FINE, Fault, Retry, fails};
use crate::faults::operations::trickle;
use crate::faults::operations::{Form, HealthyResponse};
use crate::server::Step;
use crate::server::framing::{LAST_CHUNK, chunk};

const BROKEN: Expectation = fails(200, ErrorKind::IncompleteBody, Retry::IfIdempotent);
const TRUNCATED: Expectation = fails(200, ErrorKind::IncompleteStream, Retry::Never);
/// It ends early, and HTTP says so.
const CUT: [Expectation; 3] = [BROKEN, BROKEN, TRUNCATED];
/// It ends early with the connection, and nothing says so but the content itself.
const CUT_BY_CLOSE: [Expectation; 3] = [BROKEN, Expectation::Succeeds(Payload::Partial), TRUNCATED];
/// It ends early at its declared length, and nothing says so but the content itself.
const CUT_UNSEEN: [Expectation; 3] = [
    fails(200, ErrorKind::Decode, Retry::Never),
    Expectation::Succeeds(Payload::Partial),
    TRUNCATED,
];
const STALLED: Expectation = fails(200, ErrorKind::ReadTimeout, Retry::IfIdempotent);
const TOO_LARGE: Expectation = fails(200, ErrorKind::ResponseTooLarge, Retry::Never);
const UNLIMITED: Expectation =
    Expectation::NotApplicable("a stream of events may go on for any time");

pub(super) fn faults() -> Vec<Fault> {
    vec![
        Fault::each(
            "resets after the head",
            |response| vec![Step::Write(announced(response)), Step::Reset],
            CUT,
        ),
        Fault::each(
            "resets in the body",
            |response| vec![first_half(response), Step::Reset],
            CUT,
        ),
        Fault::each(
            "ends early, with Content-Length",
            |response| vec![first_half(response)],
            CUT,
        ),
        Fault::each(
            "ends early, chunked",
            |response| vec![Step::Write(response.half_chunked())],
            CUT,
        ),
        Fault::each(
            "ends early, without Content-Length",
            |response| vec![Step::Write([&response.head(""), response.half()].concat())],
            CUT_BY_CLOSE,
        ),
        Fault::each(
            "Content-Length too small",
            |response| {
                let head = response.head_of(response.half().len());
                vec![Step::Write([&head, &response.body[..]].concat())]
            },
            CUT_UNSEEN,
        ),
        Fault::each(
            "Content-Length of 8 EiB",
            |response| {
                let head = response.head_of(i64::MAX);
                vec![Step::Write([&head, response.half()].concat())]
            },
            [TOO_LARGE, BROKEN, TRUNCATED],
        ),
        Fault::each("chunk size that is no number", chunk_size("zz"), CUT),
        Fault::each("chunk size of 8 EiB", chunk_size("7fffffffffffffff"), CUT),
        Fault::each(
            "chunk size beyond 64 bits",
            chunk_size("fffffffffffffffff"),
            CUT,
        ),
        Fault::each(
            "chunk size that is endless",
            chunk_size(&"0".repeat(1 << 16)),
            CUT,
        ),
        Fault::any(
            "stalls after the head",
            |response| vec![Step::Write(announced(response)), Step::Stall],
            STALLED,
        )
        .slow(),
        Fault::any(
            "stalls in the body",
            |response| vec![first_half(response), Step::Stall],
            STALLED,
        )
        .slow(),
        Fault::any(
            "drips the body",
            |response| {
                let head = Step::Write(announced(response));
                [head]
                    .into_iter()
                    .chain(trickle(&response.body, 30))
                    .collect()
            },
            FINE,
        )
        .slow(),
        Fault::each(
            "drips blanks for ever",
            |response| {
                let head = Step::Write(response.head(""));
                [head]
                    .into_iter()
                    .chain(trickle(&[b' '; 1000], 1000))
                    .collect()
            },
            [
                fails(200, ErrorKind::Timeout, Retry::Never),
                fails(200, ErrorKind::Timeout, Retry::Never),
                UNLIMITED,
            ],
        )
        .slow(),
        Fault::each(
            "endless body",
            |response| {
                let (opening, piece) = match response.form {
                    Form::Json => ("", b' '),
                    Form::Bytes => ("", b'x'),
                    Form::Events => ("data: ", b'x'),
                };
                let head = [&response.head(""), opening.as_bytes()].concat();
                vec![Step::Write(head), Step::Repeat(vec![piece; 1 << 14])]
            },
            [
                TOO_LARGE,
                Expectation::Succeeds(Payload::Unbounded),
                TOO_LARGE,
            ],
        ),
        Fault::any(
            "HTTP/1.0 without any header",
            |response| {
                let head = &b"HTTP/1.0 200 OK\r\n\r\n"[..];
                vec![Step::Write([head, &response.body].concat())]
            },
            FINE,
        ),
        Fault::any(
            "bare LF in the head",
            |response| {
                let head = announced(response);
                let head = head.into_iter().filter(|byte| *byte != b'\r');
                vec![Step::Write(head.chain(response.body.clone()).collect())]
            },
            FINE,
        ),
        Fault::any(
            "chunked, and Content-Length",
            |response| {
                let head = response.head("content-length: 3\r\ntransfer-encoding: chunked\r\n");
                let body = [chunk(&response.body), LAST_CHUNK.to_vec()].concat();
                vec![Step::Write([head, body].concat())]
            },
            FINE,
        ),
        Fault::any(
            "a byte in each chunk, with trailers",
            |response| {
                let head = response.head("transfer-encoding: chunked\r\n");
                let bytes = response.body.iter();
                let chunks = bytes.flat_map(|byte| chunk(&[*byte]));
                let end = LAST_CHUNK.strip_suffix(b"\r\n").unwrap_or_default();
                let trailers = [end, b"x-checksum: 1\r\n\r\n"].concat();
                vec![Step::Write(
                    head.into_iter().chain(chunks).chain(trailers).collect(),
                )]
            },
            FINE,
        ),
    ]
}

/// The status and headers of a response that has a length.
fn announced(response: &HealthyResponse) -> Vec<u8> {
    response.head_of(response.body.len())
}

/// Half of the body under a head that announces all of it.
fn first_half(response: &HealthyResponse) -> Step {
    Step::Write([&announced(response), response.half()].concat())
}

/// A good chunk, then one of this size.
fn chunk_size(size: &str) -> impl Fn(&HealthyResponse) -> Vec<Step> + Send + Sync + use<> {
    let line = format!("{size}\r\nand so on").into_bytes();
    move |response| {
        vec![Step::Write(
            [response.half_chunked(), line.clone()].concat(),
        )]
    }
}

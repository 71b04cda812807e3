//! Faults of a body on its way, under a success status and after a good head.
//!
//! The server has done the work. Events end in a word of their own, whatever cut them.

use cometapi::ErrorKind;

use crate::faults::fault::{Again, Cell, FINE, Fault, Setting, fails};
use crate::faults::operations::{Answer, Form};
use crate::faults::outcome::Came;
use crate::faults::wire::{Step, drip};
use crate::replay::{CHUNKED_END, chunk};

const BROKEN: Cell = fails(200, ErrorKind::IncompleteBody, Again::IfHarmless);
const TRUNCATED: Cell = fails(200, ErrorKind::IncompleteStream, Again::Never);
/// It breaks off, and HTTP says so.
const CUT: [Cell; 3] = [BROKEN, BROKEN, TRUNCATED];
/// It breaks off, and nothing says so but the content itself.
const CUT_UNSEEN: [Cell; 3] = [
    fails(200, ErrorKind::Decode, Again::Never),
    Cell::Succeeds(Came::Half),
    TRUNCATED,
];
const STALLED: Cell = fails(200, ErrorKind::ReadTimeout, Again::IfHarmless);
const TOO_LARGE: Cell = fails(200, ErrorKind::ResponseTooLarge, Again::Never);
const UNLIMITED: Cell = Cell::Meaningless("a stream of events may go on for any time");

pub(super) fn faults() -> Vec<Fault> {
    vec![
        Fault::each(
            "resets after the head",
            |answer| vec![Step::Write(announced(answer)), Step::Reset],
            CUT,
        ),
        Fault::each(
            "resets in the body",
            |answer| vec![first_half(answer), Step::Reset],
            CUT,
        ),
        Fault::each(
            "ends early, with Content-Length",
            |answer| vec![first_half(answer)],
            CUT,
        ),
        Fault::each(
            "ends early, chunked",
            |answer| vec![Step::Write(answer.half_chunked())],
            CUT,
        ),
        Fault::each(
            "ends early, without Content-Length",
            |answer| vec![Step::Write([&answer.head(""), answer.half()].concat())],
            CUT_UNSEEN,
        ),
        Fault::each(
            "Content-Length too small",
            |answer| {
                let head = answer.head_of(answer.half().len());
                vec![Step::Write([&head, &answer.body[..]].concat())]
            },
            CUT_UNSEEN,
        ),
        Fault::each(
            "Content-Length of 8 EiB",
            |answer| {
                let head = answer.head_of(i64::MAX);
                vec![Step::Write([&head, answer.half()].concat())]
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
            |answer| vec![Step::Write(announced(answer)), Step::Stall],
            STALLED,
        )
        .with_setting(Setting::Impatient),
        Fault::any(
            "stalls in the body",
            |answer| vec![first_half(answer), Step::Stall],
            STALLED,
        )
        .with_setting(Setting::Impatient),
        Fault::any(
            "drips the body",
            |answer| {
                let head = Step::Write(announced(answer));
                [head].into_iter().chain(drip(&answer.body, 30)).collect()
            },
            FINE,
        )
        .with_setting(Setting::Impatient),
        Fault::each(
            "drips blanks for ever",
            |answer| {
                let head = Step::Write(answer.head(""));
                [head]
                    .into_iter()
                    .chain(drip(&[b' '; 1000], 1000))
                    .collect()
            },
            [
                fails(200, ErrorKind::Timeout, Again::Never),
                fails(200, ErrorKind::Timeout, Again::Never),
                UNLIMITED,
            ],
        )
        .with_setting(Setting::Impatient),
        Fault::each(
            "endless body",
            |answer| {
                let (opening, piece) = match answer.form {
                    Form::Json => ("", b' '),
                    Form::Bytes => ("", b'x'),
                    Form::Events => ("data: ", b'x'),
                };
                let head = [&answer.head(""), opening.as_bytes()].concat();
                vec![Step::Write(head), Step::Flood(vec![piece; 1 << 14])]
            },
            [TOO_LARGE, Cell::Succeeds(Came::Flood), TOO_LARGE],
        ),
        Fault::any(
            "HTTP/1.0 without any header",
            |answer| {
                let head = &b"HTTP/1.0 200 OK\r\n\r\n"[..];
                vec![Step::Write([head, &answer.body].concat())]
            },
            FINE,
        ),
        Fault::any(
            "bare LF in the head",
            |answer| {
                let head = announced(answer);
                let head = head.into_iter().filter(|byte| *byte != b'\r');
                vec![Step::Write(head.chain(answer.body.clone()).collect())]
            },
            FINE,
        ),
        Fault::any(
            "chunked, and Content-Length",
            |answer| {
                let head = answer.head("content-length: 3\r\ntransfer-encoding: chunked\r\n");
                let body = [chunk(&answer.body), CHUNKED_END.to_vec()].concat();
                vec![Step::Write([head, body].concat())]
            },
            FINE,
        ),
        Fault::any(
            "a byte in each chunk, with trailers",
            |answer| {
                let head = answer.head("transfer-encoding: chunked\r\n");
                let bytes = answer.body.iter();
                let chunks = bytes.flat_map(|byte| chunk(&[*byte]));
                let end = CHUNKED_END.strip_suffix(b"\r\n").unwrap_or_default();
                let trailers = [end, b"x-checksum: 1\r\n\r\n"].concat();
                vec![Step::Write(
                    head.into_iter().chain(chunks).chain(trailers).collect(),
                )]
            },
            FINE,
        ),
    ]
}

/// The head of an answer that has a length.
fn announced(answer: &Answer) -> Vec<u8> {
    answer.head_of(answer.body.len())
}

/// Half of the body under a head that announces all of it.
fn first_half(answer: &Answer) -> Step {
    Step::Write([&announced(answer), answer.half()].concat())
}

/// A good chunk, then one of this size.
fn chunk_size(size: &str) -> impl Fn(&Answer) -> Vec<Step> + Send + Sync + use<> {
    let line = format!("{size}\r\nand so on").into_bytes();
    move |answer| vec![Step::Write([answer.half_chunked(), line.clone()].concat())]
}

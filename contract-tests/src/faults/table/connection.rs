//! Faults before the status and headers of the response is complete.
//!
//! The server may have received the request, unless there was no connection at all.

use cometapi::ErrorKind;

use crate::faults::fault::{
    ClientProfile, Expectation, FINE, Fault, Retry, fails_without_response,
};
use crate::faults::operations::trickle;
use crate::server::Step;

const BROKEN: Expectation =
    fails_without_response(ErrorKind::ConnectionClosed, Retry::IfIdempotent);
const TOO_LATE: Expectation =
    fails_without_response(ErrorKind::ResponseTimeout, Retry::IfIdempotent);

pub(super) fn faults() -> Vec<Fault> {
    vec![
        Fault::sends(
            "refuses",
            [],
            fails_without_response(ErrorKind::Connect, Retry::Always),
        )
        .with_setting(ClientProfile::ConnectionRefused),
        Fault::sends("closes without reading", [Step::SkipRequest], BROKEN),
        Fault::sends("says nothing", [Step::Stall], TOO_LATE).slow(),
        Fault::sends("closes before the head", [], BROKEN),
        Fault::sends("resets before the head", [Step::Reset], BROKEN),
        Fault::sends("closes in the head", [half_a_head()], BROKEN),
        Fault::sends("resets in the head", [half_a_head(), Step::Reset], BROKEN),
        Fault::sends("stalls in the head", [half_a_head(), Step::Stall], TOO_LATE).slow(),
        Fault::any(
            "drips the head for ever",
            |_| {
                let drops = trickle(&[b'x'; 1000], 1000);
                [half_a_head()].into_iter().chain(drops).collect()
            },
            TOO_LATE,
        )
        .slow(),
        Fault::sends(
            "endless header",
            [half_a_head(), Step::Repeat(vec![b'x'; 1 << 14])],
            BROKEN,
        ),
        Fault::any(
            "endless headers",
            |_| {
                let headers = "x-filler: x\r\n".repeat(1 << 10).into_bytes();
                vec![half_a_head(), write("\r\n"), Step::Repeat(headers)]
            },
            BROKEN,
        ),
        Fault::sends(
            "another protocol",
            [write("SSH-2.0-OpenSSH_9.6\r\n")],
            BROKEN,
        ),
        Fault::any(
            "Content-Length: many",
            |response| {
                let head = response.head_of("many");
                vec![Step::Write(head), Step::Write(response.body.clone())]
            },
            BROKEN,
        ),
        Fault::any(
            "two Content-Lengths",
            |response| {
                let head = response.head("content-length: 3\r\ncontent-length: 5\r\n");
                vec![Step::Write(head), Step::Write(response.body.clone())]
            },
            BROKEN,
        ),
        Fault::any(
            "interim responses first",
            |response| {
                let interim = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(100);
                vec![write(interim), response.whole()]
            },
            FINE,
        ),
        Fault::any(
            "the head byte by byte",
            |response| {
                let head = response.head_of(response.body.len());
                let bytes = head.iter().map(|byte| Step::Write(vec![*byte]));
                bytes.chain([Step::Write(response.body.clone())]).collect()
            },
            FINE,
        ),
        Fault::any(
            "invalid UTF-8 in a header",
            |response| {
                let length = response.body.len();
                let mut head =
                    response.head(&format!("content-length: {length}\r\nx-request-id: ?\r\n"));
                let mark = head.iter().rposition(|byte| *byte == b'?');
                if let Some(byte) = mark.and_then(|place| head.get_mut(place)) {
                    *byte = 0xff;
                }
                vec![Step::Write(head), Step::Write(response.body.clone())]
            },
            FINE,
        ),
    ]
}

fn half_a_head() -> Step {
    write("HTTP/1.1 200 OK\r\ncontent-type: appli")
}

fn write(text: impl AsRef<[u8]>) -> Step {
    Step::Write(text.as_ref().to_vec())
}

//! Faults before the head of an answer is whole.
//!
//! The server may have received the request, unless there was no connection at all.

use cometapi::ErrorKind;

use crate::faults::fault::{Again, Cell, FINE, Fault, Setting, headless};
use crate::faults::wire::{Step, drip};

const BROKEN: Cell = headless(ErrorKind::ConnectionClosed, Again::IfHarmless);
const TOO_LATE: Cell = headless(ErrorKind::ResponseTimeout, Again::IfHarmless);

pub(super) fn faults() -> Vec<Fault> {
    vec![
        Fault::any(
            "refuses",
            |_| Vec::new(),
            headless(ErrorKind::Connect, Again::Always),
        )
        .with_setting(Setting::Refusing),
        Fault::any("closes without reading", |_| vec![Step::Ignore], BROKEN),
        Fault::any("says nothing", |_| vec![Step::Stall], TOO_LATE)
            .with_setting(Setting::Impatient),
        Fault::any("closes before the head", |_| Vec::new(), BROKEN),
        Fault::any("resets before the head", |_| vec![Step::Reset], BROKEN),
        Fault::any("closes in the head", |_| vec![half_a_head()], BROKEN),
        Fault::any(
            "resets in the head",
            |_| vec![half_a_head(), Step::Reset],
            BROKEN,
        ),
        Fault::any(
            "stalls in the head",
            |_| vec![half_a_head(), Step::Stall],
            TOO_LATE,
        )
        .with_setting(Setting::Impatient),
        Fault::any(
            "drips the head for ever",
            |_| {
                let drops = drip(&[b'x'; 1000], 1000);
                [half_a_head()].into_iter().chain(drops).collect()
            },
            TOO_LATE,
        )
        .with_setting(Setting::Impatient),
        Fault::any(
            "endless header",
            |_| vec![half_a_head(), Step::Flood(vec![b'x'; 1 << 14])],
            BROKEN,
        ),
        Fault::any(
            "endless headers",
            |_| {
                let headers = "x-filler: x\r\n".repeat(1 << 10).into_bytes();
                vec![half_a_head(), write("\r\n"), Step::Flood(headers)]
            },
            BROKEN,
        ),
        Fault::any(
            "another protocol",
            |_| vec![write("SSH-2.0-OpenSSH_9.6\r\n")],
            BROKEN,
        ),
        Fault::any(
            "Content-Length: many",
            |answer| {
                let head = answer.head_of("many");
                vec![Step::Write(head), Step::Write(answer.body.clone())]
            },
            BROKEN,
        ),
        Fault::any(
            "two Content-Lengths",
            |answer| {
                let head = answer.head("content-length: 3\r\ncontent-length: 5\r\n");
                vec![Step::Write(head), Step::Write(answer.body.clone())]
            },
            BROKEN,
        ),
        Fault::any(
            "interim answers first",
            |answer| {
                let interim = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(100);
                vec![write(interim), answer.whole()]
            },
            FINE,
        ),
        Fault::any(
            "the head byte by byte",
            |answer| {
                let head = answer.head_of(answer.body.len());
                let bytes = head.iter().map(|byte| Step::Write(vec![*byte]));
                bytes.chain([Step::Write(answer.body.clone())]).collect()
            },
            FINE,
        ),
        Fault::any(
            "invalid UTF-8 in a header",
            |answer| {
                let length = answer.body.len();
                let mut head =
                    answer.head(&format!("content-length: {length}\r\nx-request-id: ?\r\n"));
                let mark = head.iter().rposition(|byte| *byte == b'?');
                if let Some(byte) = mark.and_then(|place| head.get_mut(place)) {
                    *byte = 0xff;
                }
                vec![Step::Write(head), Step::Write(answer.body.clone())]
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

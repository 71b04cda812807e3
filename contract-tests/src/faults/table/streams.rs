//! Faults that only a stream of events can have.
//!
//! What was delivered stays, and nothing is sent a second time.

use cometapi::ErrorKind;

use crate::faults::fault::{Again, Cell, FINE, Fault, Setting, fails};
use crate::faults::operations::Answer;
use crate::faults::wire::Step;

const NO_EVENTS: Cell = Cell::Meaningless("only a stream has events");

pub(super) fn faults() -> Vec<Fault> {
    let wrong = |kind| fails(200, kind, Again::Never);
    vec![
        events(
            "error mid-stream",
            |events| {
                format!(
                    "{}data: {{\"error\":{{\"message\":\"no luck\"}}}}\n\n",
                    begun(events)
                )
            },
            wrong(ErrorKind::Server),
        ),
        events(
            "error event mid-stream",
            |events| format!("{}event: error\ndata: no luck\n\n", begun(events)),
            wrong(ErrorKind::Server),
        ),
        events(
            "error mid-stream: rate limited",
            |events| {
                let error = r#"{"error":{"message":"slow down","code":"rate_limit_exceeded"}}"#;
                format!("{}data: {error}\n\n", begun(events))
            },
            wrong(ErrorKind::Server),
        ),
        events(
            "no JSON mid-stream",
            |events| format!("{}data: hello\n\n", begun(events)),
            wrong(ErrorKind::Decode),
        ),
        events("ends mid-stream", begun, wrong(ErrorKind::IncompleteStream)),
        events("never [DONE], all parts finished", unmarked, FINE),
        events(
            "never [DONE], no part finished",
            |events| unmarked(events).replace("\"stop\"", "null"),
            wrong(ErrorKind::IncompleteStream),
        ),
        stream(
            "stalls mid-stream",
            |answer| vec![answer.with_head(&begun(&answer.events())), Step::Stall],
            wrong(ErrorKind::ReadTimeout),
        )
        .with_setting(Setting::Impatient),
        stream(
            "stalls before [DONE], all parts finished",
            |answer| vec![answer.with_head(&unmarked(&answer.events())), Step::Stall],
            FINE,
        )
        .with_setting(Setting::Impatient),
        stream(
            "resets mid-stream",
            |answer| vec![answer.with_head(&begun(&answer.events())), Step::Reset],
            wrong(ErrorKind::IncompleteStream),
        ),
        stream(
            "resets after [DONE]",
            |answer| {
                let all = answer.events().concat();
                vec![answer.with_head(&all), Step::Reset]
            },
            FINE,
        ),
        stream(
            "stalls after [DONE]",
            |answer| {
                let all = answer.events().concat();
                vec![answer.with_head(&all), Step::Stall]
            },
            FINE,
        ),
        stream(
            "endless comments first",
            |answer| {
                let comments = ": PING\n\n".repeat(1 << 11).into_bytes();
                let all = answer.events().concat().into_bytes();
                let head = answer.with_head("");
                vec![head, Step::Flood(comments), Step::Write(all)]
            },
            FINE,
        ),
    ]
}

/// A fault of the events alone: what they become.
fn events(
    name: &str,
    wrong: impl Fn(&[&str]) -> String + Send + Sync + 'static,
    cell: Cell,
) -> Fault {
    let wire = move |answer: &Answer| vec![answer.with_body(wrong(&answer.events()))];
    stream(name, wire, cell)
}

fn stream(
    name: &str,
    wire: impl Fn(&Answer) -> Vec<Step> + Send + Sync + 'static,
    cell: Cell,
) -> Fault {
    Fault::each(name, wire, [NO_EVENTS, NO_EVENTS, cell])
}

/// The first events.
fn begun(events: &[&str]) -> String {
    events[..events.len() / 2].concat()
}

/// All but the marker of the end.
fn unmarked(events: &[&str]) -> String {
    events[..events.len() - 1].concat()
}

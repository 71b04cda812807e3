//! Faults that only a stream of events can have.
//!
//! What was delivered stays, and nothing is sent a second time.

use cometapi::ErrorKind;

use crate::faults::fault::{Expectation, FINE, Fault, Retry, fails};
use crate::faults::operations::HealthyResponse;
use crate::server::Step;

const NO_EVENTS: Expectation = Expectation::NotApplicable("only a stream has events");

pub(super) fn faults() -> Vec<Fault> {
    let wrong = |kind| fails(200, kind, Retry::Never);
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
            |response| vec![response.with_head(&begun(&response.events())), Step::Stall],
            wrong(ErrorKind::ReadTimeout),
        )
        .slow(),
        stream(
            "stalls before [DONE], all parts finished",
            |response| {
                vec![
                    response.with_head(&unmarked(&response.events())),
                    Step::Stall,
                ]
            },
            FINE,
        )
        .slow(),
        stream(
            "resets mid-stream",
            |response| vec![response.with_head(&begun(&response.events())), Step::Reset],
            wrong(ErrorKind::IncompleteStream),
        ),
        stream(
            "resets after [DONE]",
            |response| {
                let all = response.events().concat();
                vec![response.with_head(&all), Step::Reset]
            },
            FINE,
        ),
        stream(
            "stalls after [DONE]",
            |response| {
                let all = response.events().concat();
                vec![response.with_head(&all), Step::Stall]
            },
            FINE,
        ),
        stream(
            "endless comments first",
            |response| {
                let comments = ": PING\n\n".repeat(1 << 11).into_bytes();
                let all = response.events().concat().into_bytes();
                let head = response.with_head("");
                vec![head, Step::Repeat(comments), Step::Write(all)]
            },
            FINE,
        ),
    ]
}

/// A fault of the events alone: what they become.
fn events(
    name: &str,
    wrong: impl Fn(&[&str]) -> String + Send + Sync + 'static,
    cell: Expectation,
) -> Fault {
    let wire =
        move |response: &HealthyResponse| vec![response.with_body(wrong(&response.events()))];
    stream(name, wire, cell)
}

fn stream(
    name: &str,
    wire: impl Fn(&HealthyResponse) -> Vec<Step> + Send + Sync + 'static,
    cell: Expectation,
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

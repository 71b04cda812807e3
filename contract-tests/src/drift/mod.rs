//! Responses of a service compared with the contract.
//!
//! Proves that the API, or a gateway, still is what the contract says, in what it returned just now. Can't
//! prove anything about what wasn't called. The client has no part in it; what it makes of a saved response,
//! `replay` shows.
//!
//! In reading order: `fetch.rs` (the requests), `compare.rs`, `save.rs` (a response without its content).

mod compare;
mod fetch;
mod save;

use cometapi_contract::MediaType;

pub use compare::Difference;
pub use fetch::{ServerResponse, Service};
pub use save::saved;

use crate::request::{EVENT_STREAM, MinimalRequest};
use crate::schema::of_media_type;
use compare::Comparison;

/// Whether a body that came with a status of success reports an error, as clients read it: that says nothing about the contract.
pub fn reports_error(received: &ServerResponse) -> bool {
    let body = serde_json::from_slice::<serde_json::Value>(&received.body).unwrap_or_default();
    received.is_success() && (body["error"].is_object() || body["success"] == false)
}

/// Everything in a response that isn't as the contract says.
pub fn differences(probe: &MinimalRequest<'_>, received: &ServerResponse) -> Vec<Difference> {
    let mut comparison = Comparison::default();
    let media_type = received.media_type();
    let status = received.status.to_string();
    let responses = probe.operation.responses();
    let documented = responses.iter().find(|response| response.status == status);
    // A client takes every status of success, so another one than the documented is no change.
    let success = || {
        responses
            .iter()
            .find(|response| response.is_success() && received.is_success())
    };
    let Some(response) = documented.or_else(success) else {
        comparison.add(head(
            "undocumented-status",
            &status,
            format!("add the response {status} to {}", probe.operation.id()),
        ));
        return comparison.finish();
    };
    let media_types = response.media_types();
    let Some(known) = media_types.iter().find(|known| known.name == media_type) else {
        let shown = save::as_identifier(&media_type.replace('/', ":")).replace(':', "/");
        comparison.add(head(
            "undocumented-media-type",
            &shown,
            format!(
                "add {shown} to the response {status} of {}",
                probe.operation.id()
            ),
        ));
        return comparison.finish();
    };
    let Some(schema) = known.schema().filter(|_| !known.is_binary()) else {
        return comparison.finish();
    };
    if media_type == EVENT_STREAM {
        compare_events(&mut comparison, known, received);
    } else if media_type.ends_with("json") {
        match serde_json::from_slice(&received.body) {
            Ok(body) => comparison.body(&schema, &body),
            Err(problem) => comparison.add(head("no-json", &problem.to_string(), String::new())),
        }
    }
    comparison.finish()
}

fn compare_events(
    comparison: &mut Comparison,
    media_type: &MediaType<'_>,
    received: &ServerResponse,
) {
    let schema = of_media_type(media_type);
    let marker = media_type.node.get_path(&["x-event-stream", "sentinel"]);
    let marker = marker.as_ref().and_then(|marker| marker.value().as_str());
    let events = events(&String::from_utf8_lossy(&received.body));
    if marker.is_some_and(|marker| events.last().is_none_or(|last| last != marker)) {
        let what = format!("{} events and no marker of the end", events.len());
        comparison.add(head("no-end", &what, String::new()));
    }
    let values = events.iter().filter(|event| Some(event.as_str()) != marker);
    for event in values {
        match (serde_json::from_str(event), &schema) {
            (Ok(value), Some(schema)) => comparison.body(schema, &value),
            (Err(problem), _) => {
                comparison.add(head("no-json", &problem.to_string(), String::new()));
            }
            (Ok(_), None) => {}
        }
    }
}

/// The data of each event, as simply as a server writes them.
fn events(body: &str) -> Vec<String> {
    let body = body.replace("\r\n", "\n").replace('\r', "\n");
    let data = |event: &str| {
        let lines = event.lines().filter_map(|line| line.strip_prefix("data:"));
        let lines: Vec<&str> = lines
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    };
    body.split("\n\n").filter_map(data).collect()
}

/// A difference that is in no place of the body.
fn head(rule: &'static str, seen: &str, proposal: String) -> Difference {
    Difference {
        rule,
        pointer: String::new(),
        pattern: String::new(),
        seen: seen.to_owned(),
        proposal,
        times: 1,
        of: 0,
        line: None,
    }
}

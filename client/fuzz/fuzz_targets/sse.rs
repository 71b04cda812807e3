//! Fuzz target for the SSE parser: events of the standard's algorithm, independent of chunks, within the limit.

#![no_main]

use bytes::Bytes;
use cometapi::runtime::fuzzing::{ParsedEnd, parse_events, standard_events};
use cometapi_fuzz::chunkings;
use libfuzzer_sys::fuzz_target;

const UNLIMITED: usize = usize::MAX;
/// The maximum size of an event in bytes.
const LIMIT: usize = 40;

fuzz_target!(|body: &[u8]| {
    let body = Bytes::copy_from_slice(body);
    let unlimited = parse_events(UNLIMITED, [body.clone()]);
    let parsed = unlimited
        .events
        .iter()
        .map(|(name, data)| (&name[..], &data[..]));
    let expected = standard_events(&body);
    let expected = expected.iter().map(|(name, data)| (&name[..], &data[..]));
    assert!(parsed.eq(expected), "{unlimited:?}");
    let limited = parse_events(LIMIT, [body.clone()]);
    assert!(unlimited.events.starts_with(&limited.events));
    for (name, data) in &limited.events {
        assert!(name.len() + data.len() <= LIMIT, "{name:?} {data:?}");
    }
    if limited.end != ParsedEnd::EventTooLarge {
        assert_eq!(limited, unlimited);
    }
    for chunks in chunkings(&body) {
        assert_eq!(
            parse_events(UNLIMITED, chunks.clone()),
            unlimited,
            "{chunks:?}"
        );
        assert_eq!(parse_events(LIMIT, chunks.clone()), limited, "{chunks:?}");
    }
});

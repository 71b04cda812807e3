//! The SSE parser: as the standard says, however the body is split, within its limit.

#![no_main]

use bytes::Bytes;
use cometapi::runtime::fuzzing::{ParsedEnd, parse_events, standard_events};
use cometapi_fuzz::splits;
use libfuzzer_sys::fuzz_target;

const UNLIMITED: usize = usize::MAX;
const LIMIT: usize = 40;

fuzz_target!(|body: &[u8]| {
    let body = Bytes::copy_from_slice(body);
    let whole = parse_events(UNLIMITED, [body.clone()]);
    let parsed = whole
        .events
        .iter()
        .map(|(name, data)| (&name[..], &data[..]));
    let expected = standard_events(&body);
    let expected = expected.iter().map(|(name, data)| (&name[..], &data[..]));
    assert!(parsed.eq(expected), "{whole:?}");
    let limited = parse_events(LIMIT, [body.clone()]);
    assert!(whole.events.starts_with(&limited.events));
    for (name, data) in &limited.events {
        assert!(name.len() + data.len() <= LIMIT, "{name:?} {data:?}");
    }
    if limited.end != ParsedEnd::EventTooLarge {
        assert_eq!(limited, whole);
    }
    for chunks in splits(&body) {
        assert_eq!(parse_events(UNLIMITED, chunks.clone()), whole, "{chunks:?}");
        assert_eq!(parse_events(LIMIT, chunks.clone()), limited, "{chunks:?}");
    }
});

//! The framing of events: as the standard says, however the bytes are cut, within its limit.

#![no_main]

use bytes::Bytes;
use cometapi::runtime::fuzzing::{End, frame, standard_events};
use cometapi_fuzz::ways_to_cut;
use libfuzzer_sys::fuzz_target;

const UNLIMITED: usize = usize::MAX;
const LIMIT: usize = 40;

fuzz_target!(|body: &[u8]| {
    let body = Bytes::copy_from_slice(body);
    let whole = frame(UNLIMITED, [body.clone()]);
    let framed = whole
        .events
        .iter()
        .map(|(name, data)| (&name[..], &data[..]));
    let expected = standard_events(&body);
    let expected = expected.iter().map(|(name, data)| (&name[..], &data[..]));
    assert!(framed.eq(expected), "{whole:?}");
    let limited = frame(LIMIT, [body.clone()]);
    assert!(whole.events.starts_with(&limited.events));
    for (name, data) in &limited.events {
        assert!(name.len() + data.len() <= LIMIT, "{name:?} {data:?}");
    }
    if limited.end != End::TooLong {
        assert_eq!(limited, whole);
    }
    for chunks in ways_to_cut(&body) {
        assert_eq!(frame(UNLIMITED, chunks.clone()), whole, "{chunks:?}");
        assert_eq!(frame(LIMIT, chunks.clone()), limited, "{chunks:?}");
    }
});

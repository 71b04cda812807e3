use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;

/// The body in pieces, cut in several ways: not at all, after each byte, longer than the framing's
/// step, and anywhere, as follows from the body itself.
pub fn ways_to_cut(body: &Bytes) -> [Vec<Bytes>; 4] {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let mut anywhere = || {
        1_u8.hash(&mut hasher);
        let hash = hasher.finish();
        // Small pieces as often as large ones.
        1 + (hash >> 8) as usize % (1 << (hash % 8))
    };
    [
        pieces(body, || body.len()),
        pieces(body, || 1),
        pieces(body, || 37),
        pieces(body, &mut anywhere),
    ]
}

fn pieces(body: &Bytes, mut size: impl FnMut() -> usize) -> Vec<Bytes> {
    let (mut rest, mut pieces) = (body.clone(), Vec::new());
    while !rest.is_empty() {
        pieces.push(rest.split_to(size().min(rest.len())));
    }
    pieces
}

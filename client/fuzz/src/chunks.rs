use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;

/// The body in chunks, split in several ways: not at all, after each byte, longer than the parser's
/// step, and anywhere, as follows from the body itself.
pub fn splits(body: &Bytes) -> [Vec<Bytes>; 4] {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let mut anywhere = || {
        1_u8.hash(&mut hasher);
        let hash = hasher.finish();
        // Small chunks as often as large ones.
        1 + (hash >> 8) as usize % (1 << (hash % 8))
    };
    [
        chunks(body, || body.len()),
        chunks(body, || 1),
        chunks(body, || 37),
        chunks(body, &mut anywhere),
    ]
}

fn chunks(body: &Bytes, mut size: impl FnMut() -> usize) -> Vec<Bytes> {
    let (mut rest, mut chunks) = (body.clone(), Vec::new());
    while !rest.is_empty() {
        chunks.push(rest.split_to(size().min(rest.len())));
    }
    chunks
}

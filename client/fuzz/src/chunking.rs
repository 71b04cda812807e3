use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;

/// Splits a body into chunks in four ways: a single chunk, chunks of one byte, chunks of 37 bytes, and
/// chunks of varying sizes that are derived from the body.
pub fn chunkings(body: &Bytes) -> [Vec<Bytes>; 4] {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let mut varying = || {
        1_u8.hash(&mut hasher);
        let hash = hasher.finish();
        // Small chunks are as frequent as large ones.
        1 + (hash >> 8) as usize % (1 << (hash % 8))
    };
    [
        chunks(body, || body.len()),
        chunks(body, || 1),
        chunks(body, || 37),
        chunks(body, &mut varying),
    ]
}

fn chunks(body: &Bytes, mut size: impl FnMut() -> usize) -> Vec<Bytes> {
    let (mut rest, mut chunks) = (body.clone(), Vec::new());
    while !rest.is_empty() {
        chunks.push(rest.split_to(size().min(rest.len())));
    }
    chunks
}

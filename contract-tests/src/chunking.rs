//! How a body is cut into the chunks that it arrives in.

use crate::random::Random;

/// How a body is cut into writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunking {
    /// Not at all.
    Whole,
    /// After each byte.
    Bytes,
    /// Anywhere, as the seed says.
    Random(u64),
}

/// Random chunks have up to two to the power of this many bytes.
const MAX_CHUNK: usize = 10;

impl Chunking {
    /// The chunks, none of them empty.
    pub fn chunks(self, body: &[u8]) -> Vec<&[u8]> {
        match self {
            Self::Whole if body.is_empty() => Vec::new(),
            Self::Whole => vec![body],
            Self::Bytes => body.chunks(1).collect(),
            Self::Random(seed) => random(body, &mut Random::new(seed)),
        }
    }
}

fn random<'b>(mut body: &'b [u8], random: &mut Random) -> Vec<&'b [u8]> {
    let mut chunks = Vec::new();
    while !body.is_empty() {
        // Small chunks as often as large ones.
        let largest = 1 << random.below(MAX_CHUNK + 1);
        let size = 1 + random.below(largest);
        let (chunk, rest) = body.split_at(size.min(body.len()));
        chunks.push(chunk);
        body = rest;
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::Chunking;

    #[test]
    fn pieces_are_the_body() {
        let body: Vec<u8> = (0..=255).cycle().take(5000).collect();
        for split in [Chunking::Whole, Chunking::Bytes, Chunking::Random(1)] {
            assert_eq!(split.chunks(&body).concat(), body, "{split:?}");
            assert!(split.chunks(&[]).is_empty(), "{split:?}");
        }
        assert_eq!(Chunking::Whole.chunks(&body), [&body]);
        assert_eq!(Chunking::Bytes.chunks(&body).len(), body.len());
    }

    #[test]
    fn a_seed_is_a_way_to_cut() {
        let body = [7; 5000];
        let sizes = |seed| {
            let chunks = Chunking::Random(seed).chunks(&body);
            chunks.iter().map(|chunk| chunk.len()).collect::<Vec<_>>()
        };
        assert_eq!(sizes(1), sizes(1));
        assert_ne!(sizes(1), sizes(2));
        assert!(sizes(1).contains(&1) && sizes(1).iter().any(|size| *size > 50));
    }
}

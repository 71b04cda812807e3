//! How a body is cut into the pieces that it arrives in.

use crate::random::Random;

/// How a body is cut into writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Not at all.
    Whole,
    /// After each byte.
    Bytes,
    /// Anywhere, as the seed says.
    Random(u64),
}

/// Random pieces have up to two to the power of this many bytes.
const LARGEST_PIECE: usize = 10;

impl Split {
    /// The pieces, none of them empty.
    pub fn pieces(self, body: &[u8]) -> Vec<&[u8]> {
        match self {
            Self::Whole if body.is_empty() => Vec::new(),
            Self::Whole => vec![body],
            Self::Bytes => body.chunks(1).collect(),
            Self::Random(seed) => random(body, &mut Random::new(seed)),
        }
    }
}

fn random<'b>(mut body: &'b [u8], random: &mut Random) -> Vec<&'b [u8]> {
    let mut pieces = Vec::new();
    while !body.is_empty() {
        // Small pieces as often as large ones.
        let largest = 1 << random.below(LARGEST_PIECE + 1);
        let size = 1 + random.below(largest);
        let (piece, rest) = body.split_at(size.min(body.len()));
        pieces.push(piece);
        body = rest;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::Split;

    #[test]
    fn pieces_are_the_body() {
        let body: Vec<u8> = (0..=255).cycle().take(5000).collect();
        for split in [Split::Whole, Split::Bytes, Split::Random(1)] {
            assert_eq!(split.pieces(&body).concat(), body, "{split:?}");
            assert!(split.pieces(&[]).is_empty(), "{split:?}");
        }
        assert_eq!(Split::Whole.pieces(&body), [&body]);
        assert_eq!(Split::Bytes.pieces(&body).len(), body.len());
    }

    #[test]
    fn a_seed_is_a_way_to_cut() {
        let body = [7; 5000];
        let sizes = |seed| {
            let pieces = Split::Random(seed).pieces(&body);
            pieces.iter().map(|piece| piece.len()).collect::<Vec<_>>()
        };
        assert_eq!(sizes(1), sizes(1));
        assert_ne!(sizes(1), sizes(2));
        assert!(sizes(1).contains(&1) && sizes(1).iter().any(|size| *size > 50));
    }
}

//! Token counts, which come as numbers and as texts.

use crate::types::TokenCount;

impl TokenCount {
    /// The number of tokens, if it is one: `128000` and `"128000"`, not `"128k"`.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Integer(count) => Some(*count),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_a_number_however_it_is_written() {
        assert_eq!(TokenCount::from(128_000).as_u64(), Some(128_000));
        assert_eq!(TokenCount::from("128000").as_u64(), Some(128_000));
        assert_eq!(TokenCount::from("128k").as_u64(), None);
        assert_eq!(TokenCount::from("-1").as_u64(), None);
    }
}

//! Token counts, which the catalog contains as numbers and as strings.

use crate::types::TokenCount;

impl TokenCount {
    /// Returns the number of tokens, or `None` if the value is no integer: `128000` and `"128000"` are, `"128k"` is
    /// not.
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
    fn a_count_is_a_number_or_a_string_of_digits() {
        assert_eq!(TokenCount::from(128_000).as_u64(), Some(128_000));
        assert_eq!(TokenCount::from("128000").as_u64(), Some(128_000));
        assert_eq!(TokenCount::from("128k").as_u64(), None);
        assert_eq!(TokenCount::from("-1").as_u64(), None);
    }
}

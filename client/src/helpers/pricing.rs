//! `Display` for the prices of the catalog.

use std::fmt;

use crate::types::CatalogPricing;

/// Formats the numbers with their names and the catalog's unit, as in
/// `input 4, output 24 (USD / M Tokens)`.
///
/// The numbers are for orientation only. The model directory on the main site has the actual prices.
impl fmt::Display for CatalogPricing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = [
            ("input", self.input),
            ("output", self.output),
            ("per request", self.per_request),
            ("per second", self.per_second),
            ("ratio", self.ratio),
        ];
        let numbers = numbers.into_iter();
        let prices: Vec<String> = numbers
            .filter_map(|(name, number)| Some(format!("{name} {}", number?)))
            .collect();
        match (prices.is_empty(), &self.currency) {
            (true, _) => f.write_str("no numbers"),
            (false, None) => f.write_str(&prices.join(", ")),
            (false, Some(currency)) => write!(f, "{} ({currency})", prices.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn formatted(pricing: Value) -> String {
        let pricing: CatalogPricing = serde_json::from_value(pricing).unwrap();
        pricing.to_string()
    }

    #[test]
    fn numbers_are_formatted_unchanged_with_their_unit() {
        let documented =
            json!({"currency": "USD / M Tokens", "input": 4, "output": 24, "per_second": null});
        assert_eq!(formatted(documented), "input 4, output 24 (USD / M Tokens)");
        assert_eq!(formatted(json!({"per_request": 0.04})), "per request 0.04");
        assert_eq!(formatted(json!({"currency": "USD"})), "no numbers");
    }
}

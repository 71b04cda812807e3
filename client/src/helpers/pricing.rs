//! The catalog's numbers about costs, as they stand there.

use std::fmt;

use crate::types::CatalogPricing;

/// The numbers under their names, with the unit that the catalog gives, as in `input 4, output 24
/// (USD / M Tokens)`. They are for orientation; the model directory on the main site has the
/// prices.
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
        let shown: Vec<String> = numbers
            .filter_map(|(name, number)| Some(format!("{name} {}", number?)))
            .collect();
        match (shown.is_empty(), &self.currency) {
            (true, _) => f.write_str("no numbers"),
            (false, None) => f.write_str(&shown.join(", ")),
            (false, Some(currency)) => write!(f, "{} ({currency})", shown.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn shown(pricing: Value) -> String {
        let pricing: CatalogPricing = serde_json::from_value(pricing).unwrap();
        pricing.to_string()
    }

    #[test]
    fn numbers_are_shown_as_they_stand_there() {
        let documented =
            json!({"currency": "USD / M Tokens", "input": 4, "output": 24, "per_second": null});
        assert_eq!(shown(documented), "input 4, output 24 (USD / M Tokens)");
        assert_eq!(shown(json!({"per_request": 0.04})), "per request 0.04");
        assert_eq!(shown(json!({"currency": "USD"})), "no numbers");
    }
}

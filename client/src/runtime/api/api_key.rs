//! The API key: validated once, redacted in every output.

use std::fmt;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// An API key that is valid in a header.
#[derive(Clone)]
pub(crate) struct ApiKey(SecretString);

impl ApiKey {
    /// Parses a key, with white space around it removed. `origin` is its source, for the error message.
    pub(crate) fn parse(text: &str, origin: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err(format!("{origin} is blank"));
        }
        let invalid = text.chars().find(|c| !c.is_ascii_graphic());
        let error = match invalid {
            None => return Ok(Self(text.into())),
            Some('\r' | '\n') => "a line break",
            Some(' ') => "a space; pass the key without the `Bearer` prefix",
            Some(_) => "a character that is not printable ASCII",
        };
        Err(format!("{origin} contains {error}"))
    }

    /// Returns the value of the `Authorization` header, marked as sensitive.
    pub(crate) fn bearer_header(&self) -> HeaderValue {
        let text = format!("Bearer {}", self.0.expose_secret());
        let mut value = HeaderValue::try_from(text).expect("parse() admits printable ASCII only");
        value.set_sensitive(true);
        value
    }

    /// Returns whether a text contains the key. Always false for a key too short to be secret, such as a
    /// placeholder for a mock, which would match ordinary words.
    pub(crate) fn appears_in(&self, text: &str) -> bool {
        let key = self.0.expose_secret();
        key.len() >= MIN_REDACTED_LEN && text.contains(key)
    }

    /// Replaces the key, also one that is truncated at the `…` of an excerpt.
    pub(crate) fn redact(&self, text: &mut String) {
        let key = self.0.expose_secret();
        if self.appears_in(text) {
            *text = text.replace(key, "[key]");
        }
        if text.contains('…') {
            for length in (MIN_REDACTED_LEN..key.len()).rev() {
                *text = text.replace(&format!("{}…", &key[..length]), "[key]…");
            }
        }
    }
}

/// The minimum length of a key that is redacted: 8 bytes.
const MIN_REDACTED_LEN: usize = 8;

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_key_is_trimmed_and_sensitive() {
        let key = ApiKey::parse(" sk-A1_b.2\n", "the API key").unwrap();
        let value = key.bearer_header();
        assert_eq!(value, "Bearer sk-A1_b.2");
        assert!(value.is_sensitive());
        assert_eq!(format!("{key:?} {value:?}"), "[key] Sensitive");
    }

    #[test]
    fn a_key_is_found_in_text_unless_it_is_too_short() {
        let found = |key: &str, text| ApiKey::parse(key, "the API key").unwrap().appears_in(text);
        assert!(found("sk-secret", "bad key sk-secret"));
        assert!(!found("any", "too many requests"));
    }

    #[test]
    fn a_truncated_key_is_redacted() {
        let redacted = |text: &str| {
            let mut text = text.to_owned();
            ApiKey::parse("sk-0123456789", "the API key")
                .unwrap()
                .redact(&mut text);
            text
        };
        assert_eq!(redacted("a sk-0123456789 b"), "a [key] b");
        assert_eq!(redacted("a sk-012345678…"), "a [key]…");
        assert_eq!(redacted("\"a sk-01234…\""), "\"a [key]…\"");
        assert_eq!(redacted("a sk-0123…"), "a sk-0123…");
    }

    #[test]
    fn invalid_keys_are_rejected_without_repeating_them() {
        for (text, error) in [
            (" \n", "the API key is blank"),
            ("sk-a\nx-evil: 1", "the API key contains a line break"),
            (
                "Bearer sk-a",
                "the API key contains a space; pass the key without the `Bearer` prefix",
            ),
            (
                "sk-ä",
                "the API key contains a character that is not printable ASCII",
            ),
            (
                "sk-\u{7f}a",
                "the API key contains a character that is not printable ASCII",
            ),
        ] {
            assert_eq!(ApiKey::parse(text, "the API key").unwrap_err(), error);
        }
    }
}

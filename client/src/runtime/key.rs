//! The API key: checked once, shown never.

use std::fmt;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// A key that fits into a header.
#[derive(Clone)]
pub(super) struct Key(SecretString);

impl Key {
    /// Takes the key without the white space around it. `origin` says in an error where it is from.
    pub(super) fn parse(text: &str, origin: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err(format!("{origin} is blank"));
        }
        let unfit = text.chars().find(|c| !c.is_ascii_graphic());
        let problem = match unfit {
            None => return Ok(Self(text.into())),
            Some('\r' | '\n') => "a line break",
            Some(' ') => "a space (give the key alone, without `Bearer`)",
            Some(_) => "a character that is not printable ASCII",
        };
        Err(format!("{origin} contains {problem}"))
    }

    /// The value of the `Authorization` header, marked sensitive.
    pub(super) fn authorization(&self) -> HeaderValue {
        let text = format!("Bearer {}", self.0.expose_secret());
        let mut value = HeaderValue::try_from(text).expect("parse() admits printable ASCII only");
        value.set_sensitive(true);
        value
    }

    /// Whether a text shows the key. One too short to be secret, such as a stand-in for a mock,
    /// would be found in any word.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let key = self.0.expose_secret();
        key.len() >= SHORTEST_SECRET && text.contains(key)
    }

    /// Replaces the key, also where an excerpt that ends in `…` has cut it.
    pub(super) fn redact(&self, text: &mut String) {
        let key = self.0.expose_secret();
        if self.is_in(text) {
            *text = text.replace(key, "[key]");
        }
        if text.contains('…') {
            for shown in (SHORTEST_SECRET..key.len()).rev() {
                *text = text.replace(&format!("{}…", &key[..shown]), "[key]…");
            }
        }
    }
}

const SHORTEST_SECRET: usize = 8;

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_fits_a_header() {
        let key = Key::parse(" sk-A1_b.2\n", "the key").unwrap();
        let value = key.authorization();
        assert_eq!(value, "Bearer sk-A1_b.2");
        assert!(value.is_sensitive());
        assert_eq!(format!("{key:?} {value:?}"), "[key] Sensitive");
    }

    #[test]
    fn is_found_in_a_text_unless_it_could_be_a_word() {
        let found = |key: &str, text| Key::parse(key, "the key").unwrap().is_in(text);
        assert!(found("sk-secret", "bad key sk-secret"));
        assert!(!found("any", "too many requests"));
    }

    #[test]
    fn is_replaced_though_an_excerpt_cut_it() {
        let redacted = |text: &str| {
            let mut text = text.to_owned();
            Key::parse("sk-0123456789", "the key")
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
    fn refuses_the_rest_without_repeating_it() {
        for (text, problem) in [
            (" \n", "the key is blank"),
            ("sk-a\nx-evil: 1", "the key contains a line break"),
            (
                "Bearer sk-a",
                "the key contains a space (give the key alone, without `Bearer`)",
            ),
            (
                "sk-ä",
                "the key contains a character that is not printable ASCII",
            ),
            (
                "sk-\u{7f}a",
                "the key contains a character that is not printable ASCII",
            ),
        ] {
            assert_eq!(Key::parse(text, "the key").unwrap_err(), problem);
        }
    }
}

//! Descriptions: each says more than the name of what it describes.

use cometapi_contract::{Contract, Node};

use super::schemas;
use crate::finding::Findings;

/// Words that say nothing about the value.
const FILLERS: [&str; 24] = [
    "a", "an", "and", "are", "as", "be", "by", "for", "from", "in", "is", "it", "its", "of", "on",
    "or", "said", "that", "the", "this", "to", "was", "what", "who",
];

/// How many words a description needs besides fillers and the words of the name.
const MIN_WORDS: usize = 2;

/// A description is shown beside the name of its schema or property, so it has to say at least what the value is for.
pub fn descriptions(contract: &Contract, findings: &mut Findings) {
    for schema in schemas(contract) {
        let Some(text) = schema.str("description") else {
            continue;
        };
        let name = words(&schema.key());
        let repeats_name = |word: &String| {
            let is_same = |of_name: &String| word == of_name || *word == format!("{of_name}s");
            name.iter().any(is_same)
        };
        let own = words(text)
            .into_iter()
            .filter(|word| !FILLERS.contains(&word.as_str()) && !repeats_name(word));
        if own.count() < MIN_WORDS {
            findings.add("empty-description", &schema, message(&schema, text));
        }
    }
}

fn message(schema: &Node<'_>, text: &str) -> String {
    let (name, text) = (schema.key(), text.trim());
    format!("{name}: `{text}` only repeats the name; say what the value is for")
}

/// The words of a name or a text in lower case: `image_url` and `ImageUrl` have two.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in text.chars() {
        let is_boundary = !letter.is_alphanumeric() || (was_lower && letter.is_uppercase());
        if is_boundary {
            words.push(String::new());
        }
        if letter.is_alphanumeric() {
            words
                .last_mut()
                .expect("never empty")
                .extend(letter.to_lowercase());
        }
        was_lower = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

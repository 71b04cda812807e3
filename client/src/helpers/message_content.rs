//! Text and image parts of message content.

use std::borrow::Cow;

use crate::types::{ContentPart, ImagePart, ImageUrl, MessageContent, TextPart};

impl MessageContent {
    /// Returns the text, with all text parts joined in order, or `None` if there is no text.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Parts(parts) => {
                let mut texts = parts.iter().filter_map(ContentPart::as_text);
                let first = Cow::Borrowed(texts.next()?);
                Some(texts.fold(first, |all, text| all + text))
            }
            Self::Other(_) => None,
        }
    }
}

impl ContentPart {
    /// Creates a text part.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(TextPart::new(text))
    }

    /// Creates an image part from an `https:` or `data:` URL.
    pub fn image_url(url: impl Into<String>) -> Self {
        Self::ImageUrl(ImagePart::new(ImageUrl::new(url)))
    }

    /// Returns the text if this is a text part.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(part) => Some(&part.text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_text_of_parts_is_joined() {
        let parts = MessageContent::from([
            ContentPart::text("Hel"),
            ContentPart::image_url("https://images.example/1.png"),
            ContentPart::text("lo."),
        ]);
        assert_eq!(parts.text().as_deref(), Some("Hello."));
        assert_eq!(
            MessageContent::from("Hello.").text().as_deref(),
            Some("Hello.")
        );
    }

    #[test]
    fn content_without_text_has_none() {
        let image = MessageContent::from([ContentPart::image_url("https://images.example/1.png")]);
        assert_eq!(image.text(), None);
        assert_eq!(MessageContent::Other(json!(7)).text(), None);
    }
}

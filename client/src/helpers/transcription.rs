//! What a transcript says, in whatever form it came.

use crate::types::TranscriptionResponse;

impl TranscriptionResponse {
    /// The text: that of the JSON forms, or the body of the others as it came, with the times of
    /// subtitles.
    pub fn text(&self) -> &str {
        match self {
            Self::Json(transcript) => &transcript.text,
            Self::VerboseJson(transcript) => &transcript.text,
            Self::Text(text) | Self::Srt(text) | Self::Vtt(text) | Self::Other(text) => text,
        }
    }
}

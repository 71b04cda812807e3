//! The text of a transcription response in any format.

use crate::types::TranscriptionResponse;

impl TranscriptionResponse {
    /// Returns the transcribed text.
    ///
    /// For the JSON formats this is the field `text`. For the other formats it is the unchanged
    /// body, which includes the timestamps of subtitles.
    pub fn text(&self) -> &str {
        match self {
            Self::Json(transcript) => &transcript.text,
            Self::VerboseJson(transcript) => &transcript.text,
            Self::Text(text) | Self::Srt(text) | Self::Vtt(text) | Self::Other(text) => text,
        }
    }
}

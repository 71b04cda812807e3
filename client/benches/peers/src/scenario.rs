//! What is measured, and with what.

use std::fmt;
use std::str::FromStr;

pub const KEY: &str = "sk-example-0123456789";
pub const MODEL: &str = "your-model-id";
pub const PROMPT: &str = "Say what this is, in five sentences.";

pub type Problem = Box<dyn std::error::Error + Send + Sync>;

/// A stream that is held open; dropping it hangs up.
pub type Open = Box<dyn Send>;

/// A call that every client makes in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    Chat,
    Catalog,
    Stream,
    Speech,
    Transcription,
}

/// A client, or hand-written code in place of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Implementation {
    Minimal,
    TypedBaseline,
    AsyncOpenai,
    Cometapi,
}

impl Scenario {
    pub const ALL: [Self; 5] = [
        Self::Chat,
        Self::Catalog,
        Self::Stream,
        Self::Speech,
        Self::Transcription,
    ];

    /// How large the response is, or the upload: rows, chunks or MiB.
    pub fn size(self) -> u64 {
        match self {
            Self::Chat => 1,
            Self::Catalog => 302,
            Self::Stream => 20_000,
            Self::Speech | Self::Transcription => 256,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Chat => "chat, 1 KB JSON response",
            Self::Catalog => "catalog, 302 rows",
            Self::Stream => "chat stream, 20,000 chunks",
            Self::Speech => "speech, 256 MiB response",
            Self::Transcription => "transcription, 256 MiB upload from a path",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Catalog => "catalog",
            Self::Stream => "stream",
            Self::Speech => "speech",
            Self::Transcription => "transcription",
        }
    }
}

impl Implementation {
    pub const ALL: [Self; 4] = [
        Self::Minimal,
        Self::TypedBaseline,
        Self::AsyncOpenai,
        Self::Cometapi,
    ];

    /// Why this peer has nothing to measure here.
    pub fn cannot(self, case: Scenario) -> Option<&'static str> {
        match (self, case) {
            (Self::TypedBaseline, Scenario::Speech | Scenario::Transcription) => {
                Some("as the minimal baseline")
            }
            (Self::AsyncOpenai, Scenario::Catalog) => Some("no such call"),
            (Self::AsyncOpenai, _) if !cfg!(feature = "async-openai") => Some("not built"),
            _ => None,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Minimal => "minimal baseline",
            Self::TypedBaseline => "same-types baseline",
            Self::AsyncOpenai => "async-openai",
            Self::Cometapi => "cometapi",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::TypedBaseline => "same-types",
            Self::AsyncOpenai => "async-openai",
            Self::Cometapi => "ours",
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|case| case.name() == text);
        found.ok_or_else(|| format!("{text:?} is no case"))
    }
}

impl FromStr for Implementation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|peer| peer.name() == text);
        found.ok_or_else(|| format!("{text:?} is no peer"))
    }
}

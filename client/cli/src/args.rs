//! What can be said on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use cometapi::types::{SpeechFormat, TranscriptFormat};

use crate::error::EXIT_CODES;
use crate::session::Connection;

/// CometAPI from the command line: model catalog, chat and audio
///
/// The key comes from COMETAPI_KEY, else COMETAPI_API_KEY. With --mock everything can be tried
/// without one, at no cost. Unofficial: not affiliated with CometAPI.
#[derive(Debug, Parser)]
#[command(name = "cometapi", version, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    pub connection: Connection,

    #[command(subcommand)]
    pub verb: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Call(Call),
    /// Print a script that completes commands and options in a shell
    Completions { shell: Shell },
}

/// A subcommand that someone has to respond.
#[derive(Debug, Subcommand)]
pub enum Call {
    /// List the model catalog, which needs no key
    ///
    /// A table on a terminal; otherwise a line per model: id, type, provider and features, with
    /// tabs between them. Models that are only announced are left out.
    Models(Models),
    /// Ask a model, and print its reply as it comes
    ///
    /// The prompt is in the arguments, or comes from standard input. If both are there, standard
    /// input is what the arguments speak of, and follows them. It is read to its end unless it is a
    /// terminal.
    Chat(Chat),
    /// Turn text into speech
    ///
    /// The file appears once it is complete, in place of one of that name.
    Speak(Speak),
    /// Write down what is said in an audio file
    Transcribe(Listen),
    /// Write down in English what is said in an audio file
    Translate(Listen),
}

#[derive(Debug, Args)]
pub struct Models {
    #[command(flatten)]
    pub filter: Filter,
    /// Print the API's response as it came, without the models that don't match
    #[arg(long)]
    pub json: bool,
}

/// Which models of the catalog; capitals don't matter.
#[derive(Debug, Args)]
pub struct Filter {
    /// Only models of this type, such as text, image or audio
    #[arg(long = "type", value_name = "TYPE")]
    pub model_type: Option<String>,
    /// Only models that can do this, such as text-to-speech
    #[arg(long)]
    pub feature: Option<String>,
    /// Only models of this provider, by its name or short name
    #[arg(long)]
    pub provider: Option<String>,
}

#[derive(Debug, Args)]
pub struct Chat {
    /// Model id from the catalog
    pub model: String,
    /// What to ask
    pub prompt: Vec<String>,
    /// How the model should behave
    #[arg(long, value_name = "TEXT")]
    pub system: Option<String>,
    /// Wait for the complete response, and print it as it came
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Speak {
    /// Id of a model with the feature text-to-speech
    pub model: String,
    /// What to say
    pub text: String,
    /// Where the audio goes; - is standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Target,
    /// Who speaks
    #[arg(long, default_value = "alloy")]
    pub voice: String,
    /// Format of the audio [default: by the extension of FILE, else mp3]
    #[arg(long, value_parser = speech_format())]
    pub format: Option<SpeechFormat>,
}

/// Where audio goes.
#[derive(Clone, Debug)]
pub enum Target {
    Stdout,
    File(PathBuf),
}

impl From<OsString> for Target {
    fn from(argument: OsString) -> Self {
        if argument == "-" {
            return Self::Stdout;
        }
        Self::File(argument.into())
    }
}

#[derive(Debug, Args)]
pub struct Listen {
    /// Id of a model with the feature speech-to-text
    pub model: String,
    /// The audio file
    pub file: PathBuf,
    /// Print the response in this format, as it came [default: the text alone]
    #[arg(long, value_parser = transcript_format())]
    pub format: Option<TranscriptFormat>,
}

/// What the extension of a file may choose too.
pub const SPEECH_FORMATS: [&str; 6] = ["mp3", "opus", "aac", "flac", "wav", "pcm"];

fn speech_format() -> impl TypedValueParser<Value = SpeechFormat> {
    PossibleValuesParser::new(SPEECH_FORMATS).map(SpeechFormat::from)
}

fn transcript_format() -> impl TypedValueParser<Value = TranscriptFormat> {
    PossibleValuesParser::new(["srt", "vtt", "json", "verbose_json", "text"])
        .map(TranscriptFormat::from)
}

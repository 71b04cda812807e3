//! Why a command did not succeed, what to do about it, and its exit code.

use std::io;
use std::process::ExitCode;

use cometapi::ErrorKind;

use crate::output;

/// For `--help`.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    Done
  1    The API or the network said no, or a transcript is empty
  2    The command line, the key or a setting can't be used; nothing was sent
  3    A file, standard input or output could not be read or written
  130  Interrupted by Ctrl-C; no half file is left";

#[derive(Debug)]
pub enum CliError {
    Call(cometapi::Error),
    /// The transcript is empty.
    EmptyTranscript,
    /// The arguments don't make sense together, or here.
    Usage(String),
    /// A file, standard input or output can't be used.
    File(String),
    /// What should not happen.
    Unexpected(String),
    /// No one reads standard output any more.
    BrokenPipe,
    Interrupted,
}

impl CliError {
    /// Says it on stderr, with advice.
    pub fn report(&self) {
        match self {
            Self::Call(error) => {
                output::error(&error.to_string());
                output::help(error.help());
                if error.kind() == ErrorKind::MissingApiKey {
                    output::help("To try it without a key, add --mock.");
                }
                if let Some(page) = error.docs_url() {
                    output::help(page);
                }
            }
            Self::EmptyTranscript => {
                output::error("the transcript is empty: confirm that the file contains speech");
            }
            Self::Usage(message) | Self::File(message) | Self::Unexpected(message) => {
                output::error(message);
            }
            Self::BrokenPipe | Self::Interrupted => {}
        }
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::BrokenPipe => 0,
            Self::Call(error) => match error.kind() {
                ErrorKind::MissingApiKey | ErrorKind::InvalidRequest | ErrorKind::Configuration => {
                    2
                }
                ErrorKind::Io => 3,
                _ => 1,
            },
            Self::EmptyTranscript | Self::Unexpected(_) => 1,
            Self::Usage(_) => 2,
            Self::File(_) => 3,
            Self::Interrupted => 130,
        })
    }
}

impl From<cometapi::Error> for CliError {
    fn from(error: cometapi::Error) -> Self {
        Self::Call(error)
    }
}

/// An error of standard output, the only output that commands write by themselves.
impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::File(format!("failed to write to standard output: {error}")),
        }
    }
}

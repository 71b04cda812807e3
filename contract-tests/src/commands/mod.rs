//! The subcommands: arguments in, output and exit code out.

pub(crate) mod checks;
pub(crate) mod diff;
pub(crate) mod drift;
pub(crate) mod mock;
pub(crate) mod replay;
pub(crate) mod soak;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use contract_tests::report::{ColorChoice, Format, Report};
use tokio::runtime::{Builder, Runtime};

/// The error says why a command could not run.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How a report is written.
#[derive(Debug, clap::Args)]
pub(crate) struct Output {
    /// Format of the report
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

impl Output {
    /// Prints a report; returns the exit code of what was found.
    pub(crate) fn print(&self, report: &Report, is_good: bool) -> ExitCode {
        print(&report.render(self.format, ColorChoice::of_output()));
        match is_good {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        }
    }
}

/// Prints to standard output; a reader that has gone away is no failure.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Parses a number from 0 to 100.
pub(crate) fn percent(text: &str) -> std::result::Result<f64, &'static str> {
    let percent = text.parse().ok();
    let percent = percent.filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or("no number from 0 to 100")
}

/// The runtime of most commands.
pub(crate) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

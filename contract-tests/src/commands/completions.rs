//! `cargo contract completions`.

use std::process::ExitCode;

use clap_complete::Shell;

use super::{Result, print};

/// Print the completions of a shell
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Args {
    pub(crate) fn run(self, mut command: clap::Command) -> Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "contract", &mut script);
        print(&String::from_utf8(script)?);
        Ok(ExitCode::SUCCESS)
    }
}

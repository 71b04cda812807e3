//! `cargo contract diff`.

use std::process::ExitCode;

use cometapi_contract::{Contract, Source};
use contract_tests::compatibility::Compatibility;

use super::{Output, Result, runtime};

/// Play this client against a service of another contract
///
/// The client is generated from the bundled contract, so that has to be one of the two. As the old one it is the released
/// client that meets the changed service, as the new one the new client that meets the old service. A finding is a claim
/// of `cargo xtask diff` about running programs that the cases contradict. Nothing leaves this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The contract as it was: a file, or `git:REV`
    old: Source,
    /// The contract as it is; by default the bundled one
    new: Option<Source>,
    #[command(flatten)]
    output: Output,
}

impl Args {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let bundled = Contract::bundled()?;
        let old = self.old.read()?;
        let new = match self.new {
            Some(source) => source.read()?,
            None => Source::File(Contract::bundled_path()).read()?,
        };
        let is_bundled = |contract: &Contract| contract.root().value() == bundled.root().value();
        let (client, service) = match (is_bundled(&old.contract), is_bundled(&new.contract)) {
            (true, _) => (&old.contract, &new.contract),
            (false, true) => (&new.contract, &old.contract),
            (false, false) => {
                return Err("this client was generated from neither of the contracts".into());
            }
        };
        let compatibility = runtime()?.block_on(Compatibility::of(client, service))?;
        let report = compatibility.report();
        let is_good = report.findings.is_empty();
        Ok(self.output.print(&report, is_good))
    }
}

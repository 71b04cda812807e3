//! `cargo xtask diff`: what a change of the contract does to running programs, to Rust callers, and to the version.
//!
//! In reading order: `public_items.rs` (the public items of generated code), `assessment.rs`
//! (the changes with their consequences), `version.rs` (which version they ask for), `text.rs` (changelog and migration),
//! `report.rs`; `vendor.rs` compares with the API's own documents.

mod assessment;
mod public_items;
mod report;
#[cfg(test)]
mod tests;
mod text;
mod vendor;
mod version;

use std::path::PathBuf;

use clap::Args;
use cometapi_contract::{Baseline, Contract, Source};
use contract_report::{ColorChoice, Format};

use crate::output;
use crate::report::{RunStatus, print_line};
use assessment::{Assessment, Side};
use version::Verdict;

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The contract as it was: a file, or `git:REV`. By default that of the last release's tag, or else that of the
    /// commit at which this branch left main.
    old: Option<Source>,
    /// The contract as it is; by default openapi/cometapi.yaml.
    new: Option<Source>,
    /// How to write it down.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Fail if the contract's version has to rise further.
    #[arg(long)]
    check: bool,
    /// Compare with documents of the API itself instead, each of one or more operations: what they have and the
    /// contract lacks, and the reverse.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["old", "new", "check"])]
    vendor: Option<PathBuf>,
}

pub fn run(args: DiffArgs) -> Result<RunStatus, String> {
    let color = ColorChoice::of_output();
    if let Some(folder) = args.vendor {
        let report = vendor::compare(&folder)?;
        print_line(report.render(args.format, color).trim_end());
        return Ok(RunStatus::Clean);
    }
    let (old, baseline) = match args.old {
        Some(source) => (source, Baseline::Given),
        None => Source::baseline()?,
    };
    let bundled = || Source::File(output::relative(&Contract::bundled_path()));
    let old = Side::of(old.read()?)?;
    let new = Side::of(args.new.unwrap_or_else(bundled).read()?)?;
    let assessment = Assessment::of(&old, &new)?;
    let verdict = Verdict::of(&assessment, baseline);
    let report = report::render(&assessment, &verdict, args.format);
    print_line(report.render(args.format, color).trim_end());
    match args.check && verdict.is_too_low() {
        true => Ok(RunStatus::Findings),
        false => Ok(RunStatus::Clean),
    }
}

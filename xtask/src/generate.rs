//! From the contract to the client's code: lint, lower, progenitor, emit, write.

use std::path::Path;

use cometapi_contract::{Contract, Operation};
use serde_json::Value;

use crate::emit::{self, Files};
use crate::ir::input::GeneratorInput;
use crate::origin::ContractOrigin;
use crate::progenitor::verify;
use crate::report::{RunStatus, print_line};
use crate::{lint, lower, output, progenitor};

/// What to do with the code that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Write,
    Check,
}

/// Where the code goes.
#[derive(Clone, Copy, Debug)]
pub struct Target<'t> {
    pub folder: &'t Path,
    /// The folder of the module that calls operations by id, if it is wanted.
    pub dispatch: Option<&'t Path>,
    /// The crate's name, if its documentation is to have samples.
    pub crate_name: Option<&'t str>,
}

pub fn run(
    contract: &Contract,
    origin: ContractOrigin,
    target: Target<'_>,
    mode: Mode,
) -> Result<RunStatus, String> {
    let findings = lint::run(contract).into_sorted();
    if !findings.is_empty() {
        for finding in &findings {
            print_line(finding);
        }
        print_line(format_args!(
            "{} findings, nothing generated",
            findings.len()
        ));
        return Ok(RunStatus::Findings);
    }
    let command = regenerate_command(contract, origin, target);
    let generated = render(contract, origin, target, &command)?;
    let unusable = |folder: &Path, error: std::io::Error| format!("{}: {error}", folder.display());
    match mode {
        Mode::Write => {
            let (mut total, mut changed) = (0, 0);
            for (folder, files) in &generated {
                let touched = output::write(files, folder);
                let touched = touched.map_err(|error| unusable(folder, error))?;
                for path in &touched {
                    print_line(format_args!("{}", path.display()));
                }
                total += files.len();
                changed += touched.len();
            }
            print_line(format_args!("{total} files, {changed} changed"));
            Ok(RunStatus::Clean)
        }
        Mode::Check => {
            let mut differences = Vec::new();
            for (folder, files) in &generated {
                let found = output::differences(files, folder);
                differences.extend(found.map_err(|error| unusable(folder, error))?);
            }
            if differences.is_empty() {
                print_line(format_args!("{}: up to date", target.folder.display()));
                return Ok(RunStatus::Clean);
            }
            for difference in &differences {
                print_line(difference);
            }
            print_line(format_args!(
                "generated code is out of date; run: {command}"
            ));
            Ok(RunStatus::Findings)
        }
    }
}

/// The client's files for a contract that lint has nothing against, without writing them.
pub fn client_files(contract: &Contract) -> Result<Files, String> {
    let target = Target {
        folder: Path::new(""),
        dispatch: None,
        crate_name: None,
    };
    let files = render(contract, ContractOrigin::External, target, "")?;
    Ok(files.into_iter().flat_map(|(_, files)| files).collect())
}

/// The generated files of each folder.
fn render<'t>(
    contract: &Contract,
    origin: ContractOrigin,
    target: Target<'t>,
    command: &str,
) -> Result<Vec<(&'t Path, Files)>, String> {
    let operations = contract.operations();
    let lowered = lower::run(contract, origin)?;
    let model =
        progenitor::read(&lowered).map_err(|error| locate_failure(&lowered, &operations, error))?;
    let source = GeneratorInput::new(contract, target.crate_name, operations, model)?;
    verify::model(&source)?;
    let header = format!("{}`{command}`. Do not edit.", output::GENERATED_HEADER);
    let hash = hash(contract.root().value());
    let mut generated = vec![(target.folder, emit::files(&source, &header, hash)?)];
    if let Some(folder) = target.dispatch {
        generated.push((folder, emit::dispatch_files(&source, &header)?));
    }
    Ok(generated)
}

/// The operation on which progenitor fails alone, with its place in the contract; the document, if
/// it fails without any.
fn locate_failure(lowered: &Value, operations: &[Operation<'_>], error: String) -> String {
    let mut document = lowered.clone();
    document["paths"] = Value::Object(serde_json::Map::new());
    lower::drop_unused_components(&mut document);
    if progenitor::read(&document).is_err() {
        return error;
    }
    for operation in operations {
        let mut alone = lowered.clone();
        if let Some(Value::Object(paths)) = alone.get_mut("paths") {
            paths.retain(|path, _| path == operation.path());
            if let Some(Value::Object(item)) = paths.get_mut(operation.path()) {
                let method = operation.method().to_ascii_lowercase();
                item.retain(|key, _| *key == method || key == "parameters");
            }
        }
        lower::drop_unused_components(&mut alone);
        if let Err(error) = progenitor::read(&alone) {
            let node = operation.node();
            let file = node.contract().file().display();
            return format!(
                "{file}:{}: operation {}: {error}",
                node.line(),
                operation.id()
            );
        }
    }
    error
}

/// The command that makes the files. Folders outside the workspace are `DIR`, so that the same
/// contract gives the same bytes wherever they are written.
fn regenerate_command(contract: &Contract, origin: ContractOrigin, target: Target<'_>) -> String {
    if origin == ContractOrigin::Bundled {
        return "cargo xtask generate".to_owned();
    }
    let file = contract.file();
    let name = || file.file_name().unwrap_or(file.as_os_str()).into();
    let file = output::in_workspace(file).unwrap_or_else(name);
    let folder = output::in_workspace(target.folder).unwrap_or_else(|| "DIR".into());
    let unix = |path: &Path| path.display().to_string().replace('\\', "/");
    let crate_name = target.crate_name.map(|name| format!(" --crate {name}"));
    format!(
        "cargo xtask generate --contract {} --out {}{}",
        unix(&file),
        unix(&folder),
        crate_name.unwrap_or_default()
    )
}

/// FNV-1a over the parsed contract: comments and layout don't count.
fn hash(root: &Value) -> u64 {
    let bytes = root.to_string();
    bytes.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

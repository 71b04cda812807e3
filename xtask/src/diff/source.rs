//! The contracts to compare: files, or revisions of this repository.

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;

use cometapi_contract::Contract;
use tempfile::TempDir;

use crate::emit::Files;
use crate::output;

/// Where the contract is in every revision.
const CONTRACT: &str = "openapi/cometapi.yaml";
const GENERATED: &str = "client/src/generated";

/// A contract that someone names.
#[derive(Clone, Debug)]
pub enum Source {
    /// This one.
    File(PathBuf),
    /// The contract of this repository, as it was then.
    Revision(String),
}

/// Why this contract is the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// It was named.
    Given,
    /// It is the last release's.
    Release,
    /// Nothing has been released, so it is the one that this branch began with.
    Branch,
}

/// A contract, and the code that was generated from it if it is checked in.
#[derive(Debug)]
pub struct Side {
    /// What it is called in reports.
    pub label: String,
    pub contract: Contract,
    pub generated: Option<Files>,
    /// The files of a revision, as long as they are needed.
    #[expect(dead_code, reason = "it is removed when it is dropped")]
    pub(super) checkout: Option<TempDir>,
}

impl Default for Source {
    fn default() -> Self {
        Self::File(output::relative(&Contract::bundled_path()))
    }
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.strip_prefix("git:") {
            Some(revision) => Self::Revision(revision.to_owned()),
            None => Self::File(text.into()),
        })
    }
}

impl Source {
    /// The contract of the last release that this commit contains, or of the commit at which the branch left main.
    pub fn baseline() -> Result<(Self, Baseline), String> {
        let tag = git(&["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]);
        if let Ok(tag) = tag {
            return Ok((Self::Revision(tag), Baseline::Release));
        }
        let base = ["main", "origin/main"]
            .into_iter()
            .find_map(|main| git(&["merge-base", "HEAD", main]).ok());
        match base.map_or_else(|| git(&["rev-parse", "HEAD"]), Ok) {
            Ok(commit) => Ok((Self::Revision(commit), Baseline::Branch)),
            Err(error) => Err(format!("no contract to compare with: {error}")),
        }
    }

    pub fn read(&self) -> Result<Side, String> {
        match self {
            Self::File(path) => Ok(Side {
                label: path.display().to_string(),
                contract: Contract::read(path).map_err(|error| error.to_string())?,
                generated: None,
                checkout: None,
            }),
            Self::Revision(revision) => {
                let folder = checkout(revision)?;
                let contract = Contract::read(&folder.path().join(CONTRACT));
                let generated = folder.path().join(GENERATED);
                Ok(Side {
                    label: format!("{}:{CONTRACT}", short(revision)),
                    contract: contract.map_err(|error| error.to_string())?,
                    generated: generated.is_dir().then(|| files(&generated)).transpose()?,
                    checkout: Some(folder),
                })
            }
        }
    }
}

/// A commit's hash as people write it.
fn short(revision: &str) -> &str {
    let is_hash = revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    match is_hash {
        true => &revision[..10],
        false => revision,
    }
}

/// The contract's folder and the generated code of a revision, in a folder of their own.
fn checkout(revision: &str) -> Result<TempDir, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let commit = git(&[
        "rev-parse",
        "--verify",
        "--quiet",
        &format!("{revision}^{{commit}}"),
    ])
    .map_err(|_| format!("git knows no revision {revision}"))?;
    for path in ["openapi", GENERATED] {
        if git(&["cat-file", "-e", &format!("{commit}:{path}")]).is_err() {
            continue;
        }
        let mut archive = Command::new("git")
            .current_dir(output::workspace())
            .args(["archive", "--format=tar", &commit, path])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("git: {error}"))?;
        let tar = archive.stdout.take().ok_or("git: no output")?;
        let unpacked = Command::new("tar")
            .args(["-x", "-C"])
            .arg(folder.path())
            .stdin(tar)
            .status()
            .map_err(|error| format!("tar: {error}"))?;
        let archived = archive.wait().map_err(|error| format!("git: {error}"))?;
        if !unpacked.success() || !archived.success() {
            return Err(format!("{revision}: {path} could not be unpacked"));
        }
    }
    Ok(folder)
}

fn git(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .current_dir(output::workspace())
        .args(arguments)
        .output()
        .map_err(|error| format!("git: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// The files below a folder.
fn files(folder: &Path) -> Result<Files, String> {
    let mut files = Files::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        for entry in fs::read_dir(&path).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(below) = path.strip_prefix(folder) {
                let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
                files.insert(below.to_owned(), text);
            }
        }
    }
    Ok(files)
}

//! Which contract is meant: a file, or a revision of this repository.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;

use tempfile::TempDir;

use crate::Contract;

/// Where the contract is in every revision.
const CONTRACT: &str = "openapi/cometapi.yaml";
/// Where its examples are, and the code that was generated from it.
const CHECKED_OUT: [&str; 2] = ["openapi", "client/src/generated"];

/// A contract that someone names.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A contract that was read from somewhere.
#[derive(Debug)]
pub struct Located {
    /// What it is called in reports.
    pub label: String,
    /// The contract.
    pub contract: Contract,
    /// The files of a revision, as long as they are needed.
    checkout: Option<TempDir>,
}

impl Located {
    /// A folder of the revision, if it is one and has it.
    pub fn folder(&self, path: &str) -> Option<PathBuf> {
        let folder = self.checkout.as_ref()?.path().join(path);
        folder.is_dir().then_some(folder)
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

    /// Reads the contract, with the files that its examples name.
    pub fn read(&self) -> Result<Located, String> {
        match self {
            Self::File(path) => Ok(Located {
                label: path.display().to_string(),
                contract: Contract::read(path).map_err(|error| error.to_string())?,
                checkout: None,
            }),
            Self::Revision(revision) => {
                let folder = checkout(revision)?;
                let contract = Contract::read(&folder.path().join(CONTRACT));
                Ok(Located {
                    label: format!("{}:{CONTRACT}", short(revision)),
                    contract: contract.map_err(|error| error.to_string())?,
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

/// What belongs to the contract of a revision, in a folder of its own.
fn checkout(revision: &str) -> Result<TempDir, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let commit = git(&[
        "rev-parse",
        "--verify",
        "--quiet",
        &format!("{revision}^{{commit}}"),
    ])
    .map_err(|_| format!("git knows no revision {revision}"))?;
    for path in CHECKED_OUT {
        if git(&["cat-file", "-e", &format!("{commit}:{path}")]).is_err() {
            continue;
        }
        let mut archive = Command::new("git")
            .current_dir(workspace())
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

/// The folder of the repository.
fn workspace() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

fn git(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .current_dir(workspace())
        .args(arguments)
        .output()
        .map_err(|error| format!("git: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

//! Generated files on disk: writing them, and saying how they differ.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::emit::Files;

/// How many lines of a difference are shown.
const SHOWN: usize = 5;

/// The generated folder of the client.
pub fn shipped_folder() -> PathBuf {
    relative(&workspace().join("client/src/generated"))
}

/// The path below the workspace, for messages and headers that are the same on every machine.
pub fn relative(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let here = std::env::current_dir().unwrap_or_default();
    match absolute.strip_prefix(workspace()) {
        Ok(below) if here == workspace() => below.to_owned(),
        _ => path.to_owned(),
    }
}

/// The path below the workspace, if it is there.
pub fn in_workspace(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    absolute.strip_prefix(workspace()).ok().map(Path::to_owned)
}

fn workspace() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Writes the files that are not there as they should be, and removes those that should not be
/// there. Returns the paths it touched.
pub fn write(files: &Files, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut touched = Vec::new();
    for (path, text) in files {
        let path = folder.join(path);
        if fs::read(&path).is_ok_and(|present| present == text.as_bytes()) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text)?;
        touched.push(path);
    }
    for path in left_over(files, folder)? {
        fs::remove_file(&path)?;
        touched.push(path);
    }
    Ok(touched)
}

/// For each file that isn't as it should be, what differs.
pub fn differences(files: &Files, folder: &Path) -> io::Result<Vec<String>> {
    let mut differences = Vec::new();
    for (path, text) in files {
        let path = folder.join(path);
        match fs::read_to_string(&path) {
            Ok(present) if present == *text => {}
            Ok(present) => differences.push(difference(&path, &present, text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                differences.push(format!("{}: is missing", path.display()));
            }
            Err(error) => return Err(error),
        }
    }
    for path in left_over(files, folder)? {
        differences.push(format!("{}: is no longer generated", path.display()));
    }
    Ok(differences)
}

/// The first lines that differ, as they are and as they should be.
fn difference(path: &Path, present: &str, expected: &str) -> String {
    let mut present = present.lines().peekable();
    let mut expected = expected.lines().peekable();
    let mut line = 1;
    while present.peek() == expected.peek() && present.peek().is_some() {
        present.next();
        expected.next();
        line += 1;
    }
    let mut text = format!("{}:{line}: differs", path.display());
    for is in present.take(SHOWN) {
        text.push_str(&format!("\n  - {is}"));
    }
    for should_be in expected.take(SHOWN) {
        text.push_str(&format!("\n  + {should_be}"));
    }
    text
}

/// Rust files in the folder that are none of ours any more.
fn left_over(files: &Files, folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut left_over = BTreeSet::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder_or_file) = open.pop() {
        let entries = match fs::read_dir(&folder_or_file) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            let below = path.strip_prefix(folder).unwrap_or(&path);
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && !files.contains_key(below) {
                left_over.insert(path);
            }
        }
    }
    Ok(left_over)
}

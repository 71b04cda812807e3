//! The README's lines for the command line, run in a shell.

use std::fs;

use snapbox::cmd::{Command, cargo_bin};
use tempfile::tempdir;

use crate::isolated;

const README: &str = include_str!("../../README.md");

#[test]
fn its_lines_work() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "Notes.\n").unwrap();
    let program = cargo_bin!("cometapi");
    let lines = README.lines().filter_map(|line| line.strip_prefix("$ "));
    let lines: Vec<_> = lines.filter(|line| line.starts_with("cometapi ")).collect();
    assert!(lines.len() > 5, "{lines:?}");
    for line in lines {
        let line = line.replacen("cometapi", &program.to_string_lossy(), 1);
        let command = Command::new("sh").args(["-c", &line]);
        let output = isolated(command, folder.path()).assert().success();
        let printed = !output.get_output().stdout.is_empty();
        assert_eq!(printed, !line.contains(" -o "), "{line}");
    }
    let speech = fs::read(folder.path().join("welcome.wav")).unwrap();
    assert!(speech.starts_with(b"RIFF"));
}

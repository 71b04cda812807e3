//! Ctrl-C.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use snapbox::cmd::cargo_bin;
use tempfile::tempdir;

use crate::server;

/// More than the buffers of any connection hold: once it is sent, the client is saving.
const SENT: usize = 32 << 20;

#[test]
fn no_half_file_is_left_and_the_old_one_stays() {
    let folder = tempdir().unwrap();
    let target = folder.path().join("a.mp3");
    fs::write(&target, "old").unwrap();
    let head = "200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: 999999999";
    let server = server::responding(head, vec![1; SENT]);
    let child = Command::new(cargo_bin!("cometapi"))
        .args([
            "speak",
            "m",
            "Hello.",
            "-o",
            "a.mp3",
            "--base-url",
            &server.url,
        ])
        .env("COMETAPI_KEY", "any")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    server.responded.recv().unwrap();
    assert_eq!(files(folder.path()), 2, "the old file and the half one");

    let kill = format!("kill -INT {}", child.id());
    assert!(
        Command::new("sh")
            .args(["-c", &kill])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(files(folder.path()), 1);
    assert_eq!(fs::read_to_string(&target).unwrap(), "old");
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

//! The client brings few crates beside those of an HTTP client, each for a reason that is written
//! down.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const REASONS: &str = include_str!("../../dependencies.md");

/// As much as anyone needs who sends JSON and files over TLS.
const BARE: &str = r#"
    [package]
    name = "bare"
    edition = "2024"

    [lib]
    path = "lib.rs"

    [dependencies]
    reqwest = { version = "0.13", default-features = false, features = ["rustls", "multipart", "stream", "json"] }
    serde = "1"
    serde_json = "1"
    tokio = "1"
"#;

/// The crates that a package in this folder is made of besides itself, with their versions.
fn crates(folder: &Path) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}", "--target", "x86_64-unknown-linux-gnu"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(tree.status.success(), "{tree:?}");
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates = tree.lines().skip(1).filter(|line| !line.is_empty());
    // What follows is where it is from.
    let names = crates.map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "));
    names.collect()
}

#[test]
fn each_further_crate_has_its_reason() {
    let bare = tempfile::tempdir().unwrap();
    std::fs::write(bare.path().join("Cargo.toml"), BARE).unwrap();
    std::fs::write(bare.path().join("lib.rs"), "").unwrap();
    // Its versions are those of the workspace.
    let versions = Path::new(WORKSPACE).join("Cargo.lock");
    std::fs::copy(versions, bare.path().join("Cargo.lock")).unwrap();

    let bare = crates(bare.path());
    let ours = crates(&Path::new(WORKSPACE).join("client"));
    let further = ours.difference(&bare);
    let further: Vec<_> = further
        .map(|name| name.split(' ').next().unwrap())
        .collect();
    let rows = REASONS.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows = rows.map(|row| row.split_once("` | ").unwrap().0);
    assert_eq!(
        further,
        rows.collect::<Vec<_>>(),
        "contract-tests/dependencies.md"
    );
    assert!(bare.len() > 50 && further.len() <= 14, "{further:?}");
}

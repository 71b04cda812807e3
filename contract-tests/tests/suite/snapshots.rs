//! The snapshot files are those in use, all of them and no others.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::{KEY, snapshot};

fn files() -> impl Iterator<Item = std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/snapshots");
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "snap")
    })
}

#[test]
fn no_snapshot_is_an_orphan_and_none_is_missing() {
    let name = |path: std::path::PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let files: BTreeSet<String> = files().map(name).collect();
    let names = &*snapshot::NAMES;
    let orphans: Vec<_> = files.difference(names).collect();
    assert!(
        orphans.is_empty(),
        "no case has these snapshots: {orphans:#?}"
    );
    let missing: Vec<_> = names.difference(&files).collect();
    assert!(
        missing.is_empty(),
        "these cases have no snapshot: {missing:#?}"
    );
}

#[test]
fn no_snapshot_shows_the_key() {
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(KEY), "{}", path.display());
    }
}

//! The layers of the sources: no file imports from a later layer, and no files import each other in a circle. The client
//! brings few crates beside those of an HTTP client, each for a reason that is written down.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders and files of the runtime, each of which may import only from those after it.
const RUNTIME_LAYERS: [&str; 17] = [
    "fuzzing",
    "codegen",
    "blocking",
    "execute",
    "stream",
    "response",
    "transport",
    "telemetry",
    "request",
    "client",
    "retry",
    "limit",
    "tolerance",
    "error",
    "http",
    "api",
    "defaults",
];

/// Folders that import nothing from the runtime and that any layer may import.
const RUNTIME_LEAVES: [&str; 2] = ["serde", "test_support"];

/// A module's path below its crate, such as `["runtime", "error"]`.
type Module = Vec<String>;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn runtime_files_import_only_from_later_layers() {
    let root = workspace().join("client/src/runtime");
    let mut upwards = Vec::new();
    for (module, file) in modules(&root) {
        let Some(own) = module.first() else { continue };
        if RUNTIME_LEAVES.contains(&own.as_str()) {
            continue;
        }
        let rank = |folder: &str| RUNTIME_LAYERS.iter().position(|layer| *layer == folder);
        let own_rank = rank(own).unwrap_or_else(|| panic!("{own} has no layer"));
        for import in imports(&file) {
            let Some(("crate", "runtime", folder)) = first_three(&import) else {
                continue;
            };
            if rank(folder).is_some_and(|rank| rank < own_rank) {
                upwards.push(format!("{} imports {}", file.display(), import.join("::")));
            }
        }
    }
    assert!(upwards.is_empty(), "{upwards:#?}");
}

#[test]
fn the_runtime_imports_nothing_generated() {
    for (_, file) in modules(&workspace().join("client/src/runtime")) {
        let generated = |import: &Module| matches!(first_three(import), Some(("crate", first, _)) if first != "runtime");
        let found: Vec<_> = imports(&file).into_iter().filter(generated).collect();
        assert!(found.is_empty(), "{}: {found:?}", file.display());
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let crates = [
        "client/src",
        "client/cli/src",
        "client/benches/peers/src",
        "contract-tests/mock/src",
        "contract-tests/src",
        "openapi/src",
        "xtask/src",
    ];
    for folder in crates {
        let modules = modules(&workspace().join(folder));
        assert!(modules.len() > 5, "{folder} has too few files");
        let edges: BTreeMap<Module, BTreeSet<Module>> = modules
            .iter()
            .map(|(module, file)| {
                let targets = imports(file).into_iter();
                let targets = targets.filter_map(|import| target(&modules, module, &import));
                (module.clone(), targets.collect())
            })
            .collect();
        let circle = edges.keys().find_map(|start| circle(&edges, start));
        assert_eq!(circle, None, "{folder}");
    }
}

#[test]
fn the_runtime_folder_has_at_most_20_entries() {
    let entries = fs::read_dir(workspace().join("client/src/runtime")).unwrap();
    let count = entries.count();
    assert!(count <= 20, "{count} entries");
}

/// All modules below a folder by their paths.
fn modules(root: &Path) -> BTreeMap<Module, PathBuf> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(root.to_owned(), Module::new())];
    while let Some((folder, module)) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let mut below = module.clone();
            if path.is_dir() {
                below.push(name);
                folders.push((path, below));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                if !["mod", "lib", "main"].contains(&name.as_str()) {
                    below.push(name);
                }
                found.insert(below, path);
            }
        }
    }
    found
}

/// The paths in the `use` items of a file outside its unit tests, one for each imported name.
fn imports(file: &Path) -> Vec<Module> {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let mut found = Vec::new();
    // Items only: the indented `use` lines of the generator belong to the code that it emits.
    let items = code.split("\nuse ").skip(1);
    for item in items {
        let item = item.split(';').next().unwrap();
        let item: String = item.split_whitespace().collect::<Vec<_>>().join(" ");
        expand(&[], &item, &mut found);
    }
    found
}

/// Adds the paths of a `use` tree.
fn expand(prefix: &[String], tree: &str, found: &mut Vec<Module>) {
    let segments = |path: &str| {
        let segments = path.split("::").map(str::trim);
        segments
            .filter(|segment| !segment.is_empty() && *segment != "self")
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let Some((path, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap();
        found.push([prefix, &segments(path)].concat());
        return;
    };
    let prefix = [prefix, &segments(path)].concat();
    let (mut depth, mut part) = (0, String::new());
    let rest = rest.strip_suffix('}').unwrap_or(rest);
    for letter in rest.chars().chain([',']) {
        match letter {
            ',' if depth == 0 => expand(&prefix, &std::mem::take(&mut part), found),
            _ => {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                part.push(letter);
            }
        }
    }
}

fn first_three(import: &Module) -> Option<(&str, &str, &str)> {
    match import.as_slice() {
        [first, second, third, ..] => Some((first, second, third)),
        _ => None,
    }
}

/// The file that an import leads to, unless it is the importing file or the root of the crate.
fn target(modules: &BTreeMap<Module, PathBuf>, from: &Module, import: &Module) -> Option<Module> {
    let mut path = match import.first()?.as_str() {
        "crate" => import[1..].to_vec(),
        "super" => {
            let ups = import.iter().take_while(|segment| *segment == "super");
            let ups = ups.count();
            [&from[..from.len().checked_sub(ups)?], &import[ups..]].concat()
        }
        _ => return None,
    };
    while !path.is_empty() && !modules.contains_key(&path) {
        path.pop();
    }
    (!path.is_empty() && path != *from).then_some(path)
}

/// A way from a module back to itself.
fn circle(edges: &BTreeMap<Module, BTreeSet<Module>>, start: &Module) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![vec![start.clone()]];
    while let Some(way) = ways.pop() {
        for next in &edges[way.last()?] {
            let longer = [way.as_slice(), std::slice::from_ref(next)].concat();
            if next == start {
                return Some(longer.iter().map(|module| module.join("::")).collect());
            }
            if seen.insert(next.clone()) {
                ways.push(longer);
            }
        }
    }
    None
}

#[test]
fn a_use_tree_is_expanded() {
    let mut found = Vec::new();
    expand(&[], "crate::a::{self, b::{C, D as E}, f}", &mut found);
    let found: Vec<String> = found.iter().map(|path| path.join("::")).collect();
    assert_eq!(
        found,
        [
            "crate::a",
            "crate::a::b::C",
            "crate::a::b::D",
            "crate::a::f"
        ]
    );
}

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

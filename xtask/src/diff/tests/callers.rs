//! Whether a caller of the old code compiles with the new one, by compiling it.
//!
//! The runtime is compiled once with the old and the new code of every pair beside it, each with operations of its own names. Callers
//! with errors are taken out and the others are compiled again, until there are no errors: some errors hide others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cometapi_contract::Contract;
use serde_json::Value;

use super::{BOOKSHOP, edited, pairs, set};
use crate::generate;

/// A module that never compiles.
const SENTINEL: &str = "sentinel";

/// A caller, and the two contracts whose code it calls.
struct Caller {
    title: String,
    compiles: bool,
    /// The version that the comparison asks for because of the Rust API.
    rust: String,
    text: String,
    old: Contract,
    new: Contract,
}

/// A module of the crate: a caller with the code of one side.
struct Module<'c> {
    name: String,
    text: String,
    contract: &'c Contract,
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn callers() -> Vec<Caller> {
    let bookshop = Contract::read(Path::new(BOOKSHOP)).unwrap();
    let with_caller = pairs()
        .into_iter()
        .filter(|pair| pair["caller"].is_string());
    let callers = with_caller.enumerate().map(|(number, pair)| {
        let mut old = bookshop.root().value().clone();
        set(&mut old, &pair["start"]);
        let mut new = edited(&old, &pair);
        rename_operations(&mut old, &format!("old_{number}"));
        rename_operations(&mut new, &format!("new_{number}"));
        Caller {
            title: pair["name"].as_str().unwrap().to_owned(),
            compiles: pair["compiles"] == true,
            rust: pair["rust"].as_str().unwrap().to_owned(),
            text: pair["caller"].as_str().unwrap().to_owned(),
            old: bookshop.with_root(old),
            new: bookshop.with_root(new),
        }
    });
    callers.collect()
}

/// A client has the methods of all modules, so that no two may have the same.
fn rename_operations(root: &mut Value, module: &str) {
    let items = root["paths"].as_object_mut().unwrap().values_mut();
    for item in items.flat_map(|item| item.as_object_mut().unwrap().values_mut()) {
        if let Some(Value::String(id)) = item.get_mut("operationId") {
            id.push_str(&format!("_{module}"));
        }
    }
}

fn modules(callers: &[Caller]) -> Vec<Module<'_>> {
    let bookshop = Contract::read(Path::new(BOOKSHOP)).unwrap();
    let mut modules = Vec::new();
    for (number, caller) in callers.iter().enumerate() {
        for (side, contract) in [("old", &caller.old), ("new", &caller.new)] {
            let name = format!("{side}_{number}");
            let mut text = caller.text.clone();
            for operation in bookshop.operations() {
                let id = operation.id();
                text = text.replace(&format!("{id}("), &format!("{id}_{name}("));
            }
            modules.push(Module {
                name,
                text,
                contract,
            });
        }
    }
    modules
}

/// A crate of the runtime with the dependencies of the fixture's, which is of the same.
fn write_manifest(folder: &Path) {
    let root = fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    let fixture =
        fs::read_to_string(workspace().join("contract-tests/fixture/Cargo.toml")).unwrap();
    let (_, shared) = root.split_once("[workspace.package]").unwrap();
    let shared: String = shared
        .lines()
        .filter(|line| !line.contains("path = "))
        .fold(String::new(), |text, line| text + line + "\n");
    let (package, _) = fixture.split_once("[dev-dependencies]").unwrap();
    // Optimising a package that isn't there is only a warning.
    let manifest =
        format!("[workspace]\nresolver = \"3\"\n\n[workspace.package]{shared}\n{package}");
    fs::write(
        folder.join("Cargo.toml"),
        manifest.replace("fixture-client", "callers"),
    )
    .unwrap();
    fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

/// Writes the generated code of one contract, without the constructors of the clients, which would stand there for each pair.
fn write_generated(folder: &Path, contract: &Contract) {
    for (path, text) in generate::client_files(contract).unwrap() {
        let path = folder.join("generated").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if !path.ends_with("generated/client.rs") {
            fs::write(&path, text.replace("mod client;\n", "")).unwrap();
        }
    }
}

/// Compiles the modules; gives the errors of those that don't compile, by their names.
fn failing(modules: &[Module<'_>]) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    write_manifest(folder.path());
    let source = folder.path().join("src");
    for module in modules {
        let inner = source.join(&module.name);
        write_generated(&inner, module.contract);
        let text = format!(
            "use super::generated::types::*;\n\n\
             pub async fn call(client: &crate::Client) -> Result<(), Box<dyn std::error::Error>> {{\n    {}\n    Ok(())\n}}\n",
            module.text
        );
        fs::write(inner.join("caller.rs"), text).unwrap();
    }
    // An error of its own keeps the compiler from generating code, which no one runs.
    fs::create_dir_all(source.join(SENTINEL)).unwrap();
    fs::write(
        source.join(SENTINEL).join("caller.rs"),
        "pub const NUMBER: u8 = \"\";\n",
    )
    .unwrap();
    let runtime = workspace().join("client/src/runtime/mod.rs");
    let mut failing = BTreeMap::new();
    loop {
        let mut root = format!(
            "#![allow(warnings)]\n#[path = {runtime:?}]\npub mod runtime;\n\
             pub use runtime::{{Client, Upload}};\npub mod {SENTINEL} {{ pub mod caller; }}\n"
        );
        for module in modules
            .iter()
            .filter(|module| !failing.contains_key(&module.name))
        {
            let _ = writeln!(
                root,
                "pub mod {} {{ pub mod generated; pub mod caller; }}",
                module.name
            );
        }
        fs::write(source.join("lib.rs"), root).unwrap();
        let mut errors = compile(folder.path());
        let is_checked = errors.remove(SENTINEL).is_some();
        if errors.is_empty() {
            assert!(is_checked, "the compiler has seen no types");
            return failing;
        }
        failing.extend(errors);
    }
}

/// The errors of one run, by the module that each stands in.
fn compile(folder: &Path) -> BTreeMap<String, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace().join("target"), PathBuf::from);
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--message-format", "json"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    let mut errors = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let message = &message["message"];
        if message["level"] != "error" {
            continue;
        }
        let files = message["spans"].as_array().into_iter().flatten();
        let files: BTreeSet<&str> = files
            .filter_map(|span| span["file_name"].as_str())
            .collect();
        let module = files.iter().find_map(|file| {
            let inner = file.strip_prefix("src/")?.strip_suffix("/caller.rs")?;
            Some(inner.to_owned())
        });
        match module {
            Some(module) => drop(errors.insert(module, message["rendered"].to_string())),
            None if files.is_empty() => {}
            None => panic!("an error in no caller: {}", message["rendered"]),
        }
    }
    assert!(
        output.status.success() || !errors.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    errors
}

#[test]
#[ignore = "compiles the runtime some times; CI asks for it"]
fn callers_compile_as_the_comparison_says() {
    let callers = callers();
    assert!(callers.len() >= 30, "{} callers", callers.len());
    let failing = failing(&modules(&callers));
    let mut wrong = Vec::new();
    for (number, caller) in callers.iter().enumerate() {
        let title = &caller.title;
        if let Some(error) = failing.get(&format!("old_{number}")) {
            wrong.push(format!("{title}: the caller is wrong: {error}"));
        }
        let error = failing.get(&format!("new_{number}"));
        if error.is_none() != caller.compiles {
            wrong.push(format!(
                "{title}: expected that it compiles: {}; {error:?}",
                caller.compiles
            ));
        }
        // What needs no major version may not stop anyone.
        if error.is_some() && caller.rust != "major" {
            wrong.push(format!(
                "{title}: a {} change that doesn't compile",
                caller.rust
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

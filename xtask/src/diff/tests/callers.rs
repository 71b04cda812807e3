//! Whether a caller of the old code compiles with the new one, by compiling it.
//!
//! The runtime is compiled once with the generated code of every pair beside it, each with operations of its own names. Callers with
//! errors are taken out and the others are compiled again, until there are no errors: some errors hide others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cometapi_contract::Contract;
use serde_json::Value;

use super::{BOOKSHOP, edited, pairs, set};
use crate::generate;

/// A caller, and the code that it calls.
struct Caller {
    title: String,
    number: usize,
    text: String,
    compiles: bool,
    /// The version that the comparison asks for because of the Rust API.
    rust: String,
    old: Contract,
    new: Contract,
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn callers() -> Vec<Caller> {
    let bookshop = Contract::read(Path::new(BOOKSHOP)).unwrap();
    let ids: Vec<String> = bookshop
        .operations()
        .iter()
        .map(|operation| operation.id().to_owned())
        .collect();
    let with_caller = pairs()
        .into_iter()
        .filter(|pair| pair["caller"].is_string());
    let caller = |(number, pair): (usize, Value)| {
        let mut old = bookshop.root().value().clone();
        set(&mut old, &pair["start"]);
        let mut new = edited(&old, &pair);
        let mut text = pair["caller"].as_str().unwrap().to_owned();
        for id in &ids {
            text = text.replace(&format!("{id}("), &format!("{id}_{number}("));
        }
        for root in [&mut old, &mut new] {
            let items = root["paths"].as_object_mut().unwrap().values_mut();
            for item in items.flat_map(|item| item.as_object_mut().unwrap().values_mut()) {
                if let Some(Value::String(id)) = item.get_mut("operationId") {
                    id.push_str(&format!("_{number}"));
                }
            }
        }
        Caller {
            title: pair["name"].as_str().unwrap().to_owned(),
            number,
            text,
            compiles: pair["compiles"] == true,
            rust: pair["rust"].as_str().unwrap().to_owned(),
            old: bookshop.with_root(old),
            new: bookshop.with_root(new),
        }
    };
    with_caller.enumerate().map(caller).collect()
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

/// Compiles the callers with the code of one side; gives the numbers of those that don't compile.
fn failing(callers: &[Caller], side: fn(&Caller) -> &Contract) -> BTreeMap<usize, String> {
    let folder = tempfile::tempdir().unwrap();
    write_manifest(folder.path());
    let source = folder.path().join("src");
    for caller in callers {
        let module = source.join(format!("pair_{}", caller.number));
        write_generated(&module, side(caller));
        let text = format!(
            "use super::generated::types::*;\n\npub async fn call(client: &crate::Client) -> Result<(), Box<dyn std::error::Error>> {{\n    {}\n    Ok(())\n}}\n",
            caller.text
        );
        fs::write(module.join("caller.rs"), text).unwrap();
    }
    let mut failing = BTreeMap::new();
    loop {
        let runtime = workspace().join("client/src/runtime/mod.rs");
        let mut root = format!(
            "#![allow(warnings)]\n#[path = {runtime:?}]\npub mod runtime;\npub use runtime::{{Client, Upload}};\n"
        );
        for caller in callers
            .iter()
            .filter(|caller| !failing.contains_key(&caller.number))
        {
            let _ = writeln!(
                root,
                "pub mod pair_{} {{ pub mod generated; pub mod caller; }}",
                caller.number
            );
        }
        fs::write(source.join("lib.rs"), root).unwrap();
        let errors = compile(folder.path());
        if errors.is_empty() {
            return failing;
        }
        failing.extend(errors);
    }
}

/// The errors of one run, by the number of the caller that each stands in.
fn compile(folder: &Path) -> BTreeMap<usize, String> {
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
        let number = files.iter().find_map(|file| {
            let (_, rest) = file.split_once("pair_")?;
            let number = rest.strip_suffix("/caller.rs")?;
            number.parse().ok()
        });
        match number {
            Some(number) => drop(errors.insert(number, message["rendered"].to_string())),
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
    let of_old = failing(&callers, |caller| &caller.old);
    assert!(of_old.is_empty(), "callers of the old code: {of_old:#?}");
    let of_new = failing(&callers, |caller| &caller.new);
    let mut wrong = Vec::new();
    for caller in &callers {
        let compiles = !of_new.contains_key(&caller.number);
        if compiles != caller.compiles {
            let error = of_new.get(&caller.number);
            wrong.push(format!("{}: compiles: {compiles} {error:?}", caller.title));
        }
        // What needs no major version may not stop anyone.
        if !compiles && caller.rust != "major" {
            wrong.push(format!(
                "{}: a {} change that doesn't compile",
                caller.title, caller.rust
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

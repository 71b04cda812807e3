//! A small contract to change, and the command to run on it.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

/// A contract that lint has nothing against: one operation, `make_thing`.
pub fn contract() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Test", "version": "1"},
        "servers": [{"url": "https://test.example"}],
        "tags": [{"name": "things"}],
        "paths": {"/things": {"post": {
            "operationId": "make_thing",
            "tags": ["things"],
            "summary": "Makes a thing.",
            "x-idempotent": false,
            "security": [],
            "requestBody": {"required": true, "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Request"},
                "examples": {"minimal": {"summary": "The least.", "value": {}}},
            }}},
            "responses": {"200": {"description": "It.", "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Reply"},
                "examples": {"one": {"summary": "One.", "value": {}}},
            }}}},
        }}},
        "components": {"schemas": {
            "Request": {"type": "object", "properties": {"name": {"type": "string"}}},
            "Reply": {"type": "object", "properties": {"name": {"type": "string"}}},
        }},
    })
}

/// Pointers into [`contract`].
pub const OPERATION: &str = "/paths/~1things/post";
pub const REQUEST: &str = "/paths/~1things/post/requestBody/content";
pub const RESPONSES: &str = "/paths/~1things/post/responses";
pub const RESPONSE_CONTENT: &str = "/paths/~1things/post/responses/200/content";
pub const SCHEMAS: &str = "/components/schemas";

/// The contract with a value put under a key of the object at a pointer.
pub fn with(mut contract: Value, pointer: &str, key: &str, value: Value) -> Value {
    let place = contract.pointer_mut(pointer).expect(pointer);
    place[key] = value;
    contract
}

/// The contract without a key of the object at a pointer.
pub fn without(mut contract: Value, pointer: &str, key: &str) -> Value {
    let place = contract
        .pointer_mut(pointer)
        .and_then(Value::as_object_mut)
        .expect(pointer);
    place.shift_remove(key).expect(key);
    contract
}

/// The contract with a property of that schema in its response.
pub fn with_response_property(schema: Value) -> Value {
    with(
        contract(),
        "/components/schemas/Reply/properties",
        "value",
        schema,
    )
}

/// The contract with a property of that schema in its request.
pub fn with_request_property(schema: Value) -> Value {
    with(
        contract(),
        "/components/schemas/Request/properties",
        "value",
        schema,
    )
}

/// A folder with the contract in it.
pub struct Case {
    pub folder: TempDir,
}

/// How a run of the command ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Case {
    pub fn new(contract: &Value) -> Self {
        Self::of_text(&serde_json::to_string_pretty(contract).unwrap())
    }

    pub fn of_text(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("contract.yaml"), text).unwrap();
        Self { folder }
    }

    pub fn contract(&self) -> PathBuf {
        self.folder.path().join("contract.yaml")
    }

    pub fn out(&self) -> PathBuf {
        self.folder.path().join("generated")
    }

    pub fn lint(&self) -> Run {
        run(&["lint", "--contract", path(&self.contract())])
    }

    pub fn generate(&self, more: &[&str]) -> Run {
        let (contract, out) = (self.contract(), self.out());
        let mut arguments = vec![
            "generate",
            "--contract",
            path(&contract),
            "--out",
            path(&out),
        ];
        arguments.extend(more);
        run(&arguments)
    }

    /// All of the generated code in one text, once generating has succeeded.
    pub fn generated(&self) -> String {
        let run = self.generate(&[]);
        assert_eq!(run.code, 0, "{run:?}");
        files(&self.out())
            .into_iter()
            .map(|(_, text)| text)
            .collect()
    }
}

/// The files below a folder, by name.
pub fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found.sort();
    found
}

pub fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub fn run(arguments: &[&str]) -> Run {
    run_in(
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap(),
        arguments,
    )
}

pub fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

//! The contract of CometAPI, read with line numbers: what the generator, the mock and the
//! contract suite all start from.
//!
//! [`Contract`] is the file, [`Node`] a value in it that knows its pointer and line,
//! [`Operation`] and [`Example`] what most readers ask for. [`diff`] compares two contracts.

pub mod diff;
mod example;
mod node;
mod operation;
mod response_selector;
mod schema;
mod source;
mod yaml;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

pub use example::Example;
pub use node::Node;
pub use operation::{MediaType, Operation, Response};
pub use response_selector::{ResponseSelector, ResponseVariant};
pub use schema::{EnumMode, json_schema};
pub use source::{Baseline, Located, Source};

/// An OpenAPI 3.0.3 document.
#[derive(Debug)]
pub struct Contract {
    file: PathBuf,
    text: String,
    root: Value,
    lines: Arc<yaml::Lines>,
}

/// A contract that could not be read: no such file, or no YAML.
#[derive(Debug)]
pub struct ReadError {
    file: PathBuf,
    line: Option<usize>,
    message: String,
}

impl Contract {
    /// The contract of this repository.
    pub fn bundled() -> Result<Self, ReadError> {
        Self::read(&Self::bundled_path())
    }

    /// Where [`Contract::bundled`] reads from.
    pub fn bundled_path() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("cometapi.yaml")
    }

    /// Reads a contract. Files that its examples name are found relative to it.
    pub fn read(file: &Path) -> Result<Self, ReadError> {
        let text = std::fs::read_to_string(file).map_err(|error| ReadError {
            file: file.to_owned(),
            line: None,
            message: error.to_string(),
        })?;
        Self::parse(file, text)
    }

    /// Reads a contract from `text`, as if it stood in `file`.
    pub fn parse(file: &Path, text: String) -> Result<Self, ReadError> {
        let (root, lines) = yaml::parse(&text).map_err(|error| ReadError {
            file: file.to_owned(),
            line: Some(error.line),
            message: error.message,
        })?;
        Ok(Self {
            file: file.to_owned(),
            text,
            root,
            lines: Arc::new(lines),
        })
    }

    /// The same contract with another content. Lines are those of what stayed in its place.
    pub fn with_root(&self, root: Value) -> Self {
        Self {
            file: self.file.clone(),
            text: self.text.clone(),
            root,
            lines: Arc::clone(&self.lines),
        }
    }

    /// The file it was read from, as it was given.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The file's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole document.
    pub fn root(&self) -> Node<'_> {
        Node::new(self, String::new(), &self.root)
    }

    /// The value at a JSON pointer.
    pub fn pointer(&self, pointer: &str) -> Option<Node<'_>> {
        let value = self.root.pointer(pointer)?;
        Some(Node::new(self, pointer.to_owned(), value))
    }

    /// The line, from 1, of the value at a JSON pointer, or of the nearest value around it.
    pub fn line(&self, pointer: &str) -> usize {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.lines.get(pointer) {
                return *line;
            }
            match pointer.rfind('/') {
                Some(end) => pointer = &pointer[..end],
                None => return 1,
            }
        }
    }

    /// All operations, in the contract's order.
    pub fn operations(&self) -> Vec<Operation<'_>> {
        Operation::all(self)
    }

    /// The operation of that id.
    pub fn operation(&self, id: &str) -> Option<Operation<'_>> {
        self.operations()
            .into_iter()
            .find(|operation| operation.id() == id)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for ReadError {}

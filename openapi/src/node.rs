//! A value in the contract that knows where it stands.

use std::fmt;

use serde_json::Value;

use crate::{Contract, yaml};

/// A value of a contract, with its JSON pointer and line.
#[derive(Clone)]
pub struct Node<'c> {
    contract: &'c Contract,
    pointer: String,
    value: &'c Value,
}

impl<'c> Node<'c> {
    pub(crate) fn new(contract: &'c Contract, pointer: String, value: &'c Value) -> Self {
        Self {
            contract,
            pointer,
            value,
        }
    }

    /// The contract it stands in.
    pub fn contract(&self) -> &'c Contract {
        self.contract
    }

    /// The bare value.
    pub fn value(&self) -> &'c Value {
        self.value
    }

    /// Its JSON pointer.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Its line, from 1.
    pub fn line(&self) -> usize {
        self.contract.line(&self.pointer)
    }

    /// The last segment of its pointer: its key, or its index.
    pub fn key(&self) -> String {
        let segment = self.pointer.rsplit('/').next().unwrap_or_default();
        segment.replace("~1", "/").replace("~0", "~")
    }

    /// The value of a key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<Node<'c>> {
        self.value.get(key).map(|value| self.child(key, value))
    }

    /// The value at a path of keys.
    pub fn get_path(&self, keys: &[&str]) -> Option<Node<'c>> {
        keys.iter()
            .try_fold(self.clone(), |node, key| node.get(key))
    }

    /// The text of a key.
    pub fn str(&self, key: &str) -> Option<&'c str> {
        self.value.get(key)?.as_str()
    }

    /// Whether a key holds `true`.
    pub fn bool(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// The entries of an object; none of anything else.
    pub fn entries(&self) -> Vec<(&'c str, Node<'c>)> {
        let Value::Object(object) = self.value else {
            return Vec::new();
        };
        let entry = |(key, value)| {
            let key: &'c String = key;
            (key.as_str(), self.child(key, value))
        };
        object.iter().map(entry).collect()
    }

    /// The items of an array; none of anything else.
    pub fn items(&self) -> Vec<Node<'c>> {
        let Value::Array(array) = self.value else {
            return Vec::new();
        };
        let item = |(index, value): (usize, _)| self.child(&index.to_string(), value);
        array.iter().enumerate().map(item).collect()
    }

    /// Where `$ref` leads, at the end of any chain of them; itself if it is none, or a broken one.
    pub fn resolved(&self) -> Node<'c> {
        let mut node = self.clone();
        // A chain longer than this is a circle.
        for _ in 0..16 {
            match node
                .reference()
                .and_then(|target| self.contract.pointer(target))
            {
                Some(target) => node = target,
                None => break,
            }
        }
        node
    }

    /// The pointer that a `$ref` into this document names.
    pub fn reference(&self) -> Option<&'c str> {
        self.str("$ref")?.strip_prefix('#')
    }

    /// The component that a `$ref` names: its last segment.
    pub fn reference_name(&self) -> Option<&'c str> {
        self.reference()?.rsplit('/').next()
    }

    fn child(&self, key: &str, value: &'c Value) -> Node<'c> {
        let pointer = format!("{}/{}", self.pointer, yaml::escape(key));
        Node::new(self.contract, pointer, value)
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{} {}",
            self.contract.file().display(),
            self.line(),
            self.pointer
        )
    }
}

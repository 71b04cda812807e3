//! What is wrong with a contract, and where.

use std::fmt;

use cometapi_contract::Node;

/// One thing to fix in the contract.
#[derive(Clone, Debug)]
pub struct Finding {
    pub file: String,
    pub line: usize,
    pub rule: &'static str,
    pub message: String,
}

/// The findings of a run.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Notes that `node` breaks `rule`.
    pub fn add(&mut self, rule: &'static str, node: &Node<'_>, message: impl Into<String>) {
        self.0.push(Finding {
            file: node.contract().file().display().to_string(),
            line: node.line(),
            rule,
            message: message.into(),
        });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order a reader meets them.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.0.sort_by(|a, b| {
            (&a.file, a.line, a.rule, &a.message).cmp(&(&b.file, b.line, b.rule, &b.message))
        });
        self.0
            .dedup_by(|a, b| (a.line, a.rule, &a.message) == (b.line, b.rule, &b.message));
        self.0
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}: {}",
            self.file, self.line, self.rule, self.message
        )
    }
}

//! Where each type is used: in requests, in responses, and by which tags.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::input::{GeneratorInput, OperationInput};
use crate::ir::names;

/// Types that operations of several tags lead to.
pub const SHARED: &str = "shared";

/// Where a type is met: it decides its file, and what it has to be able to do.
pub struct Usage {
    pub sent: BTreeSet<String>,
    pub received: BTreeSet<String>,
    pub bodies: BTreeSet<String>,
    modules: BTreeMap<String, String>,
}

impl Usage {
    pub fn new(source: &GeneratorInput<'_>) -> Self {
        let operations = source.operations.iter();
        let received: Vec<_> = operations
            .clone()
            .flat_map(OperationInput::received)
            .collect();
        let sent: Vec<_> = operations.clone().flat_map(OperationInput::sent).collect();
        let mut modules = BTreeMap::new();
        for tag in source.tags() {
            for name in source.types_of_tag(tag) {
                let module = names::field(tag);
                modules
                    .entry(name)
                    .and_modify(|other: &mut String| SHARED.clone_into(other))
                    .or_insert(module);
            }
        }
        Self {
            sent: source.model.reachable(&sent),
            received: source.model.reachable(&received),
            bodies: operations.filter_map(|one| one.body.clone()).collect(),
            modules,
        }
    }

    pub fn module(&self, name: &str) -> String {
        self.modules
            .get(name)
            .map_or(SHARED, String::as_str)
            .to_owned()
    }
}

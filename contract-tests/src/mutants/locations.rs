//! Where a contract can be changed.

use std::collections::BTreeSet;

use cometapi_contract::{Contract, Node, Operation};

use crate::schema::{of_media_type, reach};

/// A contract, and which way its schemas go.
#[derive(Debug)]
pub(super) struct MutationPoints<'c> {
    pub(super) contract: &'c Contract,
    /// Pointers of the schemas in requests.
    pub(super) sent: BTreeSet<String>,
    /// Pointers of the schemas in responses.
    pub(super) responded: BTreeSet<String>,
    /// Each operation, with the pointers of all that it is made of.
    parts: Vec<(Operation<'c>, BTreeSet<String>)>,
}

impl<'c> MutationPoints<'c> {
    pub(super) fn of(contract: &'c Contract) -> Self {
        let (mut sent, mut responded) = (BTreeSet::new(), BTreeSet::new());
        let mut all_parts = Vec::new();
        for operation in contract.operations() {
            for schema in sent_schemas(&operation) {
                reach(&schema, &mut |schema| {
                    sent.insert(schema.pointer().to_owned());
                });
            }
            for schema in answered_schemas(&operation) {
                reach(&schema, &mut |schema| {
                    responded.insert(schema.pointer().to_owned());
                });
            }
            let mut parts = BTreeSet::new();
            reached(operation.node(), &mut parts);
            all_parts.push((operation, parts));
        }
        Self {
            contract,
            sent,
            responded,
            parts: all_parts,
        }
    }

    /// The schemas of requests and responds.
    pub(super) fn schemas(&self) -> Vec<Node<'c>> {
        let pointers = self.sent.union(&self.responded);
        let schemas = pointers.filter_map(|pointer| self.contract.pointer(pointer));
        schemas.collect()
    }

    /// The operations that a change at this pointer can be seen at.
    pub(super) fn touched(&self, pointer: &str) -> BTreeSet<&'c str> {
        let ends = pointer.match_indices('/').map(|(end, _)| end);
        let around: Vec<&str> = ends.map(|end| &pointer[..end]).chain([pointer]).collect();
        let touched = self.parts.iter().filter(|(operation, parts)| {
            // What a path is called is a matter of all that is under it.
            around.iter().any(|pointer| parts.contains(*pointer))
                || operation.node().pointer().starts_with(pointer)
        });
        touched.map(|(operation, _)| operation.id()).collect()
    }
}

fn sent_schemas<'c>(operation: &Operation<'c>) -> Vec<Node<'c>> {
    let bodies = operation.request_bodies();
    bodies.iter().filter_map(|body| body.schema()).collect()
}

fn answered_schemas<'c>(operation: &Operation<'c>) -> Vec<Node<'c>> {
    let responses = operation.responses();
    let media_types = responses.iter().flat_map(|response| response.media_types());
    let schemas = media_types.filter_map(|media_type| of_media_type(&media_type));
    schemas.collect()
}

/// Pointers of a value and of everything that it refers to.
fn reached(node: &Node<'_>, parts: &mut BTreeSet<String>) {
    if !parts.insert(node.pointer().to_owned()) {
        return;
    }
    references(node, parts);
}

fn references(node: &Node<'_>, parts: &mut BTreeSet<String>) {
    if let Some(target) = node
        .reference()
        .and_then(|target| node.contract().pointer(target))
    {
        reached(&target, parts);
    }
    let entries = node.entries().into_iter().map(|(_, entry)| entry);
    for inside in entries.chain(node.items()) {
        references(&inside, parts);
    }
}

//! The generator's input: the contract, joined with progenitor's names and types.

use std::collections::{BTreeMap, BTreeSet};

use cometapi_contract::{Contract, Node, Operation};
use proc_macro2::Ident;

use crate::ir::model::{Model, Signature, required};
use crate::ir::names::{self, ident, named, referenced};
use crate::ir::payload::{File, OperationPayloads, ResponsePayload};

/// What the emitters read.
pub struct GeneratorInput<'c> {
    pub contract: &'c Contract,
    /// The name of the crate that the code becomes part of, if its documentation has samples.
    pub crate_name: Option<&'c str>,
    pub model: Model,
    pub operations: Vec<OperationInput<'c>>,
}

/// An operation of the contract that is generated, with progenitor's view of it.
pub struct OperationInput<'c> {
    pub operation: Operation<'c>,
    pub tag: &'c str,
    /// The builder's name.
    pub builder: Ident,
    pub payloads: OperationPayloads<'c>,
    /// The type of the body, by its component's name.
    pub body: Option<String>,
    /// The type of a response in JSON.
    pub json: Option<syn::Type>,
    /// The types of its parameters, by their Rust names.
    pub parameters: BTreeMap<String, syn::Type>,
}

impl<'c> GeneratorInput<'c> {
    /// Joins contract and model; an operation that only one of them has is an error.
    pub fn new(
        contract: &'c Contract,
        crate_name: Option<&'c str>,
        operations: Vec<Operation<'c>>,
        mut model: Model,
    ) -> Result<Self, String> {
        let mut sources = Vec::new();
        for operation in operations {
            let id = operation.id();
            let signature = model
                .signatures
                .remove(&names::field(id))
                .ok_or_else(|| format!("progenitor made no operation {id}"))?;
            sources.push(OperationInput::new(operation, signature)?);
        }
        if let Some(id) = model.signatures.keys().next() {
            return Err(format!(
                "progenitor made an operation {id} that no one requested"
            ));
        }
        Ok(Self {
            contract,
            crate_name,
            model,
            operations: sources,
        })
    }

    /// The tags that have operations, in the contract's order of operations.
    pub fn tags(&self) -> Vec<&'c str> {
        let mut tags = Vec::new();
        for source in &self.operations {
            if !tags.contains(&source.tag) {
                tags.push(source.tag);
            }
        }
        tags
    }

    /// The types that a tag's operations lead to.
    pub fn types_of_tag(&self, tag: &str) -> BTreeSet<String> {
        let operations = self.operations.iter().filter(|source| source.tag == tag);
        let roots: Vec<syn::Type> = operations.flat_map(OperationInput::types).collect();
        self.model.reachable(&roots)
    }
}

impl<'c> OperationInput<'c> {
    fn new(operation: Operation<'c>, mut signature: Signature) -> Result<Self, String> {
        let id = operation.id();
        let tag = operation
            .tag()
            .ok_or_else(|| format!("operation {id} has no tag"))?;
        let payloads =
            OperationPayloads::read(&operation).map_err(|objection| objection.message)?;
        let body = match signature.parameters.remove("body") {
            Some(syn::Type::Path(path)) => path.path.get_ident().map(Ident::to_string),
            _ => None,
        };
        if body.is_none() && payloads.body.is_some() {
            return Err(format!("operation {id}: its body is no named type"));
        }
        let is_json = matches!(payloads.response, Some(ResponsePayload::Json));
        Ok(Self {
            builder: ident(&names::variant(id)),
            parameters: signature.parameters,
            operation,
            tag,
            payloads,
            body,
            json: is_json.then_some(signature.result),
        })
    }

    /// The files that the body holds beside its type.
    pub fn files(&self) -> &[File<'c>] {
        self.payloads
            .body
            .as_ref()
            .map_or(&[], |body| body.files.as_slice())
    }

    /// The type of a parameter, whether or not it has to be given.
    pub fn parameter(&self, field: &str) -> Result<&syn::Type, String> {
        let ty = self.parameters.get(field);
        ty.map(required)
            .ok_or_else(|| format!("operation {} has no parameter {field}", self.operation.id()))
    }

    /// The types of what is sent.
    pub fn sent(&self) -> Vec<syn::Type> {
        let body = self.body.as_deref().map(named);
        body.into_iter()
            .chain(self.parameters.values().cloned())
            .collect()
    }

    /// The types of the possible responses.
    pub fn received(&self) -> Vec<syn::Type> {
        let events = self
            .payloads
            .events
            .as_ref()
            .map(|events| named(&events.schema.key()));
        let chosen = match &self.payloads.response {
            Some(ResponsePayload::Selected(chosen)) => selected_types(chosen),
            _ => Vec::new(),
        };
        self.json
            .iter()
            .cloned()
            .chain(events)
            .chain(chosen)
            .collect()
    }

    pub fn types(&self) -> Vec<syn::Type> {
        let mut types = self.sent();
        types.extend(self.received());
        types
    }
}

/// Returns the types of the JSON variants of a selected response.
pub fn selected_types(chosen: &Node<'_>) -> Vec<syn::Type> {
    let values = chosen.get("values");
    let schemas = values
        .iter()
        .flat_map(Node::entries)
        .filter_map(|(_, value)| value.get("schema"));
    schemas.map(|schema| referenced(&schema)).collect()
}

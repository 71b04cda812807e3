//! The ways in which a contract is changed, one thing at a time.

mod operations;
mod properties;

use std::collections::BTreeSet;

use cometapi_contract::{MediaType, Node, Operation, Response};

use super::editor::ContractEditor;
use super::locations::MutationPoints;
use crate::request::EVENT_STREAM;

/// A kind of change.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// Its name in reports.
    pub name: &'static str,
    /// Where it applies, as JSON pointers.
    pub(super) sites: fn(&MutationPoints<'_>) -> Vec<String>,
    /// What it does at one of them. Examples follow.
    pub(super) change: fn(&mut ContractEditor<'_>, &str),
}

const fn operator(
    name: &'static str,
    sites: fn(&MutationPoints<'_>) -> Vec<String>,
    change: fn(&mut ContractEditor<'_>, &str),
) -> Operator {
    Operator {
        name,
        sites,
        change,
    }
}

/// All of them.
pub const OPERATORS: &[Operator] = &[
    operator("drop-property", properties::all, properties::dropped),
    operator("rename-property", properties::all, properties::renamed),
    operator("retype-property", properties::typed, properties::retyped),
    operator(
        "require-property",
        properties::optional,
        properties::required,
    ),
    operator("relax-property", properties::promised, properties::relaxed),
    operator("null-property", properties::never_null, properties::nulled),
    operator(
        "need-property",
        properties::sent_objects,
        properties::needed,
    ),
    operator("close-enum", properties::open, properties::closed),
    operator(
        "drop-enum-value",
        properties::values,
        properties::without_value,
    ),
    // All but the only success.
    operator(
        "drop-status",
        |points| points.responses(|response| !response.is_success()),
        operations::without_status,
    ),
    operator(
        "change-status",
        |points| points.responses(|response| response.is_success()),
        operations::other_status,
    ),
    operator(
        "change-media-type",
        |points| points.media_types(|_, _| true),
        operations::other_media_type,
    ),
    // Media types of responses that have others too.
    operator(
        "drop-media-type",
        |points| points.media_types(|response, _| response.media_types().len() > 1),
        operations::without_media_type,
    ),
    operator(
        "change-request-media-type",
        |points| {
            let operations = points.contract.operations();
            let bodies = operations.iter().flat_map(Operation::request_bodies);
            bodies.map(|body| body.node.pointer().to_owned()).collect()
        },
        operations::other_body,
    ),
    operator(
        "change-default-form",
        operations::choices,
        operations::other_default,
    ),
    operator(
        "change-end-of-stream",
        |points| {
            points.media_types(|response, media_type| {
                response.is_success() && media_type.name == EVENT_STREAM
            })
        },
        operations::other_marker,
    ),
    operator(
        "drop-security",
        |points| points.operations(|operation| operation.requires_auth()),
        operations::without_security,
    ),
    operator(
        "add-security",
        |points| points.operations(|operation| !operation.requires_auth()),
        operations::with_security,
    ),
    operator(
        "change-path",
        |points| {
            let paths = points.contract.pointer("/paths");
            let paths = paths.iter().flat_map(Node::entries);
            paths.map(|(_, path)| path.pointer().to_owned()).collect()
        },
        operations::other_path,
    ),
    operator(
        "change-method",
        |points| points.operations(|_| true),
        operations::other_method,
    ),
];

impl MutationPoints<'_> {
    fn operations(&self, fits: impl Fn(&Operation<'_>) -> bool) -> Vec<String> {
        let operations = self.contract.operations().into_iter();
        let fitting = operations.filter(fits);
        fitting
            .map(|operation| operation.node().pointer().to_owned())
            .collect()
    }

    /// Where operations name their responses, not where those stand.
    fn responses(&self, fits: impl Fn(&Response<'_>) -> bool) -> Vec<String> {
        let operations = self.contract.operations().into_iter();
        let pointers = operations.flat_map(|operation| {
            let responses = operation.responses().into_iter().filter(&fits);
            let pointer = operation.node().pointer().to_owned();
            let named = responses.map(move |one| format!("{pointer}/responses/{}", one.status));
            named.collect::<Vec<_>>()
        });
        pointers.collect()
    }

    /// Those of all responses, each once.
    fn media_types(&self, fits: impl Fn(&Response<'_>, &MediaType<'_>) -> bool) -> Vec<String> {
        let mut pointers = BTreeSet::new();
        let operations = self.contract.operations();
        for response in operations.iter().flat_map(Operation::responses) {
            let media_types = response.media_types().into_iter();
            let fitting = media_types.filter(|media_type| fits(&response, media_type));
            pointers.extend(fitting.map(|media_type| media_type.node.pointer().to_owned()));
        }
        pointers.into_iter().collect()
    }
}

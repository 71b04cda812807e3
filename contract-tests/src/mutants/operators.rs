//! The ways in which a contract is changed, one thing at a time.

mod operations;
mod properties;

use super::editor::ContractEditor;
use super::locations::MutationPoints;

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
    operator(
        "drop-status",
        operations::statuses,
        operations::without_status,
    ),
    operator(
        "change-status",
        operations::successes,
        operations::other_status,
    ),
    operator(
        "change-media-type",
        operations::media_types,
        operations::other_media_type,
    ),
    operator(
        "drop-media-type",
        operations::alternatives,
        operations::without_media_type,
    ),
    operator(
        "change-request-media-type",
        operations::bodies,
        operations::other_body,
    ),
    operator(
        "change-default-form",
        operations::choices,
        operations::other_default,
    ),
    operator(
        "change-end-of-stream",
        operations::streams,
        operations::other_marker,
    ),
    operator(
        "drop-security",
        operations::secured,
        operations::without_security,
    ),
    operator("add-security", operations::open, operations::with_security),
    operator("change-path", operations::paths, operations::other_path),
    operator(
        "change-method",
        operations::methods,
        operations::other_method,
    ),
];

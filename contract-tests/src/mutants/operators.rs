//! The ways in which a contract is changed, one thing at a time.

mod calls;
mod enums;
mod properties;

use super::draft::Draft;
use super::sites::Sites;

/// A kind of change.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// Its name in reports.
    pub name: &'static str,
    /// Where it applies, as JSON pointers.
    pub(super) sites: fn(&Sites<'_>) -> Vec<String>,
    /// What it does at one of them. Examples follow.
    pub(super) change: fn(&mut Draft<'_>, &str),
}

const fn operator(
    name: &'static str,
    sites: fn(&Sites<'_>) -> Vec<String>,
    change: fn(&mut Draft<'_>, &str),
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
    operator("close-enum", enums::open, enums::closed),
    operator("drop-enum-value", enums::values, enums::without_value),
    operator("drop-status", calls::statuses, calls::without_status),
    operator("change-status", calls::successes, calls::other_status),
    operator(
        "change-media-type",
        calls::media_types,
        calls::other_media_type,
    ),
    operator(
        "drop-media-type",
        calls::alternatives,
        calls::without_media_type,
    ),
    operator(
        "change-request-media-type",
        calls::bodies,
        calls::other_body,
    ),
    operator("change-default-form", calls::choices, calls::other_default),
    operator("change-end-of-stream", calls::streams, calls::other_marker),
    operator("drop-security", calls::secured, calls::without_security),
    operator("add-security", calls::open, calls::with_security),
    operator("change-path", calls::paths, calls::other_path),
    operator("change-method", calls::methods, calls::other_method),
];

//! Changes of where a request goes, what carries it, and what may come back.

use std::collections::BTreeSet;

use cometapi_contract::{Node, Operation};
use serde_json::json;

use super::super::editor::ContractEditor;
use super::super::locations::MutationPoints;

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";
const FORM: &str = "multipart/form-data";

pub(super) fn choices(sites: &MutationPoints<'_>) -> Vec<String> {
    let operations = sites.contract.operations();
    let successes = operations.iter().filter_map(Operation::success);
    let choices = successes.filter_map(|success| success.node.get("x-response-selector"));
    let pointers = choices.map(|choice| choice.resolved().pointer().to_owned());
    let unique: BTreeSet<String> = pointers.collect();
    unique.into_iter().collect()
}

pub(super) fn without_status(draft: &mut ContractEditor<'_>, site: &str) {
    let (responses, status) = parts(site);
    draft.object(&responses).shift_remove(&status);
}

pub(super) fn other_status(draft: &mut ContractEditor<'_>, site: &str) {
    let (responses, status) = parts(site);
    draft.rename(&responses, &status, "202");
}

pub(super) fn other_media_type(draft: &mut ContractEditor<'_>, site: &str) {
    let (content, name) = parts(site);
    let new = match &*name {
        JSON => TEXT,
        _ => JSON,
    };
    let taken = draft.object(&content).contains_key(new);
    let new = match taken {
        true => "application/x-other",
        false => new,
    };
    draft.rename(&content, &name, new);
    let (response, _) = parts(&content);
    let Some(choice) = draft.before(&response).get("x-response-selector") else {
        return;
    };
    let values = choice.resolved().get("values");
    for (_, value) in values.iter().flat_map(Node::entries) {
        if value.str("media-type") == Some(&name) {
            draft
                .object(value.pointer())
                .insert("media-type".to_owned(), json!(new));
        }
    }
}

pub(super) fn without_media_type(draft: &mut ContractEditor<'_>, site: &str) {
    let (content, name) = parts(site);
    draft.object(&content).shift_remove(&name);
}

pub(super) fn other_body(draft: &mut ContractEditor<'_>, site: &str) {
    let (content, name) = parts(site);
    let new = match &*name {
        FORM => JSON,
        _ => FORM,
    };
    draft.rename(&content, &name, new);
}

pub(super) fn other_default(draft: &mut ContractEditor<'_>, site: &str) {
    let choice = draft.before(site);
    let default = choice.str("default");
    let values = choice.get("values");
    let mut values = values.iter().flat_map(Node::entries);
    // The last one is in another media type than the first.
    if let Some((other, _)) = values.rfind(|(value, _)| Some(*value) != default) {
        draft
            .object(site)
            .insert("default".to_owned(), json!(other));
    }
}

pub(super) fn other_marker(draft: &mut ContractEditor<'_>, site: &str) {
    let marker = draft.before(site).get_path(&["x-event-stream", "sentinel"]);
    if let Some(marker) = marker.and_then(|marker| marker.value().as_str()) {
        let pointer = format!("{site}/x-event-stream/sentinel");
        *draft.at(&pointer) = json!("[END]");
        draft.remark(site, marker, "[END]");
    }
}

pub(super) fn without_security(draft: &mut ContractEditor<'_>, site: &str) {
    draft.object(site).insert("security".to_owned(), json!([]));
}

pub(super) fn with_security(draft: &mut ContractEditor<'_>, site: &str) {
    let schemes = draft.before("/components/securitySchemes").entries();
    if let Some((scheme, _)) = schemes.first() {
        let security = json!([{ *scheme: [] }]);
        draft.object(site).insert("security".to_owned(), security);
    }
}

pub(super) fn other_path(draft: &mut ContractEditor<'_>, site: &str) {
    let (paths, path) = parts(site);
    draft.rename(&paths, &path, &format!("/moved{path}"));
}

pub(super) fn other_method(draft: &mut ContractEditor<'_>, site: &str) {
    let (path, method) = parts(site);
    draft.rename(&path, &method, "put");
}

/// The object that an entry is in, and its key.
fn parts(site: &str) -> (String, String) {
    let (object, key) = site.rsplit_once('/').unwrap_or_default();
    (object.to_owned(), key.replace("~1", "/").replace("~0", "~"))
}

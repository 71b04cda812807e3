//! A form, fit for a snapshot.

use std::path::Path;

use contract_tests::multipart::{Form, Part};
use serde_json::{Value, json};
use wiremock::Request;

use super::cases::CONTRACT;

/// The form in a request, if that is what it carries.
pub(crate) fn form(request: &Request) -> Option<Form> {
    let media_type = request.headers.get("content-type")?.to_str().unwrap();
    let is_form = media_type.starts_with("multipart/form-data");
    is_form.then(|| Form::parse(media_type, &request.body).expect("the form ends early"))
}

/// Its parts.
pub(crate) fn shown(form: &Form) -> Value {
    let part = |part: &Part| json!({ "head": part.head, "body": body(&part.body) });
    form.parts.iter().map(part).collect()
}

/// Text as text; bytes by the file of the contract that they are.
fn body(bytes: &[u8]) -> Value {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return json!(text);
    }
    let folder = CONTRACT.file().parent().unwrap();
    let audio = std::fs::read_dir(folder.join("examples/audio")).unwrap();
    let mut files = audio.map(|entry| entry.unwrap().path());
    let same = files.find(|file| std::fs::read(file).unwrap() == bytes);
    let name = same.as_deref().and_then(Path::file_name);
    let name = name.map(|name| name.to_str().unwrap());
    json!({ "bytes": bytes.len(), "file": name.expect("bytes that no file has") })
}

//! A multipart form as it went over the wire.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use wiremock::Request;

use super::cases::CONTRACT;

/// The values of each field, in order.
pub(crate) type Fields = BTreeMap<String, Vec<Vec<u8>>>;

/// The parts of a form, in order.
pub(crate) struct Form {
    parts: Vec<Part>,
}

struct Part {
    /// Header lines as they were sent.
    head: Vec<String>,
    body: Vec<u8>,
}

/// The form in a request, if that is what it carries.
pub(crate) fn form(request: &Request) -> Option<Form> {
    let media_type = request.headers.get("content-type")?.to_str().unwrap();
    let boundary = media_type.strip_prefix("multipart/form-data; boundary=")?;
    let (start, between) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
    let mut rest = request.body.strip_prefix(start.as_bytes()).unwrap();
    let mut parts = Vec::new();
    loop {
        let (part, after) = split(rest, between.as_bytes());
        let (head, body) = split(part, b"\r\n\r\n");
        let head = std::str::from_utf8(head).unwrap();
        parts.push(Part {
            head: head.split("\r\n").map(str::to_owned).collect(),
            body: body.to_vec(),
        });
        match after {
            b"--\r\n" => return Some(Form { parts }),
            _ => rest = after.strip_prefix(b"\r\n").unwrap(),
        }
    }
}

fn split<'b>(bytes: &'b [u8], at: &[u8]) -> (&'b [u8], &'b [u8]) {
    let position = bytes.windows(at.len()).position(|window| window == at);
    let position = position.expect("the form breaks off");
    (&bytes[..position], &bytes[position + at.len()..])
}

impl Form {
    pub(crate) fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        for part in &self.parts {
            fields
                .entry(part.name())
                .or_default()
                .push(part.body.clone());
        }
        fields
    }

    /// Its parts, fit for a snapshot.
    pub(crate) fn shown(&self) -> Value {
        let shown = |part: &Part| json!({ "head": part.head, "body": shown(&part.body) });
        self.parts.iter().map(shown).collect()
    }
}

impl Part {
    fn name(&self) -> String {
        let disposition = &self.head[0];
        let name = disposition.strip_prefix("Content-Disposition: form-data; name=\"");
        let (name, _) = name.and_then(|rest| rest.split_once('"')).unwrap();
        name.to_owned()
    }
}

/// Text as text; bytes by the file of the contract that they are.
fn shown(bytes: &[u8]) -> Value {
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

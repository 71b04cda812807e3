//! A multipart form as it went over the wire.

use std::collections::BTreeMap;

/// The values of each field, in order.
pub type Fields = BTreeMap<String, Vec<Vec<u8>>>;

/// The parts of a form, in order.
#[derive(Clone, Debug)]
pub struct Form {
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// A field or a file of a form.
#[derive(Clone, Debug)]
pub struct Part {
    /// Header lines as they were sent.
    pub head: Vec<String>,
    /// What the part carries.
    pub body: Vec<u8>,
}

impl Form {
    /// The form in a body of this content type, if that is what it is.
    pub fn parse(content_type: &str, body: &[u8]) -> Option<Self> {
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=")?;
        let (start, between) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
        let mut rest = body.strip_prefix(start.as_bytes())?;
        let mut parts = Vec::new();
        loop {
            let (part, after) = split(rest, between.as_bytes())?;
            let (head, body) = split(part, b"\r\n\r\n")?;
            let head = std::str::from_utf8(head).ok()?;
            parts.push(Part {
                head: head.split("\r\n").map(str::to_owned).collect(),
                body: body.to_vec(),
            });
            match after {
                b"--\r\n" => return Some(Self { parts }),
                _ => rest = after.strip_prefix(b"\r\n")?,
            }
        }
    }

    /// The values of each field.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        for part in &self.parts {
            let values = fields.entry(part.name().to_owned()).or_default();
            values.push(part.body.clone());
        }
        fields
    }
}

impl Part {
    /// The name of its field; empty if it has none.
    pub fn name(&self) -> &str {
        let disposition = self.head.first().map_or("", String::as_str);
        let name = disposition.strip_prefix("Content-Disposition: form-data; name=\"");
        let named = name.and_then(|rest| rest.split_once('"'));
        named.map_or("", |(name, _)| name)
    }
}

fn split<'b>(bytes: &'b [u8], at: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let position = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..position], &bytes[position + at.len()..]))
}

//! Documented examples: the bytes that stand for a response.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use crate::Node;

/// A named example of a body.
#[derive(Clone, Debug)]
pub struct Example<'c> {
    /// The status it is returned under, as written.
    pub status: &'c str,
    /// Its media type, as written.
    pub media_type: &'c str,
    /// Its name.
    pub name: &'c str,
    /// The example object.
    pub node: Node<'c>,
}

impl<'c> Example<'c> {
    /// The file it stands in, if not in the contract itself.
    pub fn file(&self) -> Option<PathBuf> {
        let name = self.node.str("externalValue")?;
        let folder = self.node.contract().file().parent()?;
        Some(folder.join(name))
    }

    /// Its bytes as they go over the wire.
    ///
    /// A text stands for itself in every media type but JSON, where it is a JSON string.
    pub fn bytes(&self) -> io::Result<Cow<'c, [u8]>> {
        if let Some(file) = self.file() {
            let named = |error: io::Error| {
                io::Error::new(error.kind(), format!("{}: {error}", file.display()))
            };
            return std::fs::read(&file).map(Cow::Owned).map_err(named);
        }
        let missing = || io::Error::new(io::ErrorKind::NotFound, "an example without a value");
        let value = self.node.get("value").ok_or_else(missing)?.value();
        Ok(match value.as_str() {
            Some(text) if !self.is_json() => Cow::Borrowed(text.as_bytes()),
            _ => Cow::Owned(serde_json::to_vec(value)?),
        })
    }

    /// Whether its media type is JSON.
    pub fn is_json(&self) -> bool {
        self.media_type == "application/json" || self.media_type.ends_with("+json")
    }
}

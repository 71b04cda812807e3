//! Parts of HTTP that no crate in use covers: media types, response parts, header validation, `Retry-After`.

pub(crate) mod header;
pub(crate) mod media_type;
pub(crate) mod parts;
pub(crate) mod retry_after;

//! Headers that the caller supplies, to a client or to a call.

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

/// Takes what can be a header and isn't the runtime's to set. No error repeats the value.
pub(super) fn parse(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let name = HeaderName::try_from(name)
        .map_err(|_| "the name of a header has characters that names can't have".to_owned())?;
    if name == AUTHORIZATION {
        // It would also be sent to operations that need no key.
        return Err("the header `authorization` is refused: give the client a key".to_owned());
    }
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| format!("the header `{name}` contains a line break or control character"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

//! Headers that the caller supplies, to a client or to a call.

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

/// Takes what can be a header and isn't the runtime's to set. No error repeats the value.
pub(crate) fn parse(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let name = HeaderName::try_from(name).map_err(|_| "invalid header name".to_owned())?;
    if name == AUTHORIZATION {
        // It would also be sent to operations that need no key.
        return Err(
            "`authorization` cannot be set as a header; configure the API key on the client"
                .to_owned(),
        );
    }
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| format!("the header `{name}` contains a line break or control character"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

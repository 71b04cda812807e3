//! A server's text, made fit for a log.

use std::borrow::Cow;

/// How many characters are shown.
const MAX_CHARS: usize = 300;

/// The text in one line of bounded length.
///
/// Control characters would let a server forge lines and colours in the caller's log; characters
/// that turn the writing direction would let it disguise them.
pub(crate) fn sanitize_for_log(text: &str) -> Cow<'_, str> {
    let unfit =
        |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let end = text.char_indices().nth(MAX_CHARS).map(|(end, _)| end);
    if end.is_none() && !text.contains(unfit) {
        return Cow::Borrowed(text);
    }
    let mut line = text[..end.unwrap_or(text.len())].replace(unfit, " ");
    if end.is_some() {
        line.push('…');
    }
    Cow::Owned(line)
}

//! Removal of characters by which text from a server could control a log or a terminal.

use std::borrow::Cow;

/// The maximum number of characters in a log line: 300.
const MAX_CHARS: usize = 300;

/// Returns whether a character can control a log or a terminal: a control character, which can move the
/// cursor or forge a line, or one that changes the writing direction, which can disguise the text.
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns text from a server or a model in a form that can be printed to a terminal: without control
/// characters, other than line feed and tab, and without characters that change the writing direction.
///
/// ```
/// let reply = "done\u{1b}[2J \u{202e}gpj.exe\n";
/// assert_eq!(cometapi::sanitize_for_terminal(reply), "done[2J gpj.exe\n");
/// ```
pub fn sanitize_for_terminal(text: &str) -> Cow<'_, str> {
    let is_removed = |c: char| is_unsafe(c) && !matches!(c, '\n' | '\t');
    if text.contains(is_removed) {
        return Cow::Owned(text.replace(is_removed, ""));
    }
    Cow::Borrowed(text)
}

/// Returns text from a server as one line for a log: at most 300 characters, each unsafe one replaced by a
/// space.
pub(crate) fn sanitize_for_log(text: &str) -> Cow<'_, str> {
    let end = text.char_indices().nth(MAX_CHARS).map(|(end, _)| end);
    if end.is_none() && !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut line = text[..end.unwrap_or(text.len())].replace(is_unsafe, " ");
    if end.is_some() {
        line.push('…');
    }
    Cow::Owned(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_for_a_terminal_has_no_control_or_direction_characters() {
        let text = "a\tb\n\u{1b}[2Jc\u{9b}0m\r\u{7}ä";
        assert_eq!(sanitize_for_terminal(text), "a\tb\n[2Jc0mä");
        for direction in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
            assert_eq!(sanitize_for_terminal(&format!("a{direction}b")), "ab");
        }
        assert!(matches!(sanitize_for_terminal("a\tb\nä"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_log_line_is_one_bounded_line() {
        assert_eq!(sanitize_for_log("a\nb\u{202e}c"), "a b c");
        assert_eq!(sanitize_for_log(&"ä".repeat(301)).chars().count(), 301);
        assert!(matches!(sanitize_for_log("ä b"), Cow::Borrowed(_)));
    }
}

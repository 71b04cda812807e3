//! Formatting of generated files.

use proc_macro2::TokenStream;

/// Formats the items of a file, below its header line.
pub fn formatted(path: &str, header: &str, tokens: TokenStream) -> Result<String, String> {
    let file = syn::parse2(tokens)
        .map_err(|error| format!("{path}: the generator made no Rust: {error}"))?;
    Ok(format!(
        "{header}\n\n{}",
        spaced(&prettyplease::unparse(&file))
    ))
}

/// Blank lines between items, which prettyplease leaves to its caller.
fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + text.len() / 16);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        spaced.push_str(line);
        spaced.push('\n');
        let Some(next) = lines.peek() else {
            break;
        };
        let is_use = |line: &str| line.starts_with("use ") || line.starts_with("pub use ");
        let is_module = |line: &str| line.starts_with("mod ") || line.starts_with("pub mod ");
        let ends_item = matches!(line, "}" | "    }" | ");" | "];" | "};")
            || (line.starts_with("pub struct") && line.ends_with("{}"))
            || (line.starts_with("crate::runtime::") && line.ends_with(");"));
        let ends_group = (is_use(line)
            && line.ends_with(';')
            && !is_use(next)
            && !next.starts_with("#[allow(unused"))
            || (is_module(line) && line.ends_with(';') && !is_module(next))
            || (line.starts_with("//!") && !next.starts_with("//!"));
        if (ends_item || ends_group) && !next.trim_start().starts_with('}') {
            spaced.push('\n');
        }
    }
    spaced
}

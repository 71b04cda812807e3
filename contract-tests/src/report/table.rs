//! Tables, aligned for people or as Markdown.

use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use serde_json::{Value, json};

/// A header, and rows of as many cells.
#[derive(Clone, Debug)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// One without rows. A header of blanks is not shown in text.
    pub fn new<C: Into<String>>(header: impl IntoIterator<Item = C>) -> Self {
        Self {
            header: header.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn add<C: ToString>(&mut self, row: impl IntoIterator<Item = C>) {
        self.rows
            .push(row.into_iter().map(|cell| cell.to_string()).collect());
    }

    /// Header and rows.
    pub fn json(&self) -> Value {
        json!({ "header": self.header, "rows": self.rows })
    }

    /// Aligned columns without lines.
    pub(super) fn text(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING).add_rows(&self.rows);
        if self.header.iter().any(|cell| !cell.is_empty()) {
            table.set_header(&self.header);
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        table.trim_fmt()
    }

    /// A table of Markdown.
    pub(super) fn markdown(&self) -> String {
        let escaped = |cell: &String| cell.replace('|', "\\|").replace('\n', " ");
        let rows = self.rows.iter();
        let rows = rows.map(|row| row.iter().map(escaped).collect::<Vec<_>>());
        let mut table = comfy_table::Table::new();
        table
            .load_style(ASCII_MARKDOWN)
            .set_header(&self.header)
            .add_rows(rows);
        table.to_string()
    }
}

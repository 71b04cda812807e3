//! Columns that fit a terminal.

use console::{measure_text_width, pad_str, style, truncate_str};

const GAP: &str = "  ";
/// What is left of a column at least, headings and a few letters.
const NARROWEST: usize = 8;

/// Lines of at most this many columns, the heading among them. What doesn't fit ends in an ellipsis;
/// the last column gives way first, the first one last.
pub fn fitted<const N: usize>(
    heading: [&str; N],
    rows: &[[String; N]],
    available: usize,
) -> String {
    let mut widths = heading.map(measure_text_width);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = measure_text_width(cell).max(*width);
        }
    }
    let mut excess = (widths.iter().sum::<usize>() + GAP.len() * (N - 1)).saturating_sub(available);
    for width in widths.iter_mut().rev() {
        let given = excess.min(width.saturating_sub(NARROWEST));
        *width -= given;
        excess -= given;
    }
    let mut table = style(line(&heading, &widths)).bold().to_string();
    for row in rows {
        table.push('\n');
        table.push_str(&line(&row.each_ref().map(String::as_str), &widths));
    }
    table
}

fn line(cells: &[&str], widths: &[usize]) -> String {
    let fit = |(cell, width): (&&str, &usize)| {
        let cut = truncate_str(cell, *width, "…");
        pad_str(&cut, *width, console::Alignment::Left, None).into_owned()
    };
    let cells: Vec<String> = cells.iter().zip(widths).map(fit).collect();
    cells.join(GAP).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(available: usize) -> String {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows = [
            row(["a-model-with-a-name", "text", "text-to-text, image-to-text"]),
            row(["模型-b", "image", "-"]),
        ];
        fitted(["ID", "TYPE", "FEATURES"], &rows, available)
    }

    #[test]
    fn what_fits_is_whole_and_aligned() {
        assert_eq!(
            table(80),
            "ID                   TYPE   FEATURES\n\
             a-model-with-a-name  text   text-to-text, image-to-text\n\
             模型-b               image  -"
        );
        assert_eq!(table(55), table(80));
    }

    #[test]
    fn the_last_column_gives_way_first() {
        assert_eq!(
            table(54),
            "ID                   TYPE   FEATURES\n\
             a-model-with-a-name  text   text-to-text, image-to-te…\n\
             模型-b               image  -"
        );
        assert_eq!(
            table(30),
            "ID             TYPE   FEATURES\n\
             a-model-with…  text   text-to…\n\
             模型-b         image  -"
        );
    }

    #[test]
    fn no_line_is_longer_than_the_terminal() {
        for available in 30..60 {
            for line in table(available).lines() {
                assert!(measure_text_width(line) <= available, "{line}");
            }
        }
    }
}

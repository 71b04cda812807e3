//! How far an upload or a download has come, on a terminal.

use cometapi::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

const WITH_TOTAL: &str = "{msg} [{wide_bar:.}] {bytes} of {total_bytes}, {eta} left";
const WITHOUT_TOTAL: &str = "{msg} {spinner} {bytes}";
/// The response may take longer than the upload.
const SENT: &str = "{total_bytes} sent, waiting for the response";

/// Shows an upload on stderr until it is dropped; nothing if that isn't a terminal.
pub fn sending() -> impl FnMut(Progress) + Send + 'static {
    bar("Sending", SENT)
}

/// The same for a download.
pub fn receiving() -> impl FnMut(Progress) + Send + 'static {
    bar("Receiving", WITH_TOTAL)
}

fn bar(doing: &'static str, whole: &'static str) -> impl FnMut(Progress) + Send + 'static {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        .with_style(style(WITHOUT_TOTAL))
        .with_message(doing)
        .with_finish(ProgressFinish::AndClear);
    let mut shown = WITHOUT_TOTAL;
    move |so_far| {
        // A further attempt begins again.
        let template = match so_far.total {
            None => WITHOUT_TOTAL,
            Some(total) if so_far.bytes == total => whole,
            Some(_) => WITH_TOTAL,
        };
        bar.set_position(so_far.bytes);
        if template != shown {
            shown = template;
            bar.set_style(style(template));
            if let Some(total) = so_far.total {
                bar.set_length(total);
            }
            // The last chunk must show, however soon it follows.
            bar.force_draw();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("the templates above are right");
    style.progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_right() {
        style(WITH_TOTAL);
        style(WITHOUT_TOTAL);
        style(SENT);
    }
}

//! The ratios as a chart.

use std::fmt::Write;

use crate::measure::Series;
use crate::scenario::Implementation;

const PEERS: [(Implementation, &str); 3] = [
    (Implementation::AsyncOpenai, "#b8860b"),
    (Implementation::TypedBaseline, "#8a9ba8"),
    (Implementation::Cometapi, "#1f6feb"),
];
/// A bar as long as the minimal baseline.
const UNIT: f64 = 100.0;
/// From here on a bar is cut, or it would hide the others.
const LONGEST: f64 = 4.0;
const LEFT: f64 = 270.0;
const BAR: f64 = 14.0;

pub fn svg(all: &[Series]) -> String {
    let mut bars = String::new();
    let mut y = 40.0;
    for series in all {
        let _ = writeln!(
            bars,
            r#"<text x="{}" y="{}" text-anchor="end">{}</text>"#,
            LEFT - 10.0,
            y + BAR,
            series.case.title()
        );
        for (peer, colour) in PEERS {
            let Some(ratio) = series.ratio(peer, Implementation::Minimal) else {
                continue;
            };
            let width = ratio.min(LONGEST) * UNIT;
            let _ = writeln!(
                bars,
                r#"<rect x="{LEFT}" y="{y}" width="{width:.0}" height="{BAR}" fill="{colour}"/><text x="{:.0}" y="{}">{ratio:.2}</text>"#,
                LEFT + width + 6.0,
                y + BAR - 3.0,
            );
            y += BAR + 2.0;
        }
        y += 14.0;
    }
    let mut legend = String::new();
    for (number, (peer, colour)) in PEERS.into_iter().enumerate() {
        let x = LEFT + 140.0 * number as f64;
        let _ = writeln!(
            legend,
            r#"<rect x="{x}" y="8" width="{BAR}" height="{BAR}" fill="{colour}"/><text x="{}" y="19">{}</text>"#,
            x + 20.0,
            peer.title()
        );
    }
    let (line, width) = (LEFT + UNIT, LEFT + LONGEST * UNIT + 60.0);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">
<title>CPU time of a call; hand-written reqwest with minimal types is 1</title>
<rect width="100%" height="100%" fill="#ffffff"/>
{legend}{bars}<line x1="{line}" y1="32" x2="{line}" y2="{bottom}" stroke="#444" stroke-dasharray="3 3"/>
<text x="{line}" y="{}" text-anchor="middle">1 = minimal baseline, CPU time</text>
</svg>
"##,
        y + 16.0,
        bottom = y,
        height = y + 28.0
    )
}

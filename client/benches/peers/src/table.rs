//! The measured series as tables.

use std::fmt::Write;

use crate::measure::Series;
use crate::scenario::Implementation;
use crate::workload::Measurement;

impl Series {
    /// CPU beside that of another peer: the median of the pairs' ratios.
    pub fn ratio(&self, peer: Implementation, beside: Implementation) -> Option<f64> {
        let (mine, other) = (self.of(peer)?, self.of(beside)?);
        let pairs = mine.iter().zip(other);
        Some(median(pairs.map(|(a, b)| a.cpu_each() / b.cpu_each())))
    }

    fn of(&self, peer: Implementation) -> Option<&[Measurement]> {
        let found = self.runs.iter().find(|(known, _)| *known == peer);
        found.map(|(_, figures)| figures.as_slice())
    }
}

/// CPU time a call in units of the minimal baseline, a row for each case.
pub fn ratios(all: &[Series]) -> String {
    let mut text = String::from(
        "| CPU time of a call | async-openai | same-types baseline | cometapi | beside the same types |\n\
         |---|---|---|---|---|\n",
    );
    for series in all {
        let beside = |peer| match series.ratio(peer, Implementation::Minimal) {
            Some(ratio) => format!("{ratio:.2}"),
            None => peer.cannot(series.case).unwrap_or_default().to_owned(),
        };
        let same = series.ratio(Implementation::Cometapi, Implementation::TypedBaseline);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            series.case.title(),
            beside(Implementation::AsyncOpenai),
            beside(Implementation::TypedBaseline),
            beside(Implementation::Cometapi),
            same.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
        );
    }
    text
}

/// What was measured of each peer, in medians.
pub fn details(all: &[Series]) -> String {
    let mut text = String::from(
        "| | | CPU | of which spread | wall | peak memory | allocations | allocated |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for series in all {
        for (peer, figures) in &series.runs {
            let of = |what: fn(&Measurement) -> f64| median(figures.iter().map(what));
            let cpu = of(Measurement::cpu_each);
            let spread = median(figures.iter().map(|run| (run.cpu_each() / cpu - 1.0).abs()));
            let counted = series.counted.iter().find(|(known, _)| known == peer);
            let (calls, bytes) = counted.map_or((0.0, 0.0), |(_, run)| {
                let each = |number: u64| number as f64 / run.calls as f64;
                (each(run.allocations), each(run.allocated_bytes))
            });
            let _ = writeln!(
                text,
                "| {} | {} | {} | ±{:.1} % | {} | {:.1} MiB | {calls:.0} | {:.1} KiB |",
                series.case.title(),
                peer.title(),
                time(cpu),
                spread * 100.0,
                time(of(Measurement::wall_each)),
                of(|run| run.peak_kib as f64) / 1024.0,
                bytes / 1024.0,
            );
        }
    }
    text
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        (values[middle - 1] + values[middle]) / 2.0
    }
}

/// Microseconds in a fitting unit.
pub fn time(micros: f64) -> String {
    if micros >= 1000.0 {
        format!("{:.2} ms", micros / 1000.0)
    } else {
        format!("{micros:.1} µs")
    }
}

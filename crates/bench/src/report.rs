//! What is printed.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;

use crate::load::Measured;
use crate::scenario::{MEMORY_BAR_MIB, Scenario, Traffic};

/// The medians of all rounds.
pub(crate) struct Report<'a> {
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    scenario: &'a Scenario,
    nginx: Option<Measured>,
    gateway: Option<Measured>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(
        scenarios: &[&'a Scenario],
        results: &BTreeMap<(usize, &str), Vec<Measured>>,
    ) -> Self {
        let found = |index, name| results.get(&(index, name)).map(|rounds| median_of(rounds));
        let row = |(index, scenario): (usize, &&'a Scenario)| Row {
            scenario,
            nginx: found(index, "nginx"),
            gateway: found(index, "gemini-balance"),
        };
        Self { rows: scenarios.iter().enumerate().map(row).collect() }
    }

    pub(crate) fn print(&self) -> Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n| scenario | nginx CPU µs | gemini-balance CPU µs | ratio | bar | |")?;
        writeln!(out, "| --- | --: | --: | --: | --: | --- |")?;
        for row in &self.rows {
            let bar = row.scenario.bar;
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                row.scenario.title,
                cell(row.nginx.as_ref().map(|one| one.cpu_micros), ""),
                cell(row.gateway.as_ref().map(|one| one.cpu_micros), ""),
                cell(row.ratio(), " ×"),
                bar.map_or("–".to_owned(), |bar| format!("≤ {bar} ×")),
                verdict(row.meets_ratio()),
            )?;
        }
        writeln!(
            out,
            "\n| scenario | program | requests/s | p50 ms | p99 ms | peak MiB | wrong |"
        )?;
        writeln!(out, "| --- | --- | --: | --: | --: | --: | --: |")?;
        for row in &self.rows {
            for (name, one) in [("nginx", &row.nginx), ("gemini-balance", &row.gateway)] {
                let Some(one) = one else { continue };
                let (title, peak) = (row.scenario.title, one.peak_mib);
                writeln!(
                    out,
                    "| {title} | {name} | {:.0} | {:.2} | {:.2} | {peak:.1} | {} of {} |",
                    one.per_second, one.median_ms, one.p99_ms, one.failures, one.requests
                )?;
            }
        }
        for row in self.rows.iter().filter(|row| row.scenario.traffic == Traffic::Slow) {
            if let Some(gateway) = &row.gateway {
                let (peak, met) = (gateway.peak_mib, verdict(row.meets_memory()));
                writeln!(out, "\nPeak memory at 2000 streams: {peak:.1} MiB (bar ≤ 100) {met}")?;
            }
        }
        Ok(())
    }

    /// Whether every answer was whole.
    pub(crate) fn all_whole(&self) -> bool {
        let measured = self.rows.iter().flat_map(|row| [&row.nginx, &row.gateway]);
        measured.flatten().all(|one| one.failures == 0 && one.requests > 0)
    }

    pub(crate) fn all_bars_met(&self) -> bool {
        self.rows
            .iter()
            .all(|row| row.meets_ratio() != Some(false) && row.meets_memory() != Some(false))
    }
}

impl Row<'_> {
    fn ratio(&self) -> Option<f64> {
        Some(self.gateway.as_ref()?.cpu_micros / self.nginx.as_ref()?.cpu_micros)
    }

    fn meets_ratio(&self) -> Option<bool> {
        Some(self.ratio()? <= self.scenario.bar?)
    }

    fn meets_memory(&self) -> Option<bool> {
        let gateway = self.gateway.as_ref()?;
        (self.scenario.traffic == Traffic::Slow).then_some(gateway.peak_mib <= MEMORY_BAR_MIB)
    }
}

/// Each figure's own median; failures add up, since one is too many.
fn median_of(rounds: &[Measured]) -> Measured {
    let median = |figure: fn(&Measured) -> f64| {
        let mut figures: Vec<_> = rounds.iter().map(figure).collect();
        figures.sort_unstable_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
    };
    Measured {
        requests: rounds.iter().map(|round| round.requests).sum(),
        failures: rounds.iter().map(|round| round.failures).sum(),
        complaint: rounds.iter().find_map(|round| round.complaint.clone()),
        cpu_micros: median(|round| round.cpu_micros),
        per_second: median(|round| round.per_second),
        median_ms: median(|round| round.median_ms),
        p99_ms: median(|round| round.p99_ms),
        peak_mib: rounds.iter().map(|round| round.peak_mib).fold(0.0, f64::max),
    }
}

fn cell(figure: Option<f64>, unit: &str) -> String {
    figure.map_or("–".to_owned(), |figure| format!("{figure:.1}{unit}"))
}

fn verdict(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "met",
        Some(false) => "**missed**",
        None => "",
    }
}

/// One line for one measurement, so that a long run is not silent.
pub(crate) fn progress(round: usize, scenario: &Scenario, program: &str, measured: &Measured) {
    let Measured { cpu_micros, per_second, peak_mib, failures, .. } = measured;
    let mut err = std::io::stderr().lock();
    // Nobody is left to be told if stderr is closed.
    let _ = writeln!(
        err,
        "round {round} {:<9} {program:<14} {cpu_micros:>8.1} µs {per_second:>8.0}/s \
         {peak_mib:>6.1} MiB {failures} wrong",
        scenario.name,
    );
    if let Some(complaint) = &measured.complaint {
        let _ = writeln!(err, "  the first: {complaint}");
    }
}

/// Why nothing could be measured.
pub(crate) fn complain(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr(), "bench: {error:#}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_round_counts_and_every_failure() {
        let round = |cpu_micros, failures| Measured {
            cpu_micros,
            failures,
            requests: 1,
            ..Measured::default()
        };
        let median = median_of(&[round(9.0, 0), round(1.0, 2), round(5.0, 1)]);
        assert!((median.cpu_micros - 5.0).abs() < f64::EPSILON);
        assert_eq!((median.failures, median.requests), (3, 3));
    }
}

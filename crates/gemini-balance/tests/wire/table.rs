//! The table.

use std::fmt::Write as _;
use std::time::Duration;

use crate::bars::median;
use crate::report::Report;

const HEADER: &str = "\
| run | offered | possible | served | of possible | 429 learning | 429 after | per answer | \
refused at once | median | refused after waiting | median beyond | failed | cut | \
promised too late, too soon | off success | sent late |
| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |";

/// All runs, a line each.
pub(crate) fn render(reports: &[Report]) -> String {
    let mut table = HEADER.to_owned();
    for report in reports {
        // Writing to a string cannot fail.
        let _ = write!(table, "\n{}", line(report));
    }
    table
}

fn line(report: &Report) -> String {
    let learning: usize = report.spent_first.values().sum();
    let promises = &report.promises;
    let off_success =
        promises.off_success.map_or_else(|| "–".to_owned(), |off| format!("{off} ms"));
    let cells = [
        report.name.clone(),
        report.offered.to_string(),
        report.possible.to_string(),
        report.served.to_string(),
        format!("{:.2} %", 100.0 * report.share()),
        learning.to_string(),
        report.spent_again.to_string(),
        format!("{:.4}", report.waste()),
        report.refused_at_once.len().to_string(),
        millis(median(&report.refused_at_once)),
        report.refused_late.len().to_string(),
        millis(median(&report.refused_late)),
        report.failures.len().to_string(),
        report.cut.to_string(),
        format!("{} ms, {} ms", promises.too_late, promises.too_soon),
        off_success,
        millis(report.late),
    ];
    format!("| {} |", cells.join(" | "))
}

fn millis(duration: Duration) -> String {
    format!("{} ms", duration.as_millis())
}

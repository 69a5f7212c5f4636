//! The pool over the wire: the built program against the simulated Google, in true minutes.
//!
//! ```sh
//! cargo test -p gemini-balance --test wire              # all runs side by side, three minutes
//! cargo test -p gemini-balance --test wire -- midnight  # those whose name contains the word
//! ```
//!
//! Every run has a gateway and a Google of its own. Clients ask without waiting for each other's
//! answers; what could have been served is computed afterwards from when they asked. The table is
//! printed, and a missed bar fails the program. `docs/pool.md` says what the columns mean.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may panic and print"
)]

mod bars;
mod case;
mod cases;
mod load;
mod oracle;
mod promise;
mod report;
mod run;
mod table;

use std::process::ExitCode;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::{JoinSet, LocalSet};

use crate::case::Case;
use crate::report::Report;

/// On a machine that is busy with other things a request may take so long that no pool could count
/// right; runs that miss a bar are repeated so often, and what they missed is printed.
const REPEATS: usize = 2;

/// So many gateways may start at a time: starting costs more than all that follows.
const STARTING_AT_ONCE: usize = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted =
        |case: &Case| words.is_empty() || words.iter().any(|word| case.name.contains(word));
    let mut cases: Vec<_> = cases::all().into_iter().filter(wanted).collect();
    cases.retain(can_run);
    let mut reports = run_all(cases).await;
    for _ in 0..REPEATS {
        repeat_missed(&mut reports).await;
    }
    println!("{}", table::render(&reports));
    let missed: Vec<_> = reports.iter().flat_map(bars::missed).collect();
    for line in &missed {
        println!("MISSED {line}");
    }
    if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn repeat_missed(reports: &mut [Report]) {
    let has_missed = |report: &&mut Report| !bars::missed(report).is_empty();
    let missed: Vec<_> = reports.iter_mut().filter(has_missed).collect();
    if missed.is_empty() {
        return;
    }
    println!("This was missed, and is repeated:");
    for report in &missed {
        for line in bars::missed(report) {
            println!("  {line} (requests were sent up to {:?} late)", report.late);
        }
    }
    let cases = missed.iter().map(|report| report.case.clone()).collect();
    for (report, again) in missed.into_iter().zip(run_all(cases).await) {
        *report = again;
    }
}

/// All of them side by side.
async fn run_all(cases: Vec<Case>) -> Vec<Report> {
    println!("{} runs side by side, {} s each", cases.len(), case::LASTS.as_secs());
    // Their tasks are on this thread, those of their clients and Googles on all.
    LocalSet::new().run_until(run_side_by_side(cases)).await
}

async fn run_side_by_side(cases: Vec<Case>) -> Vec<Report> {
    let starts = Arc::new(Semaphore::new(STARTING_AT_ONCE));
    let mut running = JoinSet::new();
    for (place, case) in cases.into_iter().enumerate() {
        let starts = Arc::clone(&starts);
        running.spawn_local(async move { (place, run::run(&case, &starts).await) });
    }
    let mut reports = running.join_all().await;
    reports.sort_by_key(|(place, _)| *place);
    reports.into_iter().map(|(_, report)| report).collect()
}

/// Without a library that shows the gateway another time of day there is no midnight.
fn can_run(case: &Case) -> bool {
    let can = case.midnight_after.is_none() || run::faketime().is_some();
    if !can {
        println!("SKIPPED {}: install libfaketime (Debian: faketime)", case.name);
    }
    can
}

//! What every run has to reach.

use std::time::Duration;

use crate::case::{Bar, Trouble};
use crate::report::Report;

const SHARE: f64 = 0.99;

/// The same, where minutes are those of Google's clock. The pool cannot know that and lets every
/// request count for a minute of its own, which loses a few at the edges of a short run.
const SHARE_OF_FIXED_MINUTES: f64 = 0.97;
const WASTE: f64 = 0.02;

/// A refusal takes a few milliseconds; on a busy machine the median is still far below any wait.
const AT_ONCE: Duration = Duration::from_millis(250);

/// Promises are in whole seconds. They say when the gateway serves again, and it takes a use for
/// spent for a moment longer than Google: by 150 ms, and a tenth of a second of its grain.
const TRUE_TO: i64 = 1_000;
const SURPLUS: i64 = 250;

/// What was not reached, a sentence each.
pub(crate) fn missed(report: &Report) -> Vec<String> {
    let mut missed = Vec::new();
    let mut bar = |is_met: bool, what: String| {
        if !is_met {
            missed.push(format!("{}: {what}", report.name));
        }
    };
    let share = 100.0 * report.share();
    if report.case.bar != Bar::BadKeys {
        let least = if report.case.fixed_minutes { SHARE_OF_FIXED_MINUTES } else { SHARE };
        bar(report.share() >= least, format!("{share:.2} % of what is possible was served"));
    }
    bar(
        report.waste() <= WASTE,
        format!("{} 429s after the limits were known", report.spent_again),
    );
    if let Some(first) = report.failures.first() {
        bar(false, format!("{} requests failed, the first: {first}", report.failures.len()));
    }
    let promises = &report.promises;
    // Nobody can know that the minutes are those of a clock: there may be room sooner.
    let too_late = if report.case.fixed_minutes { 0 } else { promises.too_late };
    bar(
        too_late <= TRUE_TO + SURPLUS && promises.too_soon <= TRUE_TO,
        format!("Retry-After is wrong: {promises:?}"),
    );
    for took in [&report.refused_at_once, &report.refused_late] {
        let median = median(took);
        bar(median <= AT_ONCE, format!("half of the refusals took longer than {median:?}"));
    }
    match report.case.bar {
        Bar::Share => {}
        Bar::Days => days(report, &mut bar),
        Bar::BadKeys => bad_keys(report, &mut bar),
        Bar::Promises => bar(
            promises.off_success.is_some_and(|off| off <= TRUE_TO),
            format!("another try did not succeed when it was to: {promises:?}"),
        ),
    }
    missed
}

/// The middle of sorted times.
pub(crate) fn median(sorted: &[Duration]) -> Duration {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn days(report: &Report, bar: &mut impl FnMut(bool, String)) {
    let most = report.spent_first.values().max().copied().unwrap_or(0);
    bar(most <= 1, format!("{most} 429s taught one project's limit"));
    bar(report.spent_again == 0, format!("{} 429s after that", report.spent_again));
}

fn bad_keys(report: &Report, bar: &mut impl FnMut(bool, String)) {
    let calls = |trouble| report.calls.get(&trouble).cloned().unwrap_or_default();
    for trouble in [Trouble::Invalid, Trouble::Suspended] {
        let calls = calls(trouble);
        bar(calls.iter().all(|calls| *calls == 1), format!("calls of {trouble:?} keys: {calls:?}"));
    }
    for trouble in [Trouble::Mute, Trouble::Stalls] {
        let calls = calls(trouble);
        bar(calls.iter().all(|calls| *calls <= 2), format!("calls of {trouble:?} keys: {calls:?}"));
    }
    bar(report.dead == 7, format!("{} keys are dead", report.dead));
    let answered = report.served + report.cut;
    bar(answered == report.offered, format!("{answered} of {} answered", report.offered));
    if report.case.streamed {
        // A stream that has begun can only end.
        let begun: usize =
            calls(Trouble::CutsInTheMiddle).iter().chain(&calls(Trouble::Stalls)).sum();
        bar(report.cut <= begun, format!("{} streams were cut", report.cut));
    } else {
        bar(report.cut == 0, format!("{} answers were cut", report.cut));
    }
}

//! Whether `Retry-After` is true.

use std::collections::BTreeMap;

use fake_gemini::Received;

use crate::case::{Case, Limits};
use crate::load::{Asked, End};
use crate::oracle::midnight_after;
use crate::report::{Cell, by_secret, cell};

/// How long a request is on its way to Google on a busy machine.
const UNDER_WAY: i64 = 500;

/// By how much promises were wrong, in milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promises {
    /// How many were compared.
    pub(crate) made: usize,
    /// How much earlier, and how much later than promised Google had room again, at worst. A whole
    /// number of seconds cannot but be late by up to one.
    pub(crate) too_late: i64,
    pub(crate) too_soon: i64,
    /// How far the promises were from the time at which another try really succeeded, at worst;
    /// where somebody tried again all the time.
    pub(crate) off_success: Option<i64>,
    /// The promise that was most too soon, and what Google had served of the model until then, in
    /// milliseconds before the answer: by project.
    worst: Option<Worst>,
}

#[derive(Clone, Debug)]
#[expect(dead_code, reason = "printed where a bar is missed")]
struct Worst {
    waited: i64,
    told: i64,
    served: BTreeMap<String, Vec<i64>>,
}

/// Compares what refused clients were told with what came.
pub(crate) fn check(case: &Case, asked: &[Asked], received: &[Received]) -> Promises {
    let uses = uses(case, received);
    let mut promises = Promises::default();
    for (asked, told) in refused(asked) {
        let until = asked.answered + told;
        // What had been given a key before was perhaps on its way to Google.
        let latest = room(case, &uses, asked, asked.answered + UNDER_WAY);
        let earliest = room(case, &uses, asked, asked.answered);
        promises.made += 1;
        promises.too_late = promises.too_late.max(until - latest.max(earliest));
        let too_soon = earliest.min(latest) - until;
        if too_soon > promises.too_soon {
            promises.too_soon = too_soon;
            promises.worst = Some(worst(&uses, asked, told));
        }
    }
    if case.wait.is_zero() {
        promises.off_success = worst_by_success(asked);
    }
    promises
}

fn worst(uses: &BTreeMap<Cell, Vec<i64>>, asked: &Asked, told: i64) -> Worst {
    let at = asked.answered;
    let of_model = uses.iter().filter(|((_, model), _)| model == asked.model).take(20);
    let served = of_model.map(|((project, _), times)| {
        let lately =
            times.iter().map(|time| at - time).filter(|ago| (-1_000..62_000).contains(ago));
        (project.clone(), lately.collect())
    });
    Worst { waited: at - asked.sent, told, served: served.collect() }
}

/// Those who were told to come again, and after how many milliseconds.
fn refused(asked: &[Asked]) -> impl Iterator<Item = (&Asked, i64)> {
    asked.iter().filter_map(|asked| match asked.end {
        End::Refused(Some(seconds)) => Some((asked, seconds * 1_000)),
        _ => None,
    })
}

/// When each cell was used, in order.
fn uses(case: &Case, received: &[Received]) -> BTreeMap<Cell, Vec<i64>> {
    let keys = by_secret(case);
    let mut uses: BTreeMap<Cell, Vec<i64>> = BTreeMap::new();
    for served in received.iter().filter(|received| received.status == Some(200)) {
        if let Some(cell) = cell(&keys, served) {
            uses.entry(cell).or_default().push(served.at);
        }
    }
    uses
}

/// When Google has room again for what was refused, if it is asked nothing after `until`.
fn room(case: &Case, uses: &BTreeMap<Cell, Vec<i64>>, asked: &Asked, until: i64) -> i64 {
    let at = asked.answered;
    let of_key = |limits: Limits, project: &str| {
        let own = uses.get(&(project.to_owned(), asked.model.to_owned()));
        let own = own.map_or(&[][..], Vec::as_slice);
        frees(case, limits, &own[..own.partition_point(|used| *used <= until)], at)
    };
    let rooms = case.keys.iter().map(|key| of_key(key.limits, &key.project));
    rooms.min().unwrap_or(at)
}

fn frees(case: &Case, limits: Limits, past: &[i64], at: i64) -> i64 {
    if let Some(limit) = limits.per_day {
        let today = past.iter().filter(|used| midnight_after(**used) > at).count();
        return if today < limit as usize { at } else { midnight_after(at) };
    }
    let Some(limit) = limits.per_minute else { return at };
    let ends = past.iter().map(|used| case.counts_until(*used)).filter(|end| *end > at);
    let ends: Vec<_> = ends.collect();
    ends.len().checked_sub(limit as usize).map_or(at, |place| ends[place])
}

/// Another try would have succeeded after the last that was refused, and not later than the first
/// that was served; a promise is wrong by how far it is from that span.
fn worst_by_success(asked: &[Asked]) -> Option<i64> {
    let mut worst = None;
    let mut told = Vec::new();
    let mut last_refused = i64::MIN;
    for asked in asked {
        match asked.end {
            End::Refused(Some(seconds)) => {
                // It was said at some time between the two.
                told.push((asked.sent + seconds * 1_000, asked.answered + seconds * 1_000));
                last_refused = asked.sent;
            }
            End::Served => {
                let off =
                    |(from, to): (i64, i64)| (last_refused - to).max(from - asked.answered).max(0);
                worst = worst.max(told.drain(..).map(off).max());
            }
            _ => {}
        }
    }
    worst
}

//! What somebody could serve who knew every limit, and whose requests took no time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use fake_gemini::VirtualClock;

use crate::case::{Case, Limits, Trouble};
use crate::load::Asked;

/// What one model's projects have left.
#[derive(Debug)]
struct Projects<'a> {
    case: &'a Case,
    /// One entry for each request that a project may have in its minute: when it is free.
    slots: BinaryHeap<Reverse<(i64, usize)>>,
    limits: Vec<Limits>,
    /// The day that each has served in, and how much of it.
    days: Vec<(i64, u64)>,
}

/// How many of these requests could have been served, each within the time that it may wait.
pub(crate) fn possible(case: &Case, asked: &[Asked]) -> usize {
    let mut projects: BTreeMap<&str, Limits> = BTreeMap::new();
    for key in case.keys.iter().filter(|key| matches!(key.trouble, Trouble::None | Trouble::Half)) {
        projects.insert(&key.project, key.limits);
    }
    let wait = case.wait.as_millis() as i64;
    let limits: Vec<_> = projects.into_values().collect();
    let mut models: BTreeMap<&str, Projects<'_>> = case
        .models
        .iter()
        .map(|model| (*model, Projects::new(case, limits.clone(), asked.len())))
        .collect();
    let served = asked.iter().filter(|asked| {
        models.get_mut(asked.model).is_some_and(|projects| projects.serve(asked.sent, wait))
    });
    served.count()
}

impl<'a> Projects<'a> {
    fn new(case: &'a Case, limits: Vec<Limits>, most: usize) -> Self {
        let slots = limits.iter().enumerate().flat_map(|(project, limits)| {
            let count = limits.per_minute.or(limits.per_day).unwrap_or(most as u64);
            (0..count).map(move |_| Reverse((0, project)))
        });
        Self { case, slots: slots.collect(), days: vec![(0, 0); limits.len()], limits }
    }

    fn serve(&mut self, at: i64, wait: i64) -> bool {
        while let Some(Reverse((free, project))) = self.slots.pop() {
            let start = free.max(at);
            if start > at + wait {
                self.slots.push(Reverse((free, project)));
                return false;
            }
            let limits = self.limits[project];
            if let Some(limit) = limits.per_day {
                let ends = midnight_after(start);
                let (day, used) = &mut self.days[project];
                if *day != ends {
                    (*day, *used) = (ends, 0);
                }
                if *used >= limit {
                    self.slots.push(Reverse((ends, project)));
                    continue;
                }
                *used += 1;
            }
            let next = limits.per_minute.map_or(start, |_| self.case.counts_until(start));
            self.slots.push(Reverse((next, project)));
            return true;
        }
        false
    }
}

/// The next midnight in California.
pub(crate) fn midnight_after(at: i64) -> i64 {
    let clock = VirtualClock::frozen_at(at);
    clock.advance_to_pacific_midnight();
    clock.now_millis()
}

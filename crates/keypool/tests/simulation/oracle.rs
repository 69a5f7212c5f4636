//! What somebody could serve who knew every limit, and whose requests took no time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::time::Duration;

use keypool::{Timestamp, next_pacific_midnight};

use crate::google::{Fault, Quota};
use crate::world::{POOL_WAIT, Scenario, domain};

/// One of the requests that a project may make in any minute, free from a moment on.
type Slot = Reverse<(Timestamp, usize)>;

#[derive(Debug, Default)]
struct Projects {
    slots: BinaryHeap<Slot>,
    /// How many each may still make today, where that is limited.
    left: HashMap<usize, (Timestamp, u64, u64)>,
}

/// How many of the requests could have been served, each within the time that it may wait.
pub(crate) fn possible(scenario: &Scenario, arrivals: &[(Timestamp, &'static str)]) -> usize {
    let mut models: BTreeMap<&'static str, Projects> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (number, key) in scenario.keys.iter().enumerate() {
        let works = matches!(key.fault, Fault::None | Fault::Half);
        for (model, name) in scenario.models.iter().enumerate().filter(|_| works) {
            if seen.insert((domain(number, key), *name)) {
                let quota = (scenario.quota)(number, model);
                models.entry(*name).or_default().add(number, quota, scenario);
            }
        }
    }
    let served = arrivals
        .iter()
        .filter(|(at, model)| models.get_mut(model).is_some_and(|projects| projects.serve(*at)));
    served.count()
}

impl Projects {
    fn add(&mut self, project: usize, quota: Quota, scenario: &Scenario) {
        let (low, high) = scenario.tokens;
        let by_tokens = quota.tpm.map(|limit| limit * 2 / (low + high));
        let limit = quota.rpm.into_iter().chain(by_tokens).min().expect("a limit of a minute");
        self.slots.extend((0..limit).map(|_| Reverse((scenario.start, project))));
        if let Some(limit) = quota.rpd {
            let ends = next_pacific_midnight(scenario.start);
            self.left.insert(project, (ends, limit, limit));
        }
    }

    fn serve(&mut self, at: Timestamp) -> bool {
        while let Some(Reverse((free, project))) = self.slots.pop() {
            let start = free.max(at);
            if start > at + POOL_WAIT {
                self.slots.push(Reverse((free, project)));
                return false;
            }
            if let Some((ends, left, limit)) = self.left.get_mut(&project) {
                if *ends <= start {
                    (*ends, *left) = (next_pacific_midnight(start), *limit);
                }
                if *left == 0 {
                    self.slots.push(Reverse((*ends, project)));
                    continue;
                }
                *left -= 1;
            }
            self.slots.push(Reverse((start + Duration::from_mins(1), project)));
            return true;
        }
        false
    }
}

//! What somebody could serve who knew every limit, and whose requests took no time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::time::Duration;

use keypool::{Timestamp, next_pacific_midnight};

use crate::google::Quota;
use crate::scenario::Scenario;

/// One of the requests that a project may make in any minute, free from a moment on.
type Slot = Reverse<(Timestamp, usize)>;

/// Projects that the same demands may use for a model.
#[derive(Debug, Default)]
struct Projects {
    slots: BinaryHeap<Slot>,
    /// Those without a limit of a minute use their slots again at once.
    is_quick: BTreeSet<usize>,
    /// How many each may still make today, where that is limited.
    left: HashMap<usize, (Timestamp, u64, u64)>,
}

/// The demands that may use a project for a model, by number.
type Users = BTreeSet<usize>;

/// How many of the requests could have been served, each within the time that it may wait.
///
/// Where demands may use different keys, a request takes what is free soonest, and of that what
/// fewer others may use; more than this count is hardly possible.
pub(crate) fn possible(scenario: &Scenario, arrivals: &[(Timestamp, usize)]) -> usize {
    let mut groups = groups(scenario, arrivals.len());
    let served = arrivals.iter().filter(|(at, demand)| {
        let own = groups.iter_mut().filter(|(users, _)| users.contains(demand));
        let soonest = own.filter_map(|(users, projects)| {
            let free = projects.next_free(*at)?;
            Some((free, users.len(), projects))
        });
        let soonest = soonest.min_by_key(|(free, users, _)| (*free, *users));
        soonest.is_some_and(|(_, _, projects)| projects.serve(*at, scenario.pool_wait))
    });
    served.count()
}

fn groups(scenario: &Scenario, most: usize) -> BTreeMap<Users, Projects> {
    let mut users: BTreeMap<(usize, usize), (Users, Quota)> = BTreeMap::new();
    for ((number, key), project) in scenario.keys.iter().enumerate().zip(scenario.projects()) {
        if !key.fault.serves() {
            continue;
        }
        for (user, demand) in
            scenario.demands.iter().enumerate().filter(|(_, one)| one.accepts(key))
        {
            let quota = scenario.quotas[number][demand.model];
            let entry = users.entry((project, demand.model)).or_insert((Users::new(), quota));
            entry.0.insert(user);
        }
    }
    let mut groups: BTreeMap<Users, Projects> = BTreeMap::new();
    for ((project, _), (users, quota)) in users {
        groups.entry(users).or_default().add(project, quota, scenario, most);
    }
    groups
}

impl Projects {
    fn add(&mut self, project: usize, quota: Quota, scenario: &Scenario, most: usize) {
        let by_tokens = quota.tpm.map(|limit| (limit as f64 / scenario.mean_tokens()) as u64);
        let by_minute = quota.rpm.into_iter().chain(by_tokens).min();
        if by_minute.is_none() {
            self.is_quick.insert(project);
        }
        let slots = by_minute.or(quota.rpd).unwrap_or(most as u64);
        self.slots.extend((0..slots).map(|_| Reverse((scenario.start, project))));
        if let Some(limit) = quota.rpd {
            let ends = next_pacific_midnight(scenario.start);
            self.left.insert(project, (ends, limit, limit));
        }
    }

    /// When the next slot is free.
    fn next_free(&mut self, at: Timestamp) -> Option<Timestamp> {
        loop {
            let Reverse((free, project)) = *self.slots.peek()?;
            let start = free.max(at);
            match self.left.get(&project) {
                Some((ends, 0, _)) if start < *ends => {
                    self.slots.pop();
                    self.slots.push(Reverse((*ends, project)));
                }
                _ => return Some(start),
            }
        }
    }

    fn serve(&mut self, at: Timestamp, wait: Duration) -> bool {
        let Some(start) = self.next_free(at).filter(|start| *start <= at + wait) else {
            return false;
        };
        let Some(Reverse((_, project))) = self.slots.pop() else { return false };
        if let Some((ends, left, limit)) = self.left.get_mut(&project) {
            if *ends <= start {
                (*ends, *left) = (next_pacific_midnight(start), *limit);
            }
            *left = left.saturating_sub(1);
        }
        let pause = if self.is_quick.contains(&project) { Duration::ZERO } else { MINUTE };
        self.slots.push(Reverse((start + pause, project)));
        true
    }
}

const MINUTE: Duration = Duration::from_mins(1);

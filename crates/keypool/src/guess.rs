//! Keys of unknown project that turn out to share one.
//!
//! A [*hint*](crate::hints) is a refusal that came sooner than our own count had it: somebody else uses the quota.
//! If several keys are refused so until the same moment, and together have used exactly what the
//! limit allows, they are each other's somebody else. Then they are taken for one project, named by
//! the first of them: a guess, which lasts until it is [doubted](crate::doubt) with success.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::agenda::Agenda;
use crate::doubt::{Doubt, FIRST_DOUBT};
use crate::hints::{LATEST, Sum};
use crate::map::Map;
use crate::meter::Moment;
use crate::roster::{KeySlot, Project, ProjectSlot};
use crate::{Domain, Pool, Timestamp};

/// For how long keys are not taken for one project that were seen not to be, and for how long
/// a coincidence of two is remembered.
const MEMORY: Duration = Duration::from_hours(24);

/// How many coincidences are remembered.
const COINCIDENCES: usize = 64;

/// So many projects that add up once may be one; two have to add up twice.
const CONVINCING: usize = 3;

/// What speaks for and against guesses.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    /// Those that were made, and when each is doubted next.
    pub(crate) doubts: Map<ProjectSlot, Doubt>,
    pub(crate) due: Agenda<ProjectSlot>,
    /// The ticket of a request that tests one.
    pub(crate) under_way: Option<(u64, ProjectSlot)>,
    /// Keys that are not all of one project.
    refuted: Vec<Memo>,
    /// Keys of two projects that added up once.
    coincidences: Vec<Memo>,
}

/// What was seen of some keys.
#[derive(Debug)]
struct Memo {
    keys: BTreeSet<KeySlot>,
    at: Timestamp,
}

impl Guesses {
    /// A key is gone, or another one has its place.
    pub(crate) fn forget_key(&mut self, key: KeySlot) {
        self.refuted.retain(|memo| !memo.keys.contains(&key));
        self.coincidences.retain(|memo| !memo.keys.contains(&key));
    }

    /// These keys are not all of one project.
    pub(crate) fn refute(&mut self, keys: impl Iterator<Item = KeySlot>, now: Timestamp) {
        self.refuted.push(Memo { keys: keys.collect(), at: now });
    }

    /// Google has refused a key of a guess.
    pub(crate) fn note_refusal(&mut self, project: ProjectSlot, key: KeySlot) {
        if let Some(doubt) = self.doubts.get_mut(&project) {
            doubt.last = Some(key);
        }
    }

    /// The clock was set back.
    pub(crate) fn set_back(&mut self, by: Duration, now: Timestamp) {
        for memo in self.refuted.iter_mut().chain(&mut self.coincidences) {
            memo.at = memo.at - by;
        }
        for (project, doubt) in &self.doubts {
            self.due.set(*project, Some(now + doubt.pause));
        }
    }

    /// Whether keys may be one project: they were not seen to be several, and have added up often
    /// enough for so many projects.
    fn is_convinced(&mut self, sum: &Sum, keys: &BTreeSet<KeySlot>, now: Timestamp) -> bool {
        for memos in [&mut self.refuted, &mut self.coincidences] {
            memos.retain(|memo| memo.at + MEMORY > now);
        }
        if self.refuted.iter().any(|memo| memo.keys.is_subset(keys)) {
            return false;
        }
        if sum.projects.len() >= CONVINCING {
            return true;
        }
        // Within a minute it would be the same requests that add up.
        if let Some(memo) = self.coincidences.iter().find(|memo| memo.keys == *keys) {
            return memo.at + LATEST < sum.until;
        }
        if self.coincidences.len() == COINCIDENCES {
            self.coincidences.remove(0);
        }
        self.coincidences.push(Memo { keys: keys.clone(), at: sum.until });
        false
    }
}

impl Pool {
    /// Takes keys for one project if refusals that came too soon say so.
    pub(crate) fn guess(&mut self, model: &str, moment: Moment) {
        let Some(lane) = self.lanes.own(model) else { return };
        for sum in lane.hints.ripe(moment.now) {
            self.consider(model, &sum, moment);
        }
    }

    fn consider(&mut self, model: &str, sum: &Sum, moment: Moment) {
        let lane = self.lanes.at(model);
        let last_served = |project: &ProjectSlot| lane.quotas.get(*project)?.last_served;
        if sum.projects.iter().filter_map(last_served).any(|began| sum.was_full(began)) {
            return;
        }
        let mut keys = BTreeSet::new();
        for project in &sum.projects {
            // It may be part of a guess by now.
            let Some(project) = self.roster.project(*project) else { return };
            keys.extend(project.keys.iter().copied());
        }
        if self.guesses.is_convinced(sum, &keys, moment.now) {
            self.unite(&sum.projects, moment);
        }
    }

    /// A request was served: are there keys which had no room at that time, and were nearly taken
    /// for one project with its key?
    pub(crate) fn contradict(&mut self, model: &str, key: KeySlot, began: Timestamp) {
        let Self { roster, lanes, guesses, .. } = self;
        if guesses.coincidences.is_empty() {
            return;
        }
        let Some(own) = roster.key(key).map(|key| key.project) else { return };
        let hints = &lanes.at(model).hints;
        let is_refuted = |memo: &mut Memo| {
            let others = memo.keys.iter().filter_map(|other| roster.key(*other));
            let mut others = others.map(|other| other.project).filter(|other| *other != own);
            memo.keys.contains(&key) && others.any(|other| hints.was_full(other, began))
        };
        let refuted = guesses.coincidences.extract_if(.., is_refuted);
        guesses.refuted.extend(refuted);
    }

    /// Takes projects for one from now on.
    fn unite(&mut self, projects: &[ProjectSlot], moment: Moment) {
        let names = projects
            .iter()
            .filter_map(|project| Some((&self.roster.project(*project)?.domain, *project)));
        let Some((domain, first)) = names.min() else { return };
        let domain: Domain = domain.clone();
        for lane in self.lanes.all() {
            for project in projects {
                // What they have used is nobody else's: it is counted already.
                let fills = lane.hints.take(*project);
                let Some(cell) = lane.quotas.get_mut(*project) else { continue };
                for fill in fills {
                    cell.meter.unfill(fill, moment);
                }
            }
        }
        for other in projects.iter().filter(|project| **project != first) {
            let keys = self.roster.project(*other).map(|project| project.keys.clone());
            for key in keys.unwrap_or_default() {
                self.move_key(key, &domain);
            }
        }
        if !self.roster.declared.is_empty() {
            self.apply_declared(moment.now);
        }
        let Self { roster, wide, lanes, .. } = self;
        for lane in lanes.all() {
            lane.refill(first, moment, roster, wide);
            for project in projects {
                lane.refresh(*project, roster, wide);
            }
        }
        let generation = roster.project(first).map_or(0, |project| project.generation);
        let doubt = Doubt { generation, pause: FIRST_DOUBT, last: None };
        self.guesses.doubts.insert(first, doubt);
        self.guesses.due.set(first, Some(moment.now + FIRST_DOUBT));
        self.stir();
    }

    /// Lets a key leave a guess; answers whether it was part of one. It takes nothing along, for
    /// nobody knows what of all is its own.
    pub(crate) fn part(&mut self, slot: KeySlot) -> bool {
        let Some(key) = self.roster.key(slot) else { return false };
        let before = key.project;
        if !self.roster.project(before).is_some_and(Project::is_guess) {
            return false;
        }
        let own = Domain::Key(key.spec.id.clone());
        self.move_key(slot, &own);
        let after = self.roster.key(slot).map(|key| key.project);
        let Self { roster, wide, lanes, .. } = self;
        for lane in lanes.all() {
            lane.refresh(before, roster, wide);
            if let Some(project) = after {
                lane.refresh(project, roster, wide);
            }
        }
        true
    }
}

#[cfg(test)]
pub(crate) mod tests;

//! The pool itself: choosing a key.

use std::sync::Arc;

use crate::lanes::Lanes;
use crate::learned::Journal;
use crate::ring::Verdict;
use crate::roster::{KeySlot, ProjectSlot, Roster};
use crate::setbacks::{Expired, Setbacks};
use crate::{
    Admission, Ask, CellName, KeyId, Learned, Lease, Policy, Refusal, Ticket, Timestamp, Tried,
    WaitCause,
};

/// How many things that are over are looked at by one request. When all daily quotas are
/// released at once, the work is spread over the requests that follow.
const EXPIRED_AT_ONCE: usize = 64;

/// How many are looked at by one [`Pool::tick`].
const EXPIRED_BY_A_TICK: usize = 4096;

/// The keys of the pool and all that is known of them.
///
/// A state machine for one thread: the caller keeps it behind a mutex, for microseconds.
#[derive(Debug)]
pub struct Pool {
    pub(crate) policy: Policy,
    pub(crate) roster: Roster,
    /// What concerns all models: quotas of whole projects, keys that are avoided everywhere.
    pub(crate) wide: Setbacks,
    pub(crate) lanes: Lanes,
    pub(crate) journal: Journal,
    /// The number of the next ticket.
    pub(crate) next_serial: u64,
}

impl Pool {
    /// A pool without keys.
    pub fn new(policy: Policy) -> Self {
        Self {
            roster: Roster::default(),
            wide: Setbacks::default(),
            lanes: Lanes::new(policy.seed),
            journal: Journal::default(),
            next_serial: 0,
            policy,
        }
    }

    /// Changes how the pool reacts from now on. Blocks that exist stay as they are, and a new
    /// seed has no effect.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
    }

    /// Chooses a key for a request: the one whose turn it is for this model among those that are
    /// neither blocked nor tried, of the lowest tier; keys that failed a moment ago only if there
    /// is no other.
    pub fn admit(&mut self, ask: &Ask<'_>, now: Timestamp) -> Admission {
        let model = ask.model.unwrap_or_default();
        let tried = TriedSlots::find(ask.tried, &self.roster);
        loop {
            let more = self.catch_up(model, now);
            let roster = &self.roster;
            let lane = self.lanes.of(model);
            let choice = lane.pick(model, |key| tried.verdict(key, roster)).or_else(|| {
                // Better a sibling of a spent key than nothing.
                tried.has_projects().then(|| lane.pick(model, |key| tried.key_verdict(key)))?
            });
            if let Some(key) = choice {
                lane.last_serial = self.next_serial;
                let model = lane.name_of(model);
                return self.grant(key, model, now);
            }
            if !more {
                return self.decline(model);
            }
        }
    }

    /// Forgets what is over by now, a bounded part of it at a time; answers whether there is more.
    ///
    /// No decision needs it. It lets [`take_changes`](Self::take_changes) tell of blocks that
    /// ended while no request came, and spares the next request the work.
    pub fn tick(&mut self, now: Timestamp) -> bool {
        let mut more = self.expire_wide(now, EXPIRED_BY_A_TICK);
        let Self { roster, wide, lanes, journal, .. } = self;
        for lane in lanes.all() {
            more |= lane.expire(roster, wide, journal, now, EXPIRED_BY_A_TICK);
        }
        lanes.tidy_all();
        more
    }

    /// What was learned since the last call and has to be stored, one entry a subject.
    pub fn take_changes(&mut self) -> Vec<Learned> {
        self.journal.take()
    }

    fn grant(&mut self, slot: KeySlot, model: Arc<str>, now: Timestamp) -> Admission {
        let serial = self.next_serial;
        let lease = self.roster.start(slot, now).map(|key| Lease {
            ticket: Ticket { slot: slot.0, generation: key.generation, serial, model },
            key: key.spec.id.clone(),
            secret: key.spec.secret.clone(),
            mask: key.mask.clone(),
        });
        self.next_serial += 1;
        match lease {
            Some(lease) => Admission::Granted(lease),
            None => self.decline(""),
        }
    }

    /// Nothing can be granted now: is it worth waiting?
    fn decline(&mut self, model: &str) -> Admission {
        let lane = self.lanes.of(model);
        let census = lane.census(&self.roster);
        if let Some((until, project)) = lane.next_release()
            && let Some(block) = lane.block(project, &self.wide)
        {
            let cause = WaitCause {
                window: block.window,
                limit: block.limit,
                quota_id: block.quota_id.clone(),
            };
            return Admission::Wait { until, cause, census };
        }
        let why = if census.total == 0 {
            Refusal::NoKeys
        } else if census.total == census.disabled {
            Refusal::AllDisabled
        } else if census.total == census.disabled + census.dead {
            Refusal::AllDead
        } else {
            Refusal::AllTried
        };
        Admission::Refused { why, census }
    }

    /// Takes some of what is over for one model; answers whether there is more.
    pub(crate) fn catch_up(&mut self, model: &str, now: Timestamp) -> bool {
        let more = self.expire_wide(now, EXPIRED_AT_ONCE);
        let Self { roster, wide, lanes, journal, .. } = self;
        more | lanes.of(model).expire(roster, wide, journal, now, EXPIRED_AT_ONCE)
    }

    /// Takes some of what is over for all models; answers whether there is more.
    fn expire_wide(&mut self, now: Timestamp, most: usize) -> bool {
        for _ in 0..most {
            let Some(expired) = self.wide.expire(now) else { return false };
            if let Expired::Block(project) = expired
                && let Some(project) = self.roster.project(project)
            {
                let name = CellName { domain: project.domain.clone(), model: None };
                self.journal.note(Learned::CellOver(name));
            }
            for lane in self.lanes.all() {
                lane.refresh_expired(expired, &self.roster, &self.wide);
            }
        }
        self.wide.is_due(now)
    }
}

/// The keys that a request has met, by place.
#[derive(Debug, Default)]
struct TriedSlots {
    keys: Vec<KeySlot>,
    projects: Vec<ProjectSlot>,
}

impl TriedSlots {
    fn find(tried: &[Tried], roster: &Roster) -> Self {
        let slot = |id: &KeyId| roster.key_slot(id);
        let project = |tried: &Tried| Some(roster.key(slot(&tried.key)?)?.project);
        Self {
            keys: tried.iter().filter_map(|tried| slot(&tried.key)).collect(),
            projects: tried
                .iter()
                .filter(|tried| tried.avoid_project)
                .filter_map(project)
                .collect(),
        }
    }

    fn has_projects(&self) -> bool {
        !self.projects.is_empty()
    }

    fn key_verdict(&self, key: KeySlot) -> Verdict {
        if self.keys.contains(&key) { Verdict::Tried } else { Verdict::Take }
    }

    fn verdict(&self, slot: KeySlot, roster: &Roster) -> Verdict {
        let avoided = || roster.key(slot).is_some_and(|key| self.projects.contains(&key.project));
        match self.key_verdict(slot) {
            Verdict::Take if self.has_projects() && avoided() => Verdict::Hold,
            verdict => verdict,
        }
    }
}

#[cfg(test)]
mod tests;

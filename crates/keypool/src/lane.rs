//! One model's view of the pool: who is usable for it, and when the others come back.

use std::sync::Arc;

use crate::agenda::Agenda;
use crate::block::Block;
use crate::learned::Journal;
use crate::map::scatter;
use crate::ring::{Rank, Rings, Verdict};
use crate::roster::{KeySlot, ProjectSlot, Roster};
use crate::setbacks::{Expired, Setbacks};
use crate::{CellName, Census, Learned, Timestamp};

/// How many models take turns independently of each other while they share a lane.
const SHARED_ROUNDS: usize = 256;

/// A lane is what [`Pool::admit`](crate::Pool::admit) chooses from. Models of which nothing is
/// known but what concerns all share one; a model gets its own as soon as it has a setback.
///
/// `rings` and `parked` follow from the roster, the setbacks of all models and those of this one;
/// the `refresh…` functions make them so, and have to be called for whatever has changed.
#[derive(Debug)]
pub(crate) struct Lane {
    /// The model, or `None` for the shared lane.
    model: Option<Arc<str>>,
    /// What concerns this model alone; always empty in the shared lane.
    pub(crate) setbacks: Setbacks,
    /// Keys that are usable now.
    rings: Rings,
    /// Blocked projects with usable keys, by the time of their release.
    parked: Agenda<ProjectSlot>,
    /// The last ticket that was made here.
    pub(crate) last_serial: u64,
}

impl Lane {
    /// The lane of all models that have none of their own.
    pub(crate) fn shared(seed: u64) -> Self {
        Self {
            model: None,
            setbacks: Setbacks::default(),
            rings: Rings::new(SHARED_ROUNDS, seed),
            parked: Agenda::default(),
            last_serial: 0,
        }
    }

    /// A lane for a model that used this shared one until now.
    pub(crate) fn split_off(&self, model: Arc<str>) -> Self {
        Self {
            rings: self.rings.split_off(round_of(&model)),
            parked: self.parked.clone(),
            setbacks: Setbacks::default(),
            last_serial: self.last_serial,
            model: Some(model),
        }
    }

    /// Takes back a model whose own lane is given up, so that its round goes on.
    pub(crate) fn rejoin(&mut self, lane: &Self) {
        if let Some(model) = &lane.model {
            self.rings.rejoin(round_of(model), &lane.rings);
        }
    }

    /// The model's name to be kept in a ticket.
    pub(crate) fn name_of(&self, model: &str) -> Arc<str> {
        self.model.clone().unwrap_or_else(|| model.into())
    }

    /// The model, or `None` for the shared lane.
    pub(crate) fn model(&self) -> Option<&Arc<str>> {
        self.model.as_ref()
    }

    /// The key whose turn it is.
    pub(crate) fn pick(
        &mut self,
        model: &str,
        verdict: impl Fn(KeySlot) -> Verdict,
    ) -> Option<KeySlot> {
        let round = if self.model.is_some() { 0 } else { round_of(model) };
        self.rings.pick(round, verdict)
    }

    /// The project that is released first, and when.
    pub(crate) fn next_release(&self) -> Option<(Timestamp, ProjectSlot)> {
        self.parked.first()
    }

    /// How the keys stand here.
    pub(crate) fn census(&self, roster: &Roster) -> Census {
        let headcount = roster.headcount();
        let ready = self.rings.len();
        Census {
            total: headcount.total,
            disabled: headcount.disabled,
            dead: headcount.dead,
            blocked: headcount.usable().saturating_sub(ready),
            ready,
        }
    }

    /// The block that holds longest for a project, of this model's and of all models'.
    pub(crate) fn block<'a>(
        &'a self,
        project: ProjectSlot,
        wide: &'a Setbacks,
    ) -> Option<&'a Block> {
        let blocks = [self.setbacks.block(project), wide.block(project)];
        blocks.into_iter().flatten().max_by_key(|block| block.until)
    }

    /// Makes room for what changed about a project or any of its keys.
    pub(crate) fn refresh_project(
        &mut self,
        project: ProjectSlot,
        roster: &Roster,
        wide: &Setbacks,
    ) {
        self.refresh_release(project, roster, wide);
        let keys = roster.project(project).map(|project| project.keys.as_slice());
        for key in keys.unwrap_or_default() {
            self.refresh_key(*key, roster, wide);
        }
    }

    /// Makes room for what changed about one key, be it that it left.
    pub(crate) fn refresh_key(&mut self, slot: KeySlot, roster: &Roster, wide: &Setbacks) {
        let usable = roster.key(slot).filter(|key| key.is_usable());
        let open = usable.filter(|key| self.block(key.project, wide).is_none());
        let rank = open.map(|key| Rank {
            avoided: self.setbacks.avoids(slot) || wide.avoids(slot),
            tier: key.spec.tier,
        });
        self.rings.place(slot, rank);
    }

    /// Makes room for a change in how many keys of a project are usable.
    pub(crate) fn refresh_release(&mut self, slot: ProjectSlot, roster: &Roster, wide: &Setbacks) {
        let waiting = roster.project(slot).is_some_and(|project| project.usable > 0);
        let until = self.block(slot, wide).map(|block| block.until).filter(|_| waiting);
        self.parked.set(slot, until);
    }

    /// Takes some of what is over for this model; answers whether there is more.
    pub(crate) fn expire(
        &mut self,
        roster: &Roster,
        wide: &Setbacks,
        journal: &mut Journal,
        now: Timestamp,
        most: usize,
    ) -> bool {
        for _ in 0..most {
            let Some(expired) = self.setbacks.expire(now) else { return false };
            if let Expired::Block(project) = expired
                && let Some(project) = roster.project(project)
            {
                let name = CellName { domain: project.domain.clone(), model: self.model.clone() };
                journal.note(Learned::CellOver(name));
            }
            self.refresh_expired(expired, roster, wide);
        }
        self.setbacks.is_due(now)
    }

    /// Makes room for something of all models, or of this one, that is over.
    pub(crate) fn refresh_expired(&mut self, expired: Expired, roster: &Roster, wide: &Setbacks) {
        match expired {
            Expired::Block(project) => self.refresh_project(project, roster, wide),
            Expired::Avoidance(key) => self.refresh_key(key, roster, wide),
            Expired::Memory => {}
        }
    }
}

fn round_of(model: &str) -> usize {
    (scatter(model) % SHARED_ROUNDS as u64) as usize
}

//! One model's view of the pool: who is usable for it, and when the others come back.

use std::sync::Arc;

use crate::agenda::Agenda;
use crate::block::Block;
use crate::breaker::Breaker;
use crate::cell::{Cell, Fate, Full, Reservation};
use crate::hints::Hints;
use crate::learned::Journal;
use crate::map::scatter;
use crate::meter::Moment;
use crate::quotas::Quotas;
use crate::ring::{Choice, Class, Rank, Rings, Search, Verdict};
use crate::roster::{KeySlot, ProjectSlot, Roster};
use crate::setbacks::{Expired, Setbacks};
use crate::sticky::Sticky;
use crate::{CellName, Census, Learned, Timestamp, WaitCause, Window};

/// How many models take turns independently of each other while they share a lane.
const SHARED_ROUNDS: usize = 256;

/// A lane is what [`Pool::admit`](crate::Pool::admit) chooses from. Models of which nothing is
/// known but what concerns all share one; a model gets its own as soon as it was served or had a
/// setback.
///
/// `rings`, `parked` and `blocked` follow from the roster, the setbacks of all models, and the
/// setbacks and quotas of this one; [`refresh`](Self::refresh) makes them so, and has to be called
/// for every project about which something has changed.
#[derive(Debug)]
pub(crate) struct Lane {
    /// The model, or `None` for the shared lane.
    model: Option<Arc<str>>,
    /// What concerns this model alone; always empty in the shared lane.
    pub(crate) setbacks: Setbacks,
    /// What was used of this model; always empty in the shared lane.
    pub(crate) quotas: Quotas,
    /// Which project a prompt was sent to before.
    pub(crate) sticky: Sticky,
    /// Refusals that came sooner than expected.
    pub(crate) hints: Hints,
    /// Whether the model fails for everybody.
    pub(crate) breaker: Breaker,
    /// Projects that are open now.
    rings: Rings,
    /// Closed projects with usable keys, by the time of their release.
    parked: Agenda<ProjectSlot>,
    /// How many usable keys each closed project has, and all together.
    blocked: Vec<u32>,
    blocked_keys: usize,
    /// Room for the classes of a project.
    classes: Vec<Class>,
    /// The last ticket that was made here.
    pub(crate) last_serial: u64,
}

impl Lane {
    /// The lane of all models that have none of their own.
    pub(crate) fn shared(seed: u64) -> Self {
        Self {
            model: None,
            setbacks: Setbacks::default(),
            quotas: Quotas::default(),
            sticky: Sticky::default(),
            hints: Hints::default(),
            breaker: Breaker::default(),
            rings: Rings::new(SHARED_ROUNDS, seed),
            parked: Agenda::default(),
            blocked: Vec::new(),
            blocked_keys: 0,
            classes: Vec::new(),
            last_serial: 0,
        }
    }

    /// A lane for a model that used this shared one until now.
    pub(crate) fn split_off(&self, model: Arc<str>) -> Self {
        Self {
            rings: self.rings.split_off(round_of(&model)),
            parked: self.parked.clone(),
            blocked: self.blocked.clone(),
            blocked_keys: self.blocked_keys,
            last_serial: self.last_serial,
            model: Some(model),
            ..Self::shared(0)
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

    /// Which of the lane's rounds a model follows.
    pub(crate) fn round_of(&self, model: &str) -> usize {
        if self.model.is_some() { 0 } else { round_of(model) }
    }

    /// Whether nothing is known here that the shared lane does not know.
    pub(crate) fn is_empty(&self) -> bool {
        self.setbacks.is_empty() && self.quotas.is_empty() && !self.breaker.is_shut()
    }

    /// The project whose turn it is.
    pub(crate) fn peek(
        &self,
        search: Search<'_>,
        mut verdict: impl FnMut(ProjectSlot, Rank) -> Verdict,
    ) -> Option<Choice> {
        self.rings.peek(search, &mut verdict)
    }

    /// Makes a choice true.
    pub(crate) fn commit(&mut self, choice: &Choice) {
        self.rings.commit(choice);
    }

    /// The projects whose turn comes after a choice, as things stand.
    pub(crate) fn upcoming(&self, choice: &Choice) -> impl Iterator<Item = ProjectSlot> {
        self.rings.upcoming(choice)
    }

    /// Whether a project is open at this rank.
    pub(crate) fn is_open(&self, project: ProjectSlot, rank: Rank) -> bool {
        self.rings.has(project, rank)
    }

    /// The open projects.
    pub(crate) fn open(&self) -> impl Iterator<Item = ProjectSlot> {
        self.rings.members()
    }

    /// The closed projects that have usable keys, by the time of their release.
    pub(crate) fn parked(&self) -> impl Iterator<Item = (Timestamp, ProjectSlot)> {
        self.parked.iter()
    }

    /// How the keys stand here.
    pub(crate) fn census(&self, roster: &Roster) -> Census {
        let headcount = roster.headcount();
        Census {
            total: headcount.total,
            disabled: headcount.disabled,
            dead: headcount.dead,
            blocked: self.blocked_keys,
            ready: headcount.usable().saturating_sub(self.blocked_keys),
        }
    }

    /// What keeps a project closed for longest.
    pub(crate) fn cause(
        &self,
        project: ProjectSlot,
        wide: &Setbacks,
    ) -> Option<(Timestamp, WaitCause)> {
        let block = self.block(project, wide);
        let full = self.full(project);
        match (block, full) {
            (Some(block), full) if full.is_none_or(|full| full.until <= block.until) => {
                Some((block.until, block.into()))
            }
            (_, full) => full.map(|full| (full.until, full.into())),
        }
    }

    /// Until when a project is closed, and for what if that is not by our own count.
    pub(crate) fn closed(
        &self,
        slot: ProjectSlot,
        wide: &Setbacks,
    ) -> Option<(Timestamp, Option<Window>)> {
        let until = self.closed_until(slot, wide)?;
        let block = self.block(slot, wide).filter(|block| block.until == until);
        Some((until, block.map(|block| block.window)))
    }

    /// The block that holds longest for a project, of this model's and of all models'.
    fn block<'a>(&'a self, project: ProjectSlot, wide: &'a Setbacks) -> Option<&'a Block> {
        let blocks = [self.setbacks.block(project), wide.block(project)];
        blocks.into_iter().flatten().max_by_key(|block| block.until)
    }

    fn full(&self, project: ProjectSlot) -> Option<Full> {
        self.quotas.get(project)?.full
    }

    fn closed_until(&self, project: ProjectSlot, wide: &Setbacks) -> Option<Timestamp> {
        let block = self.block(project, wide).map(|block| block.until);
        block.max(self.full(project).map(|full| full.until))
    }

    /// Makes room for what changed about a project or any of its keys, be it that it left.
    pub(crate) fn refresh(&mut self, slot: ProjectSlot, roster: &Roster, wide: &Setbacks) {
        let usable = roster.project(slot).map_or(0, |project| project.usable);
        let closed = self.closed_until(slot, wide).filter(|_| usable > 0);
        self.parked.set(slot, closed);
        self.count_blocked(slot, if closed.is_some() { usable } else { 0 });
        let mut classes = std::mem::take(&mut self.classes);
        classes.clear();
        if closed.is_none() {
            self.classify(slot, roster, wide, &mut classes);
        }
        self.rings.place(slot, &classes);
        self.classes = classes;
    }

    /// In which classes a project's usable keys are.
    fn classify(
        &self,
        slot: ProjectSlot,
        roster: &Roster,
        wide: &Setbacks,
        classes: &mut Vec<Class>,
    ) {
        let keys = roster.project(slot).map(|project| project.keys.as_slice());
        for slot in keys.unwrap_or_default() {
            let Some(key) = roster.key(*slot).filter(|key| key.is_usable()) else { continue };
            let rank = Rank { avoided: self.avoids(*slot, wide), tier: key.tier };
            let weight = key.spec.weight;
            match classes.iter_mut().find(|class| class.rank == rank) {
                None => classes.push(Class { rank, weight }),
                Some(class) if roster.shares_by_key => {
                    class.weight = class.weight.saturating_add(weight);
                }
                Some(class) => class.weight = class.weight.max(weight),
            }
        }
        for class in classes {
            class.weight = coarse(class.weight);
        }
    }

    /// Whether a key is used only if there is no other.
    pub(crate) fn avoids(&self, key: KeySlot, wide: &Setbacks) -> bool {
        self.setbacks.avoids(key) || wide.avoids(key)
    }

    fn count_blocked(&mut self, project: ProjectSlot, keys: usize) {
        let place = project.0 as usize;
        if self.blocked.len() <= place {
            if keys == 0 {
                return;
            }
            self.blocked.resize(place + 1, 0);
        }
        if let Some(count) = self.blocked.get_mut(place) {
            self.blocked_keys = self.blocked_keys + keys - *count as usize;
            *count = keys as u32;
        }
    }

    /// Counts a request before it is sent; the shared lane counts none.
    pub(crate) fn reserve(
        &mut self,
        project: ProjectSlot,
        tokens: u64,
        moment: Moment,
        roster: &Roster,
        wide: &Setbacks,
    ) -> Option<Reservation> {
        let Self { model, quotas, .. } = self;
        let cell = quotas.touch(model.as_deref()?, project, roster)?;
        cell.turn = cell.turn.wrapping_add(1);
        let reservation = cell.reserve(tokens, moment);
        self.refill(project, moment, roster, wide);
        Some(reservation)
    }

    /// The next request is for the same of the project's keys as if the last had not been.
    pub(crate) fn keep_turn(&mut self, project: ProjectSlot) {
        if let Some(cell) = self.quotas.get_mut(project) {
            cell.turn = cell.turn.wrapping_sub(1);
        }
    }

    /// Corrects what was counted for a request. One that was not counted, since there was nothing
    /// known of the model when it began, is counted now.
    pub(crate) fn settle(
        &mut self,
        project: ProjectSlot,
        attempt: Attempt,
        fate: Fate,
        moment: Moment,
        roster: &Roster,
    ) -> Option<&mut Cell> {
        let Self { model, quotas, .. } = self;
        let cell = quotas.touch(model.as_deref()?, project, roster)?;
        match (attempt.reservation, fate) {
            (Some(reservation), _) => cell.settle(reservation, fate, moment),
            (None, Fate::Used(tokens)) => {
                cell.meter.count_late(tokens.unwrap_or(attempt.tokens), attempt.began, moment);
            }
            (None, Fate::Unused) => {}
        }
        Some(cell)
    }

    /// Makes room for a change in what a project has used or may use.
    pub(crate) fn refill(
        &mut self,
        project: ProjectSlot,
        moment: Moment,
        roster: &Roster,
        wide: &Setbacks,
    ) {
        let Some(cell) = self.quotas.get_mut(project) else { return };
        let full = cell.obstacle(1, moment);
        if cell.full != full {
            cell.full = full;
            self.refresh(project, roster, wide);
        }
    }

    /// Takes some of what is over for this model; answers whether there is more.
    pub(crate) fn expire(
        &mut self,
        roster: &Roster,
        wide: &Setbacks,
        journal: &mut Journal,
        moment: Moment,
        most: usize,
    ) -> bool {
        for _ in 0..most {
            let Some(expired) = self.setbacks.expire(moment.now) else {
                return self.release(roster, wide, moment, most);
            };
            if let Expired::Block(project) = expired
                && let Some(project) = roster.project(project)
            {
                let name = CellName { domain: project.domain.clone(), model: self.model.clone() };
                journal.note(Learned::CellOver(name));
            }
            self.refresh_expired(expired, roster, wide);
        }
        self.setbacks.is_due(moment.now) || self.parked.is_due(moment.now)
    }

    /// Opens some of the projects that have room again; answers whether there are more.
    fn release(&mut self, roster: &Roster, wide: &Setbacks, moment: Moment, most: usize) -> bool {
        for _ in 0..most {
            let Some(project) = self.parked.pop_due(moment.now) else { return false };
            if let Some(cell) = self.quotas.get_mut(project) {
                cell.full = cell.obstacle(1, moment);
            }
            self.refresh(project, roster, wide);
        }
        self.parked.is_due(moment.now)
    }

    /// Makes room for something of all models, or of this one, that is over.
    pub(crate) fn refresh_expired(&mut self, expired: Expired, roster: &Roster, wide: &Setbacks) {
        match expired {
            Expired::Block(project) => self.refresh(project, roster, wide),
            Expired::Avoidance(key) => {
                if let Some(key) = roster.key(key) {
                    self.refresh(key.project, roster, wide);
                }
            }
            Expired::Memory => {}
        }
    }
}

/// What an attempt has counted, or would have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) reservation: Option<Reservation>,
    /// The estimate.
    pub(crate) tokens: u64,
    pub(crate) began: Timestamp,
}

/// A weight of which only the two highest bits after the leading one count above 16, so that even
/// a thousand different weights make few classes.
fn coarse(weight: u32) -> u32 {
    let surplus = (32 - weight.leading_zeros()).saturating_sub(5);
    weight >> surplus << surplus
}

fn round_of(model: &str) -> usize {
    (scatter(model) % SHARED_ROUNDS as u64) as usize
}

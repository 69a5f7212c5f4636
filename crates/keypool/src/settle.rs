//! The pool learns from how an attempt ended.

use std::sync::Arc;
use std::time::Duration;

use crate::blame::{Signs, Victim, follow};
use crate::block::Block;
use crate::breaker::{Gate, Tripping};
use crate::cell::{Cell, Fate};
use crate::limits::place;
use crate::meter::Moment;
use crate::policy::Backoff;
use crate::roster::{KeySlot, Project, ProjectSlot, Roster};
use crate::setbacks::{Failure, Setbacks};
use crate::{
    AvoidedFor, CellName, DeathReason, EgressId, Health, KeyId, Outcome, Phase, Pool, QuotaSpent,
    Scope, Ticket, Timestamp, Usage,
};

impl Pool {
    /// Learns from how an attempt ended that went to Google directly:
    /// [`settle_via`](Self::settle_via) without a proxy.
    pub fn settle(&mut self, ticket: Ticket, outcome: &Outcome, now: Timestamp) {
        self.settle_via(ticket, outcome, EgressId::DIRECT, now);
    }

    /// Learns from how an attempt ended. The ticket of a key that has left the pool meanwhile, or
    /// has another secret now, teaches nothing about the key.
    pub fn settle_via(
        &mut self,
        ticket: Ticket,
        outcome: &Outcome,
        egress: EgressId,
        now: Timestamp,
    ) {
        let moment = self.moment(now);
        self.stir();
        self.catch_up(&ticket.model, moment);
        self.account(&ticket, Fate::of(outcome), outcome.is_success(), moment);
        let slot = KeySlot(ticket.slot);
        let was_shut = self.learn_of_all(&ticket, outcome, egress, now);
        let Some(key) = self.roster.end(slot, ticket.generation) else { return };
        let project = key.project;
        key.note(outcome, now);
        let is_proven = key.counters.served > 0;
        let breaks_often = key.broken_links >= self.policy.max_failures.max(1);
        let victim = Victim { key: slot, generation: ticket.generation, at: now, is_proven };
        let Ticket { serial, model, attempt, .. } = ticket;
        match outcome {
            Outcome::Served { .. } | Outcome::Empty { .. } => self.forgive(&model, project, slot),
            Outcome::KeyDead(reason) => self.bury(victim, *reason, egress, serial),
            Outcome::QuotaSpent(spent) => {
                self.spend(&model, project, spent, now);
                self.learn_limit(&model, project, spent, attempt.tokens, moment);
            }
            Outcome::ModelBusy => {
                let failure = self.failure(AvoidedFor::ModelBusy, serial);
                self.avoid_for_model(&model, slot, failure, now);
            }
            Outcome::KeyRefused => self.avoid_key(slot, AvoidedFor::KeyRefused, serial, now),
            Outcome::LinkBroken(Phase::FirstByte) => self.mute(victim, egress, serial),
            Outcome::LinkBroken(Phase::Connect | Phase::Tls) => {}
            Outcome::LinkBroken(_) if breaks_often => {
                self.avoid_key(slot, AvoidedFor::LinkBroken, serial, now);
            }
            _ => {}
        }
        self.learn_of_model(&model, slot, serial, outcome, now);
        if was_shut {
            self.stir();
        }
    }

    /// The answer to an attempt has begun. Nobody need tell; but those who do let the pool trust a
    /// new key sooner, and know how fast it is.
    pub fn answered(&mut self, ticket: &mut Ticket, now: Timestamp) {
        ticket.answered.get_or_insert(now);
        let slot = KeySlot(ticket.slot);
        if self.roster.key(slot).is_some_and(|key| key.generation == ticket.generation) {
            self.roster.trust(slot);
        }
    }

    /// Takes a lease back that was not used at all.
    #[expect(clippy::needless_pass_by_value, reason = "a ticket settles once")]
    pub fn give_back(&mut self, ticket: Ticket, now: Timestamp) {
        let moment = self.moment(now);
        self.stir();
        self.catch_up(&ticket.model, moment);
        self.account(&ticket, Fate::Unused, false, moment);
        let unused = Outcome::Cancelled { usage: Usage::default() };
        let slot = KeySlot(ticket.slot);
        self.learn_of_all(&ticket, &unused, EgressId::DIRECT, now);
        self.learn_of_model(&ticket.model, slot, ticket.serial, &unused, now);
        self.roster.end(slot, ticket.generation);
    }

    /// Whether a way out works as far as is known, or from when on it may be tried again.
    pub fn egress_shut(&self, egress: EgressId, now: Timestamp) -> Option<Timestamp> {
        match self.blame.egress_gate(egress, now) {
            Gate::Open | Gate::Probe => None,
            Gate::Shut(until) => Some(until),
        }
    }

    /// What an outcome says of Google as a whole, and of the way there.
    fn learn_of_all(
        &mut self,
        ticket: &Ticket,
        outcome: &Outcome,
        egress: EgressId,
        now: Timestamp,
    ) -> bool {
        let signs = Signs::of(outcome);
        let tripping = self.tripping();
        let key = KeySlot(ticket.slot);
        self.blame.learn(egress, signs, ticket.serial, key, tripping, now)
    }

    /// What an outcome says of its model.
    fn learn_of_model(
        &mut self,
        model: &str,
        key: KeySlot,
        serial: u64,
        outcome: &Outcome,
        now: Timestamp,
    ) {
        let tripping = self.tripping();
        if let Some(lane) = self.lanes.own(model) {
            let sign = Signs::of(outcome).model;
            follow(&mut lane.breaker, sign, serial, key, tripping, now);
        }
    }

    fn tripping(&self) -> Tripping {
        let failures = match self.policy.trip_after {
            0 => u32::MAX,
            failures => failures,
        };
        Tripping { failures, keys: self.roster.headcount().usable(), backoff: self.policy.probes }
    }

    /// A key was refused for good. Too many at once are not believed: they are only avoided.
    fn bury(&mut self, victim: Victim, reason: DeathReason, egress: EgressId, serial: u64) {
        let tripping = self.tripping();
        let Some(victims) = self.blame.die(egress, victim, self.policy.doubt_deaths, tripping)
        else {
            let is_alive = self.roster.key(victim.key).is_some_and(|key| !key.health.is_dead());
            if is_alive {
                self.set_health(victim.key, Health::Dead { reason, since: victim.at });
            }
            return;
        };
        for one in victims {
            let key = self.roster.key(one.key).filter(|key| key.generation == one.generation);
            let Some(key) = key else { continue };
            if key.health.is_dead() {
                self.set_health(one.key, Health::Alive);
            }
            self.avoid_key(one.key, AvoidedFor::KeyRefused, serial, victim.at);
        }
    }

    /// A key has not begun to answer in time. If many have not, it is not their fault.
    fn mute(&mut self, victim: Victim, egress: EgressId, serial: u64) {
        let keys = self.roster.headcount().usable();
        match self.blame.fall_mute(egress, victim, keys) {
            None => self.avoid_key(victim.key, AvoidedFor::Mute, serial, victim.at),
            Some(victims) => {
                for one in victims {
                    self.wide.forget_key(one.key);
                    self.roster.change(one.key, |key| key.broken_links = 0);
                    self.refresh_usability(one.key);
                }
            }
        }
    }

    /// Corrects what was counted for an attempt, now that it has ended.
    fn account(&mut self, ticket: &Ticket, fate: Fate, is_served: bool, moment: Moment) {
        let Self { roster, wide, lanes, policy, .. } = self;
        let project = ticket.project;
        let is_here = |project: &Project| project.generation == ticket.project_generation;
        if !roster.project(project).is_some_and(is_here) {
            return;
        }
        let lane = if is_served {
            lanes.own_or_new(&ticket.model, policy.max_models)
        } else {
            lanes.own(&ticket.model)
        };
        let Some(lane) = lane else { return };
        let attempt = ticket.attempt;
        let Some(cell) = lane.settle(project, attempt, fate, moment, roster) else { return };
        let mut is_raised = false;
        if is_served {
            let answered = ticket.answered.unwrap_or(moment.now);
            cell.note_latency(answered.saturating_since(attempt.began));
            is_raised = attempt.reservation.is_some_and(|one| one.is_probe) && cell.raise(moment);
        }
        lane.refill(project, moment, roster, wide);
        if is_raised {
            self.note_limits(&ticket.model, project);
        }
    }

    /// Learns the size of a quota that is spent.
    fn learn_limit(
        &mut self,
        model: &Arc<str>,
        project: ProjectSlot,
        spent: &QuotaSpent,
        tokens: u64,
        moment: Moment,
    ) {
        if spent.scope != Scope::Model || place(spent.window).is_none() {
            return;
        }
        let Self { roster, wide, lanes, policy, .. } = self;
        let Some(lane) = lanes.own(model) else { return };
        let block = lane.setbacks.block(project).map(|block| block.until);
        let until = block.unwrap_or(moment.now + Duration::from_mins(1));
        let Some(cell) = lane.quotas.touch(model, project, roster) else { return };
        let uncounted = roster.in_flight(project).saturating_sub(cell.reserved.into());
        let is_news = cell.spend(spent, until, tokens, uncounted, policy, moment);
        lane.refill(project, moment, roster, wide);
        if is_news {
            self.note_limits(model, project);
        }
    }

    /// Notes for the store what Google has said of a cell's limits.
    pub(crate) fn note_limits(&mut self, model: &Arc<str>, project: ProjectSlot) {
        let Self { roster, lanes, journal, .. } = self;
        let (Some(project_name), Some(limits)) = (
            roster.project(project).map(|project| project.domain.clone()),
            lanes.at(model).quotas.get(project).and_then(Cell::limits),
        ) else {
            return;
        };
        let name = CellName { domain: project_name, model: Some(model.clone()) };
        for (window, _, limit) in limits.known() {
            if let Some(known) = limit.learned {
                journal.note_limit(name.clone(), window, known);
            }
        }
    }

    /// Makes a dead key usable again, and forgets why it was avoided. Spent quotas stay spent.
    pub fn revive(&mut self, key: &KeyId, _now: Timestamp) {
        self.stir();
        if let Some(slot) = self.roster.key_slot(key) {
            self.revive_slot(slot);
        }
    }

    pub(crate) fn revive_slot(&mut self, slot: KeySlot) {
        if self.roster.key(slot).is_some_and(|key| key.health.is_dead()) {
            self.set_health(slot, Health::Alive);
        }
        self.roster.change(slot, |key| {
            key.broken_links = 0;
            key.has_answered = false;
        });
        self.forget_avoidances(slot);
    }

    /// Forgets wherever a key is avoided.
    pub(crate) fn forget_avoidances(&mut self, slot: KeySlot) {
        let mut was_avoided = self.wide.forget_key(slot);
        for lane in self.lanes.all() {
            was_avoided |= lane.setbacks.forget_key(slot);
        }
        if was_avoided {
            self.refresh_usability(slot);
        }
    }

    /// Changes whether a key is alive, and notes it for the store.
    pub(crate) fn set_health(&mut self, slot: KeySlot, health: Health) {
        self.roster.change(slot, |key| key.health = health);
        if let Some(key) = self.roster.key(slot) {
            self.journal.note_health(&key.spec.id, health);
        }
        self.refresh_usability(slot);
    }

    /// Makes room in every lane for a key that has become usable or unusable.
    pub(crate) fn refresh_usability(&mut self, slot: KeySlot) {
        let Some(key) = self.roster.key(slot) else { return };
        for lane in self.lanes.all() {
            lane.refresh(key.project, &self.roster, &self.wide);
        }
    }

    /// Makes room for a change that concerns every project.
    pub(crate) fn refresh_everything(&mut self) {
        let Self { roster, wide, lanes, .. } = self;
        for lane in lanes.all() {
            for project in roster.project_slots() {
                lane.refresh(project, roster, wide);
            }
        }
    }

    /// Makes room for other declared limits, in every cell there is.
    pub(crate) fn apply_declared(&mut self, now: Timestamp) {
        let moment = self.moment(now);
        let Self { roster, wide, lanes, .. } = self;
        for lane in lanes.owned_mut() {
            let Some(model) = lane.model().cloned() else { continue };
            let mut projects = Vec::new();
            for (project, cell) in lane.quotas.all_mut() {
                cell.declare(roster.declared_for(project, &model));
                projects.push(project);
            }
            for project in projects {
                lane.refill(project, moment, roster, wide);
            }
        }
    }

    /// Blocks a project by something that was learned elsewhere. Answers whether that is news.
    pub(crate) fn extend(
        &mut self,
        project: ProjectSlot,
        model: Option<&Arc<str>>,
        block: Block,
    ) -> bool {
        self.change_setbacks(model, project, |setbacks| setbacks.extend(project, block))
    }

    fn spend(
        &mut self,
        model: &Arc<str>,
        project: ProjectSlot,
        spent: &QuotaSpent,
        now: Timestamp,
    ) {
        let model = match spent.scope {
            Scope::Model => Some(model),
            Scope::Project => None,
        };
        let policy = self.policy.clone();
        let learn = |setbacks: &mut Setbacks| setbacks.spend(project, spent, &policy, now);
        if !self.change_setbacks(model, project, learn) {
            return;
        }
        let setbacks = match model {
            Some(model) => self.lanes.own(model).map(|lane| &lane.setbacks),
            None => Some(&self.wide),
        };
        if let Some(block) = setbacks.and_then(|setbacks| setbacks.block(project))
            && let Some(project) = self.roster.project(project)
        {
            let name = CellName { domain: project.domain.clone(), model: model.cloned() };
            self.journal.note_block(name, block);
        }
    }

    /// Changes what is known of a project for one model, or for all, and makes room for it.
    /// Answers what the change answers: whether a block is new or longer.
    fn change_setbacks(
        &mut self,
        model: Option<&Arc<str>>,
        project: ProjectSlot,
        change: impl FnOnce(&mut Setbacks) -> bool,
    ) -> bool {
        let Self { roster, wide, lanes, policy, .. } = self;
        let Some(model) = model else {
            let changed = change(wide);
            if changed {
                cool(roster, project, wide);
                lanes.all().for_each(|lane| lane.refresh(project, roster, wide));
            }
            return changed;
        };
        let Some(lane) = lanes.own_or_new(model, policy.max_models) else { return false };
        let changed = change(&mut lane.setbacks);
        if changed {
            cool(roster, project, &lane.setbacks);
            lane.refresh(project, roster, wide);
        }
        changed
    }

    fn failure(&self, why: AvoidedFor, serial: u64) -> Failure {
        Failure { why, backoff: self.patience(why), serial, next_serial: self.next_serial }
    }

    fn patience(&self, why: AvoidedFor) -> Backoff {
        match why {
            AvoidedFor::ModelBusy => self.policy.busy_model,
            AvoidedFor::KeyRefused => self.policy.refused_key,
            AvoidedFor::LinkBroken => self.policy.broken_link,
            AvoidedFor::Mute => self.policy.mute_key,
        }
    }

    fn avoid_for_model(
        &mut self,
        model: &Arc<str>,
        key: KeySlot,
        failure: Failure,
        now: Timestamp,
    ) {
        let Some(project) = self.roster.key(key).map(|key| key.project) else { return };
        if let Some(lane) = self.lanes.own_or_new(model, self.policy.max_models) {
            lane.setbacks.avoid(key, failure, now);
            lane.refresh(project, &self.roster, &self.wide);
        }
    }

    fn avoid_key(&mut self, key: KeySlot, why: AvoidedFor, serial: u64, now: Timestamp) {
        let failure = self.failure(why, serial);
        self.wide.avoid(key, failure, now);
        self.refresh_usability(key);
    }

    fn forgive(&mut self, model: &str, project: ProjectSlot, key: KeySlot) {
        let Self { roster, wide, lanes, .. } = self;
        if !wide.is_empty() && wide.forgive(project, key) {
            lanes.all().for_each(|lane| lane.refresh(project, roster, wide));
        }
        if let Some(lane) = lanes.own(model) {
            if lane.setbacks.forgive(project, key) {
                lane.refresh(project, roster, wide);
            }
            lanes.tidy(model);
        }
    }
}

fn cool(roster: &mut Roster, project: ProjectSlot, setbacks: &Setbacks) {
    if let Some(block) = setbacks.block(project) {
        roster.cool(project, block.until);
    }
}

#[cfg(test)]
mod tests;

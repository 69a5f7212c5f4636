//! The pool learns from how an attempt ended.

use std::sync::Arc;
use std::time::Duration;

use crate::block::Block;
use crate::cell::{Cell, Fate};
use crate::limits::place;
use crate::meter::Moment;
use crate::policy::Backoff;
use crate::roster::{KeySlot, Project, ProjectSlot, Roster};
use crate::setbacks::{Failure, Setbacks};
use crate::{
    AvoidedFor, CellName, Health, KeyId, Outcome, Pool, QuotaSpent, Scope, Ticket, Timestamp,
};

impl Pool {
    /// Learns from how an attempt ended. The ticket of a key that has left the pool meanwhile, or
    /// has another secret now, teaches nothing.
    pub fn settle(&mut self, ticket: Ticket, outcome: &Outcome, now: Timestamp) {
        let moment = self.moment(now);
        self.catch_up(&ticket.model, moment);
        self.account(&ticket, outcome, moment);
        let Ticket { slot, generation, serial, model, attempt, .. } = ticket;
        let slot = KeySlot(slot);
        let Some(key) = self.roster.end(slot, generation) else { return };
        let project = key.project;
        key.has_answered |= is_an_answer(outcome);
        match outcome {
            Outcome::ClientFault | Outcome::Cancelled { .. } => return,
            Outcome::Served { .. } | Outcome::Empty { .. } => {
                key.counters.served += 1;
                key.broken_links = 0;
                self.forgive(&model, project, slot);
                return;
            }
            Outcome::QuotaSpent(_) => key.counters.quota_spent += 1,
            Outcome::LinkBroken(_) => {
                key.counters.failed += 1;
                key.broken_links = key.broken_links.saturating_add(1);
            }
            _ => key.counters.failed += 1,
        }
        key.counters.last_failed = Some(now);
        let breaks_often = key.broken_links >= self.policy.max_failures.max(1);
        match outcome {
            Outcome::KeyDead(reason) if !key.health.is_dead() => {
                self.set_health(slot, Health::Dead { reason: *reason, since: now });
            }
            Outcome::QuotaSpent(spent) => {
                self.spend(&model, project, spent, now);
                self.learn_limit(&model, project, spent, attempt.tokens, moment);
            }
            Outcome::ModelBusy => {
                let failure = self.failure(AvoidedFor::ModelBusy, serial);
                self.avoid_for_model(&model, slot, failure, now);
            }
            Outcome::KeyRefused => {
                let failure = self.failure(AvoidedFor::KeyRefused, serial);
                self.avoid_everywhere(slot, failure, now);
            }
            Outcome::LinkBroken(_) if breaks_often => {
                let failure = self.failure(AvoidedFor::LinkBroken, serial);
                self.avoid_everywhere(slot, failure, now);
            }
            _ => {}
        }
    }

    /// Corrects what was counted for an attempt, now that it has ended.
    fn account(&mut self, ticket: &Ticket, outcome: &Outcome, moment: Moment) {
        let Self { roster, wide, lanes, policy, .. } = self;
        let project = ticket.project;
        let is_here = |project: &Project| project.generation == ticket.project_generation;
        if !roster.project(project).is_some_and(is_here) {
            return;
        }
        let is_served = matches!(outcome, Outcome::Served { .. } | Outcome::Empty { .. });
        let lane = if is_served {
            lanes.own_or_new(&ticket.model, policy.max_models)
        } else {
            lanes.own(&ticket.model)
        };
        let Some(lane) = lane else { return };
        let attempt = ticket.attempt;
        let Some(cell) = lane.settle(project, attempt, Fate::of(outcome), moment, roster) else {
            return;
        };
        let mut is_raised = false;
        if is_served {
            cell.note_latency(moment.now.saturating_since(attempt.began));
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
        let is_news = cell.spend(spent, until, tokens, policy, moment);
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

    fn avoid_everywhere(&mut self, key: KeySlot, failure: Failure, now: Timestamp) {
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

/// Whether Google answered through the key, whatever it said.
fn is_an_answer(outcome: &Outcome) -> bool {
    !matches!(outcome, Outcome::LinkBroken(_) | Outcome::Cancelled { .. } | Outcome::RegionRefused)
}

fn cool(roster: &mut Roster, project: ProjectSlot, setbacks: &Setbacks) {
    if let Some(block) = setbacks.block(project) {
        roster.cool(project, block.until);
    }
}

#[cfg(test)]
mod tests;

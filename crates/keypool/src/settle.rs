//! The pool learns from how an attempt ended.

use std::sync::Arc;

use crate::block::Block;
use crate::policy::Backoff;
use crate::roster::{KeySlot, ProjectSlot, Roster};
use crate::setbacks::{Failure, Setbacks};
use crate::{
    AvoidedFor, CellName, Health, KeyId, Outcome, Pool, QuotaSpent, Scope, Ticket, Timestamp,
};

impl Pool {
    /// Learns from how an attempt ended. The ticket of a key that has left the pool meanwhile, or
    /// has another secret now, teaches nothing.
    pub fn settle(&mut self, ticket: Ticket, outcome: &Outcome, now: Timestamp) {
        let Ticket { slot, generation, serial, model } = ticket;
        let slot = KeySlot(slot);
        self.catch_up(&model, now);
        let Some(key) = self.roster.end(slot, generation) else { return };
        let project = key.project;
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
            Outcome::QuotaSpent(spent) => self.spend(&model, project, spent, now),
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
        self.roster.change(slot, |key| key.broken_links = 0);
        self.forget_avoidances(slot);
    }

    /// Forgets wherever a key is avoided.
    pub(crate) fn forget_avoidances(&mut self, slot: KeySlot) {
        self.wide.forget_key(slot);
        for lane in self.lanes.all() {
            lane.setbacks.forget_key(slot);
            lane.refresh_key(slot, &self.roster, &self.wide);
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
            lane.refresh_release(key.project, &self.roster, &self.wide);
            lane.refresh_key(slot, &self.roster, &self.wide);
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
                lanes.all().for_each(|lane| lane.refresh_project(project, roster, wide));
            }
            return changed;
        };
        let Some(lane) = lanes.own_or_new(model, policy.max_models) else { return false };
        let changed = change(&mut lane.setbacks);
        if changed {
            cool(roster, project, &lane.setbacks);
            lane.refresh_project(project, roster, wide);
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
        if let Some(lane) = self.lanes.own_or_new(model, self.policy.max_models) {
            lane.setbacks.avoid(key, failure, now);
            lane.refresh_key(key, &self.roster, &self.wide);
        }
    }

    fn avoid_everywhere(&mut self, key: KeySlot, failure: Failure, now: Timestamp) {
        self.wide.avoid(key, failure, now);
        for lane in self.lanes.all() {
            lane.refresh_key(key, &self.roster, &self.wide);
        }
    }

    fn forgive(&mut self, model: &str, project: ProjectSlot, key: KeySlot) {
        let Self { roster, wide, lanes, .. } = self;
        if !wide.is_empty() && wide.forgive(project, key) {
            lanes.all().for_each(|lane| lane.refresh_key(key, roster, wide));
        }
        if let Some(lane) = lanes.own(model) {
            if lane.setbacks.forgive(project, key) {
                lane.refresh_key(key, roster, wide);
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

//! The pool learns from how an attempt ended.

use std::sync::Arc;

use crate::blame::Victim;
use crate::block::Block;
use crate::cell::Fate;
use crate::policy::Backoff;
use crate::roster::{KeySlot, ProjectSlot, Roster};
use crate::setbacks::{Failure, Setbacks};
use crate::{
    AvoidedFor, CellName, EgressId, Health, KeyId, Outcome, Phase, Pool, QuotaSpent, Scope, Ticket,
    Timestamp, Usage,
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
        self.ways.note(egress, &ticket, outcome, now);
        let was_down = self.blame.shut_since(egress).is_some();
        let was_shut = self.learn_of_all(&ticket, outcome, egress, now);
        if was_down && self.blame.shut_since(egress).is_none() {
            self.ways.note_up(egress, now);
        }
        self.conclude(&ticket, outcome, now);
        if outcome.is_success() {
            self.contradict(&ticket.model, slot, ticket.attempt.began);
        }
        self.guess(&ticket.model, moment);
        let Some(key) = self.roster.end(slot, ticket.generation) else { return };
        let project = key.project;
        key.note(outcome, now);
        if let Some(answered) = ticket.answered.filter(|_| outcome.is_success()) {
            let took = answered.saturating_since(ticket.attempt.began);
            key.speed.get_or_insert_default().note(took);
        }
        let is_proven = key.counters.served > 0;
        let breaks_often = key.broken_links >= self.policy.max_failures.max(1);
        let victim = Victim {
            key: slot,
            generation: ticket.generation,
            at: now,
            is_proven,
            next_serial: self.next_serial,
            is_suspect: false,
        };
        let Ticket { serial, model, attempt, .. } = ticket;
        match outcome {
            Outcome::Served { .. } | Outcome::Empty { .. } => self.forgive(&model, project, slot),
            Outcome::KeyDead(reason) => self.bury(victim, *reason, egress),
            Outcome::QuotaSpent(spent) => {
                self.spend(&model, project, spent, now);
                self.guesses.note_refusal(project, slot);
                self.learn_limit(&model, project, spent, attempt, moment);
            }
            Outcome::ModelBusy => {
                let failure = self.failure(AvoidedFor::ModelBusy, serial);
                self.avoid_for_model(&model, slot, failure, now);
            }
            Outcome::KeyRefused => self.avoid_key(slot, AvoidedFor::KeyRefused, serial, now),
            Outcome::LinkBroken(Phase::FirstByte | Phase::Idle) => {
                self.mute(victim, egress, serial);
            }
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

    /// The answer to an attempt has begun. Nobody need tell; but those who do let the pool know how
    /// fast the key is. It is trusted when the answer is whole: it may still fall silent.
    pub fn answered(&mut self, ticket: &mut Ticket, now: Timestamp) {
        ticket.answered.get_or_insert(now);
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
        self.conclude(&ticket, &unused, now);
        self.learn_of_model(&ticket.model, slot, ticket.serial, &unused, now);
        self.roster.end(slot, ticket.generation);
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

    pub(crate) fn avoid_key(&mut self, key: KeySlot, why: AvoidedFor, serial: u64, now: Timestamp) {
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

//! What an outcome says beyond its own key: of its model, the way out, and Google as a whole.

use crate::blame::{Signs, Victim, follow};
use crate::breaker::{Gate, Tripping};
use crate::roster::KeySlot;
use crate::{AvoidedFor, DeathReason, EgressId, Health, Outcome, Pool, Ticket, Timestamp};

impl Pool {
    /// Whether a way out works as far as is known, or from when on it may be tried again.
    pub fn egress_shut(&self, egress: EgressId, now: Timestamp) -> Option<Timestamp> {
        match self.blame.egress_gate(egress, now) {
            Gate::Open | Gate::Probe => None,
            Gate::Shut(until) => Some(until),
        }
    }

    /// What an outcome says of Google as a whole, and of the way there.
    pub(crate) fn learn_of_all(
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
    pub(crate) fn learn_of_model(
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

    /// A key was refused for good, and is out at once. That many are at the same time is noted.
    pub(crate) fn bury(&mut self, victim: Victim, reason: DeathReason, egress: EgressId) {
        self.blame.die(egress, victim, self.policy.suspect_deaths);
        self.declare_dead(victim.key, reason, victim.at);
    }

    /// Takes a key out, unless it is out already: the first reason and time count.
    pub(crate) fn declare_dead(&mut self, slot: KeySlot, reason: DeathReason, since: Timestamp) {
        if self.roster.key(slot).is_some_and(|key| !key.health.is_dead()) {
            self.set_health(slot, Health::Dead { reason, since });
        }
    }

    /// A key has not begun to answer in time. If many have not, it is not their fault.
    pub(crate) fn mute(&mut self, victim: Victim, egress: EgressId, serial: u64) {
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
}

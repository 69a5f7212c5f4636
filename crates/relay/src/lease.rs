//! A lease that always settles: by an outcome, or as cancelled when it is dropped.

use std::sync::{Arc, MutexGuard};

use keypool::{ChosenFor, Credential, EgressId, Lease, Outcome, Platform, Pool, Ticket, Usage};

use crate::clock;
use crate::gateway::Gateway;
use crate::trail::AttemptNumber;

/// A key in use for one attempt.
pub(crate) struct Held {
    gateway: Arc<Gateway>,
    /// Whose pool gave the key.
    platform: Platform,
    ticket: Option<Ticket>,
    /// Which key.
    pub(crate) key: Arc<Credential>,
    /// Why this key.
    pub(crate) chosen_for: ChosenFor,
    /// The way out that the attempt takes.
    pub(crate) egress: EgressId,
    /// Which attempt of the request it is.
    pub(crate) number: AttemptNumber,
    /// What was used so far, in case the client leaves.
    pub(crate) usage: Usage,
}

impl Held {
    pub(crate) fn new(gateway: &Arc<Gateway>, platform: Platform, lease: Lease) -> Self {
        let Lease { ticket, key, chosen_for } = lease;
        Self {
            gateway: Arc::clone(gateway),
            platform,
            ticket: Some(ticket),
            key,
            chosen_for,
            egress: EgressId::DIRECT,
            number: AttemptNumber::default(),
            usage: Usage::default(),
        }
    }

    /// Takes the way out that is best of those preferred.
    pub(crate) fn route(&mut self, preferred: &[EgressId]) {
        let Some(ticket) = &self.ticket else { return };
        let way = self.pool().route(ticket, preferred, clock::now());
        self.egress = way.unwrap_or(self.egress);
    }

    /// The answer has begun.
    pub(crate) fn answered(&mut self) {
        if let Some(ticket) = self.ticket.as_mut() {
            self.gateway.pool(self.platform).answered(ticket, clock::now());
        }
    }

    /// Tells the pool how the attempt ended.
    pub(crate) fn settle(mut self, outcome: &Outcome) {
        self.settle_once(outcome);
    }

    /// The key was not used at all.
    pub(crate) fn give_back(mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.pool().give_back(ticket, clock::now());
        }
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.gateway.pool(self.platform)
    }

    fn settle_once(&mut self, outcome: &Outcome) {
        let Some(ticket) = self.ticket.take() else { return };
        let somebody_waits = {
            let mut pool = self.pool();
            pool.settle_via(ticket, outcome, self.egress, clock::now());
            pool.waiters() > 0
        };
        if somebody_waits {
            self.gateway.turns.stir();
        }
        self.gateway.metrics.attempt(outcome.label());
        if teaches(outcome) {
            self.gateway.learned.notify_one();
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let usage = self.usage;
        self.settle_once(&Outcome::Cancelled { usage });
    }
}

/// Whether the pool may have learned something that must survive a restart.
fn teaches(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::KeyDead(_) | Outcome::QuotaSpent(_))
}

//! Sending one attempt; and, where the settings allow it, a second one beside it when the first
//! takes longer than nearly all others do. The first that answers is taken, the other is cancelled.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use keypool::{EgressId, Tried};
use tokio::time::Instant;
use upstream::{Answer, Broken, Call, Client, Payload};

use super::{Attempts, Plan};
use crate::clock;
use crate::fingerprint;
use crate::lease::Held;
use crate::trail::Chosen;

/// What came of sending an attempt.
type Sent = (Held, Result<Answer, Broken>);

/// An attempt that is under way.
pub(super) type Rival<'a> = Pin<Box<dyn Future<Output = Sent> + Send + 'a>>;

impl<'a> Attempts<'a> {
    /// Sends an attempt. Of two that run side by side, gives out the one that has answered or
    /// failed first; one that still runs when the other has failed becomes the rival.
    pub(super) async fn call(&mut self, mut held: Held) -> Sent {
        self.begin(&mut held, false);
        let may_hedge = self.exchange.gateway.hedging.is_on() && self.plan.repeatable;
        let Some(model) = self.plan.model.filter(|_| may_hedge) else {
            return self.send(held).await;
        };
        let running = Tried { key: held.key.id.clone(), avoid_project: true };
        let first: Rival<'a> = Box::pin(self.send(held));
        Box::pin(self.beside(first, running, model)).await
    }

    /// An attempt on its way to Google.
    fn send(&self, held: Held) -> impl Future<Output = Sent> + Send + use<'a> {
        let client = Arc::clone(&self.exchange.client);
        let (body, headers) = (self.body.clone(), self.headers.clone());
        send(client, self.plan, body, headers, held, self.deadline)
    }

    async fn beside(&mut self, mut first: Rival<'a>, running: Tried, model: &str) -> Sent {
        let gateway = Arc::clone(&self.exchange.gateway);
        let streamed = self.exchange.entry.is_streamed();
        let began = Instant::now();
        let learn = |sent: &Sent, began: Instant| {
            if has_answered(sent) {
                gateway.hedging.note(model, streamed, began.elapsed());
            }
        };
        let slow = gateway.hedging.request(model, streamed, began);
        let sent = tokio::select! {
            sent = &mut first => Some(sent),
            () = after(slow) => None,
        };
        if let Some(sent) = sent {
            learn(&sent, began);
            return sent;
        }
        let Some(mut second) = self.hedge(running) else {
            let sent = first.await;
            learn(&sent, began);
            return sent;
        };
        let hedged = Instant::now();
        let (sent, began, other) = tokio::select! {
            sent = &mut first => (sent, began, second),
            sent = &mut second => (sent, hedged, first),
        };
        learn(&sent, began);
        if !has_answered(&sent) {
            self.rival = Some(other);
        }
        sent
    }

    /// One more attempt, with a key of another project that has quota to spare.
    fn hedge(&mut self, running: Tried) -> Option<Rival<'a>> {
        let gateway = Arc::clone(&self.exchange.gateway);
        self.tried.push(running);
        let lease = gateway.pool(self.exchange.platform).admit_spare(&self.ask(), clock::now());
        self.tried.pop();
        let mut held = Held::new(&gateway, self.exchange.platform, lease?);
        if !gateway.hedging.may_hedge(Instant::now()) {
            held.give_back();
            return None;
        }
        gateway.metrics.hedge();
        self.begin(&mut held, true);
        Some(Box::pin(self.send(held)))
    }

    /// Chooses the way out, and writes the attempt down.
    pub(super) fn begin(&mut self, held: &mut Held, hedge: bool) {
        let client = &self.exchange.client;
        if let Some(way) = self.exchange.way {
            held.egress = way;
        } else if client.only_egress() == Some(EgressId::DIRECT) {
            held.egress = EgressId::DIRECT;
        } else {
            // The same way out for the same key, as long as that way works.
            let seed = fingerprint::egress_seed(&held.key.id, self.egress_shift);
            held.route(&bound_first(client.egresses(seed), held.key.egress));
        }
        let is_proxy = held.egress != EgressId::DIRECT;
        let egress = is_proxy.then(|| client.egress_name(held.egress).into_boxed_str());
        let (key, mask, why) = (&held.key.id, &held.key.mask, held.chosen_for);
        let chosen = Chosen { key, mask, why, hedge, egress };
        held.number = self.exchange.entry.attempt(chosen);
    }
}

/// The ways in their order, but the one that a key is bound to first, if there is such a way.
fn bound_first(mut ways: Vec<EgressId>, bound: Option<EgressId>) -> Vec<EgressId> {
    if let Some(bound) = bound {
        ways.sort_by_key(|way| *way != bound);
    }
    ways
}

fn has_answered((_, sent): &Sent) -> bool {
    sent.as_ref().is_ok_and(|answer| answer.status.is_success())
}

async fn after(delay: Option<Duration>) {
    match delay {
        Some(delay) => tokio::time::sleep(delay).await,
        None => std::future::pending().await,
    }
}

async fn send(
    client: Arc<Client>,
    plan: &Plan<'_>,
    body: Payload,
    own_headers: Option<Arc<HeaderMap>>,
    held: Held,
    deadline: Instant,
) -> Sent {
    let call = Call {
        method: plan.method,
        path_and_query: plan.path_and_query,
        headers: &plan.headers,
        own_headers: own_headers.as_deref(),
        key: &held.key.secret,
        egress: held.egress,
        body,
        deadline: Some(deadline),
    };
    let sent = client.send(call).await;
    (held, sent)
}

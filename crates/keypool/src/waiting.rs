//! Requests that wait for their turn: first come, first served for each client, and fair shares
//! between clients.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::map::Map;
use crate::{Admission, Ask, Bond, Lease, Pool, Timestamp, Tried};

/// Stands for a request that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaiterId(u64);

/// All requests that wait.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// By model, so that nobody waits behind a request for another model.
    lines: BTreeMap<Arc<str>, Line>,
    /// Where each waiter stands; whoever is not in here has left.
    places: Map<WaiterId, Arc<str>>,
    next_id: u64,
    /// Whose turn came while others were looked after: to be told by the next wake.
    served: Vec<(WaiterId, Lease)>,
    /// Whether something has happened that may let somebody go before a release is due.
    is_stirred: bool,
}

/// Those who wait for one model.
#[derive(Debug, Default)]
struct Line {
    /// Clients, in the order of their turns; each once.
    turns: VecDeque<Arc<str>>,
    waiters: Map<Arc<str>, VecDeque<Waiter>>,
    /// The nearest release that any of them was told of.
    next: Option<Timestamp>,
}

#[derive(Clone, Debug)]
struct Waiter {
    id: WaiterId,
    ask: OwnedAsk,
}

/// An [`Ask`] that outlives its request's stack.
#[derive(Clone, Debug)]
struct OwnedAsk {
    has_model: bool,
    tried: Vec<Tried>,
    tokens: u64,
    tags: Vec<String>,
    prefix: Option<u64>,
    bond: Option<Bond>,
}

impl OwnedAsk {
    fn of(ask: &Ask<'_>) -> Self {
        Self {
            has_model: ask.model.is_some(),
            tried: ask.tried.to_vec(),
            tokens: ask.tokens,
            tags: ask.tags.to_vec(),
            prefix: ask.prefix,
            bond: ask.bond.cloned(),
        }
    }

    fn ask<'a>(&'a self, model: &'a str) -> Ask<'a> {
        Ask {
            model: self.has_model.then_some(model),
            tried: &self.tried,
            tokens: self.tokens,
            tags: &self.tags,
            prefix: self.prefix,
            bond: self.bond.as_ref(),
        }
    }
}

impl Pool {
    /// Lets a request wait that [`admit`](Self::admit) told to. `client` is whoever shall have a
    /// fair share: usually the name of a client token. The request goes ahead when
    /// [`wake`](Self::wake) names it; whoever cannot wait any longer calls
    /// [`cancel`](Self::cancel).
    pub fn enqueue(&mut self, client: &str, ask: &Ask<'_>, now: Timestamp) -> WaiterId {
        let model: Arc<str> = ask.model.unwrap_or_default().into();
        let waiting = &mut self.waiting;
        let id = WaiterId(waiting.next_id);
        waiting.next_id += 1;
        waiting.places.insert(id, model.clone());
        let line = waiting.lines.entry(model.clone()).or_default();
        line.push(client, Waiter { id, ask: OwnedAsk::of(ask) });
        // It may go at once, and knows otherwise when to be looked at again.
        self.serve_line(&model, now);
        id
    }

    /// Whom it is the turn of now, each with what it was given. To be called when
    /// [`next_wake`](Self::next_wake) says so, which changes with every call of the pool.
    pub fn wake(&mut self, now: Timestamp) -> Vec<(WaiterId, Lease)> {
        self.waiting.is_stirred = false;
        let models: Vec<_> = self.waiting.lines.keys().cloned().collect();
        for model in models {
            self.serve_line(&model, now);
        }
        std::mem::take(&mut self.waiting.served)
    }

    /// When [`wake`](Self::wake) should be called next; a moment in the past means at once.
    /// `None` while nobody waits.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let waiting = &self.waiting;
        if !waiting.served.is_empty() || (waiting.is_stirred && !waiting.lines.is_empty()) {
            return Some(Timestamp::MIN);
        }
        waiting.lines.values().filter_map(|line| line.next).min()
    }

    /// How many requests wait.
    pub fn waiters(&self) -> usize {
        self.waiting.places.len()
    }

    /// A request does not wait any longer. What it was given meanwhile is given back.
    pub fn cancel(&mut self, id: WaiterId, now: Timestamp) {
        let waiting = &mut self.waiting;
        if let Some(model) = waiting.places.remove(&id) {
            if let Some(line) = waiting.lines.get_mut(&model) {
                line.remove(id);
                if line.turns.is_empty() {
                    waiting.lines.remove(&model);
                }
            }
            return;
        }
        if let Some(index) = waiting.served.iter().position(|(served, _)| *served == id) {
            let (_, lease) = waiting.served.swap_remove(index);
            self.give_back(lease.ticket, now);
        }
    }

    /// Something has happened that may let somebody go.
    pub(crate) fn stir(&mut self) {
        self.waiting.is_stirred = true;
    }

    /// Serves those who wait for a model, as far as there is anything to give.
    pub(crate) fn serve_line(&mut self, model: &str, now: Timestamp) {
        let Some((name, mut line)) = self.waiting.lines.remove_entry(model) else { return };
        line.next = None;
        let mut turn = 0;
        while let Some(waiter) = line.first_of(turn) {
            match self.admit_now(&waiter.ask.ask(model), now) {
                Admission::Granted(lease) => {
                    self.waiting.places.remove(&waiter.id);
                    self.waiting.served.push((waiter.id, lease));
                    line.advance(turn);
                    continue;
                }
                Admission::Wait { until, census, .. } => {
                    line.next = Some(line.next.map_or(until, |next| next.min(until)));
                    if census.ready == 0 {
                        break;
                    }
                }
                Admission::Refused { .. } => {}
            }
            turn += 1;
        }
        if !line.turns.is_empty() {
            self.waiting.lines.insert(name, line);
        }
    }

    /// Whether anybody waits for a model.
    pub(crate) fn has_line(&self, model: &str) -> bool {
        !self.waiting.lines.is_empty() && self.waiting.lines.contains_key(model)
    }
}

impl Line {
    fn push(&mut self, client: &str, waiter: Waiter) {
        if let Some(waiters) = self.waiters.get_mut(client) {
            waiters.push_back(waiter);
            return;
        }
        let client: Arc<str> = client.into();
        self.turns.push_back(client.clone());
        self.waiters.insert(client, VecDeque::from([waiter]));
    }

    /// The first request of the client that has this place in the order.
    fn first_of(&self, turn: usize) -> Option<Waiter> {
        self.waiters.get(self.turns.get(turn)?)?.front().cloned()
    }

    /// A client has had its turn: it goes to the end, or out if it has no more requests.
    fn advance(&mut self, turn: usize) {
        let Some(client) = self.turns.remove(turn) else { return };
        let Some(waiters) = self.waiters.get_mut(&client) else { return };
        waiters.pop_front();
        if waiters.is_empty() {
            self.waiters.remove(&client);
        } else {
            self.turns.push_back(client);
        }
    }

    fn remove(&mut self, id: WaiterId) {
        for waiters in self.waiters.values_mut() {
            waiters.retain(|waiter| waiter.id != id);
        }
        self.waiters.retain(|_, waiters| !waiters.is_empty());
        self.turns.retain(|client| self.waiters.contains_key(client));
    }
}

#[cfg(test)]
mod tests;

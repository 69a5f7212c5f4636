//! Random lives of a pool, compared at every step with a plain model of what was promised.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use keypool::{
    Admission, Ask, Census, DeathReason, Domain, KeyId, KeySpec, KeyState, Learned, Outcome, Phase,
    Policy, Pool, QuotaSpent, Refusal, Scope, Subject, Ticket, Timestamp, Tried, Usage, Window,
    next_pacific_midnight,
};
use proptest::prelude::*;
use secret::PoolKey;

const KEYS: usize = 8;
const MODELS: [&str; 3] = ["flash", "pro", ""];
/// Half an hour before the day that falls back begins in Los Angeles.
const START: Timestamp = Timestamp::from_millis(1_793_514_600_000);

/// The plain model shuts nothing.
fn policy(seed: u64) -> Policy {
    Policy { seed, trip_after: 0, ..Policy::default() }
}

/// Keys 0 to 2 and 3 to 4 share a project each; the last one is of a higher tier.
fn spec(key: usize, enabled: bool) -> KeySpec {
    let secret = Arc::new(PoolKey::parse(&format!("AIzaSyMACHINEMACHINE{key}")).unwrap());
    let project = match key {
        0..=2 => Some("p".to_owned()),
        3..=4 => Some("q".to_owned()),
        _ => None,
    };
    let tier = u8::from(key + 1 == KEYS);
    KeySpec { project, enabled, tier, ..KeySpec::new(id(key), secret) }
}

fn id(key: usize) -> KeyId {
    KeyId::new(format!("k{key}"))
}

fn key_of(id: &KeyId) -> usize {
    id.as_str()[1..].parse().unwrap()
}

fn domain(key: usize) -> Domain {
    spec(key, true)
        .project
        .map_or_else(|| Domain::Key(id(key)), |name| Domain::Project(name.into()))
}

#[derive(Clone, Debug)]
enum Event {
    Ask { model: usize, tried: BTreeSet<usize>, avoid_project: bool },
    Settle { ticket: usize, outcome: Ending },
    Wait(Duration),
    Tick,
    SetEnabled(usize, bool),
    Remove(usize),
    Revive(usize),
    Restart,
}

#[derive(Clone, Debug)]
enum Ending {
    Plain(Outcome),
    Spent { window: Window, scope: Scope, after: Option<Duration> },
}

fn endings() -> impl Strategy<Value = Ending> {
    let usage = Usage::default();
    let plain = prop_oneof![
        4 => Just(Outcome::Served { usage }),
        1 => Just(Outcome::Empty { usage }),
        1 => Just(Outcome::ClientFault),
        1 => Just(Outcome::KeyDead(DeathReason::Leaked)),
        2 => Just(Outcome::ModelBusy),
        1 => Just(Outcome::KeyRefused),
        1 => Just(Outcome::RegionRefused),
        3 => Just(Outcome::LinkBroken(Phase::Cut)),
        1 => Just(Outcome::Cancelled { usage }),
    ];
    let after = prop_oneof![
        1 => Just(None),
        3 => (0u64..90_000).prop_map(|millis| Some(Duration::from_millis(millis))),
    ];
    let scope = prop_oneof![3 => Just(Scope::Model), 1 => Just(Scope::Project)];
    let spent = (proptest::sample::select(Window::ALL), scope, after)
        .prop_map(|(window, scope, after)| Ending::Spent { window, scope, after });
    prop_oneof![2 => plain.prop_map(Ending::Plain), 1 => spent]
}

fn events() -> impl Strategy<Value = Event> {
    let wait = prop_oneof![
        8 => 1u64..40_000,
        1 => 40_000u64..3_600_000,
        1 => 3_600_000u64..100_000_000,
    ];
    let tried = prop_oneof![
        2 => Just(BTreeSet::new()),
        1 => proptest::collection::btree_set(0..KEYS, 1..KEYS),
    ];
    prop_oneof![
        12 => (0..MODELS.len(), tried, any::<bool>())
            .prop_map(|(model, tried, avoid_project)| Event::Ask { model, tried, avoid_project }),
        12 => (any::<usize>(), endings())
            .prop_map(|(ticket, outcome)| Event::Settle { ticket, outcome }),
        4 => wait.prop_map(|millis| Event::Wait(Duration::from_millis(millis))),
        1 => Just(Event::Tick),
        2 => (0..KEYS, any::<bool>()).prop_map(|(key, enabled)| Event::SetEnabled(key, enabled)),
        1 => (0..KEYS).prop_map(Event::Remove),
        2 => (0..KEYS).prop_map(Event::Revive),
        1 => Just(Event::Restart),
    ]
}

/// A ticket, and what it was made for.
struct Held {
    ticket: Ticket,
    key: usize,
    /// Which of the key's stays in the pool it belongs to.
    stay: u32,
    model: usize,
}

/// The pool beside the plain model.
struct Machine {
    pool: Pool,
    now: Timestamp,
    store: BTreeMap<Subject, Learned>,
    held: Vec<Held>,
    /// Present keys, and whether they are enabled.
    keys: BTreeMap<usize, bool>,
    stays: [u32; KEYS],
    dead: BTreeSet<usize>,
    /// By domain and model; `None` for all models.
    blocks: BTreeMap<(Domain, Option<&'static str>), Timestamp>,
}

impl Machine {
    fn new() -> Self {
        let mut machine = Self {
            pool: Pool::new(policy(0)),
            now: START,
            store: BTreeMap::new(),
            held: Vec::new(),
            keys: (0..KEYS).map(|key| (key, true)).collect(),
            stays: [0; KEYS],
            dead: BTreeSet::new(),
            blocks: BTreeMap::new(),
        };
        machine.sync();
        machine
    }

    fn sync(&mut self) {
        let keys = self.keys.iter().map(|(key, enabled)| spec(*key, *enabled)).collect();
        self.pool.sync(keys, self.now);
    }

    fn is_usable(&self, key: usize) -> bool {
        self.keys.get(&key) == Some(&true) && !self.dead.contains(&key)
    }

    /// When a key's block for a model is over, if it is not yet.
    fn blocked_until(&self, key: usize, model: usize) -> Option<Timestamp> {
        [Some(MODELS[model]), None]
            .into_iter()
            .filter_map(|model| self.blocks.get(&(domain(key), model)).copied())
            .filter(|until| *until > self.now)
            .max()
    }

    fn is_ready(&self, key: usize, model: usize) -> bool {
        self.is_usable(key) && self.blocked_until(key, model).is_none()
    }

    fn census(&self, model: usize) -> Census {
        let disabled = self.keys.values().filter(|enabled| !**enabled).count();
        let usable = (0..KEYS).filter(|key| self.is_usable(*key)).count();
        let ready = (0..KEYS).filter(|key| self.is_ready(*key, model)).count();
        Census {
            total: self.keys.len(),
            disabled,
            dead: self.keys.len() - disabled - usable,
            blocked: usable - ready,
            ready,
        }
    }

    fn ask(&mut self, model: usize, tried: &BTreeSet<usize>, avoid_project: bool) {
        let met: Vec<_> = tried.iter().map(|key| Tried { key: id(*key), avoid_project }).collect();
        let ask = Ask { tried: &met, ..Ask::new(Some(MODELS[model])) };
        let expected = self.census(model);
        let candidates: BTreeSet<_> =
            (0..KEYS).filter(|key| self.is_ready(*key, model) && !tried.contains(key)).collect();
        let release = (0..KEYS)
            .filter(|key| self.is_usable(*key))
            .filter_map(|key| self.blocked_until(key, model))
            .min();
        match self.pool.admit(&ask, self.now) {
            Admission::Granted(lease) => {
                let key = key_of(&lease.key.id);
                assert!(candidates.contains(&key), "{key} is not among {candidates:?}");
                let known = tried.iter().filter(|key| self.keys.contains_key(key));
                let spent: BTreeSet<_> = known.map(|key| domain(*key)).collect();
                if avoid_project && spent.contains(&domain(key)) {
                    assert!(candidates.iter().all(|other| spent.contains(&domain(*other))));
                }
                let stay = self.stays[key];
                self.held.push(Held { ticket: lease.ticket, key, stay, model });
            }
            Admission::Wait { until, census, .. } => {
                assert!(candidates.is_empty(), "{candidates:?} could have served");
                assert_eq!(Some(until), release);
                assert_eq!(census, expected);
            }
            Admission::Refused { why, census } => {
                assert!(candidates.is_empty(), "{candidates:?} could have served");
                assert_eq!(release, None, "waiting would have helped");
                assert_eq!(census, expected);
                let all_dead = census.disabled + census.dead == census.total;
                assert_eq!(
                    why,
                    match census {
                        Census { total: 0, .. } => Refusal::NoKeys,
                        Census { total, disabled, .. } if total == disabled => Refusal::AllDisabled,
                        _ if all_dead => Refusal::AllDead,
                        _ => Refusal::AllTried,
                    }
                );
            }
        }
    }

    fn settle(&mut self, held: Held, ending: &Ending) {
        let Held { ticket, key, stay, model } = held;
        let is_here = self.keys.contains_key(&key) && self.stays[key] == stay;
        let outcome = match ending {
            Ending::Plain(outcome) => outcome.clone(),
            Ending::Spent { window, scope, after } => Outcome::QuotaSpent(QuotaSpent {
                window: *window,
                scope: *scope,
                until: after.map(|after| self.now + after),
                limit: None,
                quota_id: None,
            }),
        };
        self.pool.settle(ticket, &outcome, self.now);
        match &outcome {
            Outcome::KeyDead(_) if is_here => {
                self.dead.insert(key);
            }
            Outcome::QuotaSpent(spent) if is_here => self.note_block(key, model, spent),
            _ => {}
        }
    }

    fn note_block(&mut self, key: usize, model: usize, spent: &QuotaSpent) {
        let model = (spent.scope == Scope::Model).then_some(MODELS[model]);
        let name = (domain(key), model);
        let before = self.blocks.get(&name).copied().filter(|until| *until > self.now);
        let named = spent.until.filter(|until| *until > self.now);
        let until = named.unwrap_or_else(|| self.shown_until(key, model));
        if named.is_none() && before != Some(until) {
            let length = until.saturating_since(self.now);
            let is_long_enough =
                length >= Duration::from_secs(5) || until == next_pacific_midnight(self.now);
            assert!(is_long_enough && length <= Duration::from_hours(25), "{length:?}");
        }
        self.blocks.insert(name, before.unwrap_or(until).max(until));
    }

    fn shown_until(&self, key: usize, model: Option<&str>) -> Timestamp {
        let snapshot = self.pool.snapshot(self.now);
        let key = snapshot.keys.into_iter().find(|shown| shown.id == id(key)).unwrap();
        key.blocks.iter().find(|block| block.model.as_deref() == model).unwrap().until
    }

    fn remove(&mut self, key: usize) {
        if self.keys.remove(&key).is_some() {
            self.dead.remove(&key);
            self.stays[key] += 1;
            // The store drops what it holds of a key together with the key.
            self.store.remove(&Subject::Key(id(key)));
            if !self.keys.keys().any(|other| domain(*other) == domain(key)) {
                self.blocks.retain(|(owner, _), _| *owner != domain(key));
            }
            self.sync();
        }
    }

    fn set_enabled(&mut self, key: usize, enabled: bool) {
        if self.keys.insert(key, enabled) == Some(false) && enabled {
            self.dead.remove(&key);
        }
        self.sync();
    }

    /// What the store does with the changes.
    fn write(&mut self) {
        for change in self.pool.take_changes() {
            if let Learned::CellOver(_) = change {
                self.store.remove(&change.subject());
            } else {
                self.store.insert(change.subject(), change);
            }
        }
    }

    fn restart(&mut self) {
        self.write();
        self.held.clear();
        self.pool = Pool::new(policy(7));
        self.sync();
        self.pool.restore(self.store.values().cloned().collect(), self.now);
    }

    fn step(&mut self, event: &Event) {
        match event {
            Event::Ask { model, tried, avoid_project } => self.ask(*model, tried, *avoid_project),
            Event::Settle { ticket, outcome } if !self.held.is_empty() => {
                let held = self.held.swap_remove(ticket % self.held.len());
                self.settle(held, outcome);
            }
            Event::Settle { .. } => {}
            Event::Wait(duration) => self.now = self.now + *duration,
            Event::Tick => {
                while self.pool.tick(self.now) {}
                self.write();
            }
            Event::SetEnabled(key, enabled) => self.set_enabled(*key, *enabled),
            Event::Remove(key) => self.remove(*key),
            Event::Revive(key) => {
                self.dead.remove(key);
                self.pool.revive(&id(*key), self.now);
            }
            Event::Restart => self.restart(),
        }
    }

    /// The pool shows itself as the model expects it.
    fn check(&self) {
        let snapshot = self.pool.snapshot(self.now);
        assert_eq!(snapshot.totals, self.pool.totals(self.now));
        assert_eq!(snapshot.keys.len(), self.keys.len());
        let mut states = BTreeMap::new();
        for shown in &snapshot.keys {
            let key = key_of(&shown.id);
            let cooling = self
                .blocks
                .iter()
                .any(|((owner, _), until)| *owner == domain(key) && *until > self.now);
            let expected = match () {
                () if !self.keys[&key] => "disabled",
                () if self.dead.contains(&key) => "dead",
                () if cooling => "cooling",
                () => "ready",
            };
            assert_eq!(shown.state.as_str(), expected, "{shown:?}");
            *states.entry(shown.state.as_str()).or_insert(0) += 1;
            let is_held = |held: &&Held| held.key == key && held.stay == self.stays[key];
            assert_eq!(shown.in_flight as usize, self.held.iter().filter(is_held).count());
            if let KeyState::Dead { reason, .. } = shown.state {
                assert_eq!(reason, DeathReason::Leaked);
            }
        }
        let count = |state| states.get(state).copied().unwrap_or(0);
        let totals = snapshot.totals;
        assert_eq!(
            [totals.ready, totals.cooling, totals.dead, totals.disabled],
            ["ready", "cooling", "dead", "disabled"].map(count)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_pool_keeps_its_promises(events in proptest::collection::vec(events(), 1..200)) {
        let mut machine = Machine::new();
        for event in &events {
            machine.step(event);
            machine.check();
        }
        for model in 0..MODELS.len() {
            machine.ask(model, &BTreeSet::new(), false);
        }
    }

    #[test]
    fn equal_events_make_equal_decisions(events in proptest::collection::vec(events(), 1..100)) {
        let mut twins = [Machine::new(), Machine::new()];
        for event in &events {
            let [one, other] = &mut twins;
            one.step(event);
            other.step(event);
            prop_assert_eq!(one.pool.snapshot(one.now), other.pool.snapshot(other.now));
            one.write();
            other.write();
            prop_assert_eq!(&one.store, &other.store);
        }
    }
}

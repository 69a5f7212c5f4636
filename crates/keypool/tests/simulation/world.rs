//! Clients, a gateway and Google, event by event. The gateway behaves as the relay does: it hops
//! from spent and dead keys, retries a few faults, and lets requests wait for a few seconds.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use keypool::{
    Admission, Ask, KeyId, KeySpec, Lease, Outcome, Phase, Policy, Pool, Timestamp, Tried,
    WaiterId, Window,
};
use secret::PoolKey;

use crate::google::{Call, Fault, Google, Outage, Quota};
use crate::oracle;
use crate::random::Random;
use crate::report::Report;

/// How long requests may wait for a key.
pub(crate) const POOL_WAIT: Duration = Duration::from_secs(5);

const MAX_FAULTS: u32 = 5;
const MAX_HOPS: u32 = 64;

/// How long until a suspect is asked about again; doubles each time.
const FIRST_RECHECK: Duration = Duration::from_secs(5);
const LONGEST_RECHECK: Duration = Duration::from_mins(5);
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(10);

/// A key of the simulation.
#[derive(Clone, Debug)]
pub(crate) struct SimKey {
    pub(crate) project: Option<String>,
    pub(crate) fault: Fault,
}

/// All that a run depends on.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) seed: u64,
    pub(crate) start: Timestamp,
    pub(crate) lasts: Duration,
    pub(crate) keys: Vec<SimKey>,
    pub(crate) models: Vec<&'static str>,
    /// What the project of a key may do with a model, by their numbers.
    pub(crate) quota: fn(key: usize, model: usize) -> Quota,
    /// Requests per second, of all models together.
    pub(crate) rate: f64,
    /// How long Google takes for an answer, in milliseconds.
    pub(crate) takes: (u64, u64),
    pub(crate) tokens: (u64, u64),
    pub(crate) streamed: bool,
    pub(crate) outages: Vec<Outage>,
    /// When the gateway's clock is set forward or back, by so many milliseconds.
    pub(crate) clock_steps: Vec<(Timestamp, i64)>,
    pub(crate) policy: Policy,
}

#[derive(Debug)]
struct Request {
    model: &'static str,
    client: String,
    tokens: u64,
    tried: Vec<Tried>,
    faults: u32,
    hops: u32,
    waiting_since: Option<Timestamp>,
}

#[derive(Debug)]
enum Event {
    Arrive,
    /// An attempt reaches Google.
    Reach(Box<Attempt>),
    /// Its answer reaches the gateway.
    Answer(Box<Attempt>, Outcome),
    Wake,
    GiveUp(WaiterId),
    /// Somebody asks about a key that died with others, so long after he did before.
    Recheck(KeyId, Duration),
    Check {
        model: &'static str,
        tokens: u64,
        promised: Timestamp,
    },
}

#[derive(Debug)]
struct Attempt {
    request: Request,
    lease: Lease,
    sent: Timestamp,
}

struct World<'a> {
    scenario: &'a Scenario,
    pool: Pool,
    google: Google,
    random: Random,
    now: Timestamp,
    events: BinaryHeap<Reverse<(Timestamp, u64)>>,
    queue: BTreeMap<u64, Event>,
    next_event: u64,
    waiting: BTreeMap<WaiterId, Request>,
    report: Report,
    /// For when the next wake is planned.
    wake_at: Option<Timestamp>,
    /// When each limit was first heard of by the gateway.
    learned: BTreeMap<(String, &'static str, Window), Timestamp>,
}

/// Runs a scenario to its end, and until the last answer is in.
pub(crate) fn run(scenario: &Scenario) -> Report {
    let mut world = World::new(scenario);
    world.schedule(scenario.start, Event::Arrive);
    while let Some(Reverse((at, number))) = world.events.pop() {
        let Some(event) = world.queue.remove(&number) else { continue };
        world.now = at;
        world.step(event);
        world.wake_who_can();
    }
    world.finish()
}

impl<'a> World<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let mut pool = Pool::new(scenario.policy.clone());
        let specs = scenario.keys.iter().enumerate().map(|(number, key)| spec(number, key));
        pool.sync(specs.collect(), scenario.start);
        let mut google = Google::default();
        google.outages.clone_from(&scenario.outages);
        for (number, key) in scenario.keys.iter().enumerate() {
            for (model, name) in scenario.models.iter().enumerate() {
                let quota = (scenario.quota)(number, model);
                if !matches!(key.fault, Fault::Dead(_)) {
                    google.quotas.entry((domain(number, key), *name)).or_insert(quota);
                }
            }
        }
        Self {
            scenario,
            pool,
            google,
            random: Random::new(scenario.seed),
            now: scenario.start,
            events: BinaryHeap::new(),
            queue: BTreeMap::new(),
            next_event: 0,
            waiting: BTreeMap::new(),
            wake_at: None,
            report: Report::default(),
            learned: BTreeMap::new(),
        }
    }

    /// What the gateway takes the time to be.
    fn clock(&self) -> Timestamp {
        let steps = self.scenario.clock_steps.iter().filter(|(at, _)| *at <= self.now);
        Timestamp::from_millis(self.now.millis() + steps.map(|(_, step)| step).sum::<i64>())
    }

    fn schedule(&mut self, at: Timestamp, event: Event) {
        self.events.push(Reverse((at, self.next_event)));
        self.queue.insert(self.next_event, event);
        self.next_event += 1;
    }

    fn step(&mut self, event: Event) {
        match event {
            Event::Arrive => self.arrive(),
            Event::Reach(attempt) => self.reach(attempt),
            Event::Answer(attempt, outcome) => self.answer(*attempt, &outcome),
            Event::Wake => {}
            Event::Recheck(key, pause) => self.recheck(key, pause),
            Event::Check { model, tokens, promised } => self.check(model, tokens, promised),
            Event::GiveUp(id) => {
                if let Some(request) = self.waiting.remove(&id) {
                    self.pool.cancel(id, self.clock());
                    self.refuse(&request, None);
                }
            }
        }
    }

    fn arrive(&mut self) {
        let pause = self.random.pause(self.scenario.rate).max(0.0);
        let next = self.now + Duration::from_millis(pause as u64);
        if next < self.scenario.start + self.scenario.lasts {
            self.schedule(next, Event::Arrive);
        }
        let model =
            self.scenario.models[self.random.below(self.scenario.models.len() as u64) as usize];
        let (low, high) = self.scenario.tokens;
        let request = Request {
            model,
            client: format!("client {}", self.random.below(3)),
            tokens: self.random.between(low, high),
            tried: Vec::new(),
            faults: 0,
            hops: 0,
            waiting_since: None,
        };
        self.report.arrivals.push((self.now, model));
        self.ask(request);
    }

    fn ask(&mut self, mut request: Request) {
        let now = self.clock();
        loop {
            let ask = Ask {
                tried: &request.tried,
                tokens: request.tokens,
                ..Ask::new(Some(request.model))
            };
            match self.pool.admit(&ask, now) {
                Admission::Granted(lease) => return self.send(request, lease),
                _ if request.faults > 0 && !request.tried.is_empty() => request.tried.clear(),
                Admission::Wait { until, .. } => {
                    let since = *request.waiting_since.get_or_insert(now);
                    let left = (since + POOL_WAIT).saturating_since(now);
                    if until.saturating_since(now) > left {
                        return self.refuse(&request, Some(until.saturating_since(now)));
                    }
                    request.tried.clear();
                    let ask = Ask { tokens: request.tokens, ..Ask::new(Some(request.model)) };
                    let id = self.pool.enqueue(&request.client, &ask, now);
                    self.schedule(self.now + left, Event::GiveUp(id));
                    self.waiting.insert(id, request);
                    return;
                }
                Admission::Refused { .. } => return self.report.failed += 1,
            }
        }
    }

    fn wake_who_can(&mut self) {
        while self.pool.next_wake().is_some_and(|at| at <= self.clock()) {
            for (id, lease) in self.pool.wake(self.clock()) {
                let request = self.waiting.remove(&id).expect("it waits");
                self.send(request, lease);
            }
        }
        if let Some(at) = self.pool.next_wake() {
            let at = self.now + at.saturating_since(self.clock());
            if self.wake_at.is_none_or(|planned| at < planned || planned <= self.now) {
                self.wake_at = Some(at);
                self.schedule(at, Event::Wake);
            }
        }
    }

    fn send(&mut self, request: Request, lease: Lease) {
        *self.report.calls.entry(lease.key.to_string()).or_default() += 1;
        let sent = self.now;
        let under_way = Duration::from_millis(self.random.between(10, 60));
        let attempt = Box::new(Attempt { request, lease, sent });
        self.schedule(self.now + under_way, Event::Reach(attempt));
    }

    fn reach(&mut self, attempt: Box<Attempt>) {
        let number = number_of(&attempt.lease.key);
        let key = &self.scenario.keys[number];
        let call = Call {
            project: &domain(number, key),
            model: attempt.request.model,
            tokens: attempt.request.tokens,
            fault: key.fault,
        };
        let outcome = self.google.call(call, self.now, &mut self.random);
        let (low, high) = self.scenario.takes;
        let takes = match &outcome {
            Outcome::LinkBroken(Phase::FirstByte) => FIRST_BYTE_TIMEOUT,
            Outcome::Served { .. } | Outcome::LinkBroken(_) => {
                Duration::from_millis(self.random.between(low, high))
            }
            _ => Duration::from_millis(self.random.between(15, 40)),
        };
        self.schedule(self.now + takes, Event::Answer(attempt, outcome));
    }

    fn answer(&mut self, attempt: Attempt, outcome: &Outcome) {
        let Attempt { mut request, lease, sent } = attempt;
        self.count_refusal(&lease, request.model, outcome, sent);
        let avoid_project = matches!(outcome, Outcome::QuotaSpent(_));
        request.tried.push(Tried { key: lease.key.clone(), avoid_project });
        self.pool.settle(lease.ticket, &self.in_own_time(outcome), self.clock());
        for key in self.pool.take_suspects() {
            self.schedule(self.now + FIRST_RECHECK, Event::Recheck(key, FIRST_RECHECK));
        }
        match outcome {
            Outcome::Served { .. } => {
                self.report.served += 1;
                self.report.last_served = Some(self.now);
                self.report.served_at.push(self.now);
            }
            Outcome::KeyDead(_) | Outcome::QuotaSpent(_) => {
                request.hops += 1;
                if request.hops < MAX_HOPS { self.ask(request) } else { self.report.failed += 1 }
            }
            Outcome::LinkBroken(Phase::Cut) if self.scenario.streamed => self.report.cut += 1,
            _ => {
                request.faults += 1;
                if request.faults < MAX_FAULTS {
                    self.ask(request);
                } else {
                    self.report.failed += 1;
                }
            }
        }
    }

    fn recheck(&mut self, key: KeyId, pause: Duration) {
        self.report.rechecks += 1;
        let fault = self.scenario.keys[number_of(&key)].fault;
        if self.google.knows(fault, self.now) {
            self.pool.revive(&key, self.clock());
        } else {
            let pause = (pause * 2).min(LONGEST_RECHECK);
            self.schedule(self.now + pause, Event::Recheck(key, pause));
        }
    }

    /// The gateway reads Google's delay by its own clock.
    fn in_own_time(&self, outcome: &Outcome) -> Outcome {
        let mut outcome = outcome.clone();
        if let Outcome::QuotaSpent(spent) = &mut outcome
            && let Some(until) = &mut spent.until
        {
            *until = self.clock() + until.saturating_since(self.now);
        }
        outcome
    }

    fn count_refusal(
        &mut self,
        lease: &Lease,
        model: &'static str,
        outcome: &Outcome,
        sent: Timestamp,
    ) {
        let Outcome::QuotaSpent(quota) = outcome else { return };
        let number = number_of(&lease.key);
        let domain = domain(number, &self.scenario.keys[number]);
        let name = (domain, model, quota.window);
        match self.learned.get(&name) {
            // It was under way when the limit was learned.
            Some(learned) if sent <= *learned => self.report.spent_first += 1,
            Some(_) => self.report.spent_again += 1,
            None => {
                self.report.spent_first += 1;
                self.learned.insert(name, self.now);
            }
        }
    }

    fn refuse(&mut self, request: &Request, retry_after: Option<Duration>) {
        self.report.refused += 1;
        if let Some(told) = retry_after.filter(|_| self.report.refused % 16 == 1) {
            let (model, tokens) = (request.model, request.tokens);
            // What is on its way to Google is there by then.
            let check = Event::Check { model, tokens, promised: self.now + told };
            self.schedule(self.now + Duration::from_millis(61), check);
        }
    }

    /// Compares the time that a client was told with the one at which Google has room.
    fn check(&mut self, model: &str, tokens: u64, promised: Timestamp) {
        if let Some(room) = self.google.next_room(model, tokens, self.now) {
            let off = promised.saturating_since(room) + room.saturating_since(promised);
            self.report.worst_retry_after = self.report.worst_retry_after.max(off);
        }
    }

    fn finish(mut self) -> Report {
        self.report.possible = oracle::possible(self.scenario, &self.report.arrivals);
        self.report.in_flight = self.pool.totals(self.now).in_flight;
        self.report.waiting = self.pool.waiters();
        let snapshot = self.pool.snapshot(self.clock());
        self.report.avoided = snapshot.keys.iter().filter(|key| !key.avoided.is_empty()).count();
        self.report.dead = snapshot.totals.dead;
        self.report.name.clone_from(&self.scenario.name);
        self.report
    }
}

fn spec(number: usize, key: &SimKey) -> KeySpec {
    let secret =
        PoolKey::parse(&format!("AIzaSySIMULATEDSIMULATED{number:06}")).expect("well-formed");
    let spec = KeySpec::new(KeyId::new(format!("k{number}")), Arc::new(secret));
    KeySpec { project: key.project.clone(), ..spec }
}

fn number_of(key: &KeyId) -> usize {
    key.as_str()[1..].parse().expect("a key of the simulation")
}

/// Whose quota a key uses.
pub(crate) fn domain(number: usize, key: &SimKey) -> String {
    key.project.clone().unwrap_or_else(|| format!("project of k{number}"))
}

//! Clients, a gateway and Google, event by event. The gateway behaves as the relay does: it hops
//! from spent and dead keys, retries a few faults, and lets requests wait for a few seconds.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use keypool::{
    Admission, Ask, Domain, KeyId, KeySpec, Lease, Outcome, Phase, Pool, Timestamp, Tried,
    WaiterId, Window,
};
use secret::PoolKey;

use crate::google::{Call, Cell, Fault, Google};
use crate::oracle;
use crate::random::Random;
use crate::report::Report;
use crate::scenario::{Demand, Scenario, SimKey};

/// `MAX_RETRIES`.
const MAX_FAULTS: u32 = 3;
const MAX_HOPS: u32 = 64;

/// How long until a suspect is asked about again; doubles each time.
const FIRST_RECHECK: Duration = Duration::from_secs(5);
const LONGEST_RECHECK: Duration = Duration::from_mins(5);
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug)]
struct Request {
    /// The number of what it is part of.
    demand: usize,
    tokens: u64,
    tried: Vec<Tried>,
    faults: u32,
    hops: u32,
    waiting_since: Option<Timestamp>,
}

#[derive(Debug)]
enum Event {
    Arrive,
    /// Somebody else uses a project.
    Intrude(Cell),
    /// An attempt reaches Google.
    Reach(Box<Attempt>),
    /// Its answer reaches the gateway.
    Answer(Box<Attempt>, Outcome),
    Wake,
    GiveUp(WaiterId),
    /// Somebody asks about a key that died with others, so long after he did before.
    Recheck(KeyId, Duration),
    Check {
        demand: usize,
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
    /// The project of each key.
    projects: Vec<usize>,
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
    learned: BTreeMap<(Cell, Window), Timestamp>,
}

/// Runs a scenario to its end, and until the last answer is in.
pub(crate) fn run(scenario: &Scenario) -> Report {
    let mut world = World::new(scenario);
    world.schedule(scenario.start, Event::Arrive);
    for cell in world.google.quotas.keys().copied().collect::<Vec<_>>() {
        if scenario.outsiders > 0.0 {
            world.schedule(scenario.start, Event::Intrude(cell));
        }
    }
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
        let specs = specs
            .map(|spec| KeySpec { project: spec.project.filter(|_| !scenario.is_secret), ..spec });
        pool.sync(specs.collect(), scenario.start);
        pool.declare(scenario.declared.clone(), scenario.start);
        let projects = scenario.projects();
        let mut google = Google::new(scenario.outages.clone());
        for ((project, key), quotas) in projects.iter().zip(&scenario.keys).zip(&scenario.quotas) {
            for (model, quota) in quotas.iter().enumerate() {
                if !matches!(key.fault, Fault::Dead(_)) {
                    google.quotas.entry((*project, model)).or_insert(*quota);
                }
            }
        }
        Self {
            scenario,
            projects,
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
            Event::Intrude(cell) => self.intrude(cell),
            Event::Reach(attempt) => self.reach(attempt),
            Event::Answer(attempt, outcome) => self.answer(*attempt, &outcome),
            Event::Wake => {}
            Event::Recheck(key, pause) => self.recheck(key, pause),
            Event::Check { demand, tokens, promised } => self.check(demand, tokens, promised),
            Event::GiveUp(id) => {
                if let Some(request) = self.waiting.remove(&id) {
                    self.pool.cancel(id, self.clock());
                    self.refuse(&request, None);
                }
            }
        }
    }

    fn arrive(&mut self) {
        let pause = self.random.pause(self.scenario.rate()).max(0.0);
        let next = self.now + Duration::from_millis(pause as u64);
        if next < self.scenario.start + self.scenario.lasts {
            self.schedule(next, Event::Arrive);
        }
        let demand = self.choose_demand();
        let (low, high) = self.scenario.demands[demand].tokens;
        let request = Request {
            demand,
            tokens: self.random.between(low, high),
            tried: Vec::new(),
            faults: 0,
            hops: 0,
            waiting_since: None,
        };
        self.report.arrivals.push((self.now, demand));
        self.ask(request);
    }

    fn intrude(&mut self, cell: Cell) {
        let pause = self.random.pause(self.scenario.outsiders).max(0.0);
        let next = self.now + Duration::from_millis(pause as u64);
        if next < self.scenario.start + self.scenario.lasts {
            self.schedule(next, Event::Intrude(cell));
        }
        let used = Call { cell, tokens: 0, fault: Fault::None };
        self.google.call(used, self.now, &mut self.random);
    }

    /// Each as often as its rate is of all.
    fn choose_demand(&mut self) -> usize {
        let mut left = self.random.unit() * self.scenario.rate();
        let chosen = self.scenario.demands.iter().position(|demand| {
            left -= demand.rate;
            left < 0.0
        });
        chosen.unwrap_or(0)
    }

    fn demand(&self, request: &Request) -> &'a Demand {
        &self.scenario.demands[request.demand]
    }

    fn ask(&mut self, mut request: Request) {
        let now = self.clock();
        let demand = self.demand(&request);
        let model = &*self.scenario.models[demand.model];
        let first = Ask { tokens: request.tokens, tags: &demand.tags, ..Ask::new(Some(model)) };
        loop {
            match self.pool.admit(&Ask { tried: &request.tried, ..first }, now) {
                Admission::Granted(lease) => return self.send(request, lease),
                _ if request.faults > 0 && !request.tried.is_empty() => request.tried.clear(),
                Admission::Wait { until, .. } => {
                    let since = *request.waiting_since.get_or_insert(now);
                    let left = (since + self.scenario.pool_wait).saturating_since(now);
                    if until.saturating_since(now) > left {
                        return self.refuse(&request, Some(until.saturating_since(now)));
                    }
                    request.tried.clear();
                    let id = self.pool.enqueue(&demand.client, &first, now);
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
                let Some(request) = self.waiting.remove(&id) else { continue };
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
        *self.report.calls.entry(lease.key.id.to_string()).or_default() += 1;
        let sent = self.now;
        let under_way = Duration::from_millis(self.random.between(10, 60));
        let attempt = Box::new(Attempt { request, lease, sent });
        self.schedule(self.now + under_way, Event::Reach(attempt));
    }

    fn reach(&mut self, attempt: Box<Attempt>) {
        let fault = self.scenario.keys[number_of(&attempt.lease.key.id)].fault;
        let cell = self.cell(&attempt.lease, &attempt.request);
        let asked = Call { cell, tokens: attempt.request.tokens, fault };
        let outcome = self.google.call(asked, self.now, &mut self.random);
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

    fn cell(&self, lease: &Lease, request: &Request) -> Cell {
        (self.projects[number_of(&lease.key.id)], self.demand(request).model)
    }

    /// What the gateway can know to be one: that keys share a project only if it was told.
    fn known_cell(&self, lease: &Lease, request: &Request) -> Cell {
        let (project, model) = self.cell(lease, request);
        if self.scenario.is_secret { (number_of(&lease.key.id), model) } else { (project, model) }
    }

    fn answer(&mut self, attempt: Attempt, outcome: &Outcome) {
        let Attempt { mut request, lease, sent } = attempt;
        self.count_refusal(self.known_cell(&lease, &request), outcome, sent);
        let avoid_project = matches!(outcome, Outcome::QuotaSpent(_));
        request.tried.push(Tried { key: lease.key.id.clone(), avoid_project });
        self.pool.settle(lease.ticket, &self.in_own_time(outcome), self.clock());
        if avoid_project {
            self.look_at_guesses();
        }
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

    /// Which keys the pool takes for one project, and how many of them are not.
    fn look_at_guesses(&mut self) {
        let mut projects: BTreeMap<Domain, BTreeSet<usize>> = BTreeMap::new();
        let mut guessed = 0;
        for key in self.pool.snapshot(self.clock()).keys.into_iter().filter(|key| key.is_guess) {
            guessed += 1;
            projects.entry(key.domain).or_default().insert(self.projects[number_of(&key.id)]);
        }
        let mistakes = projects.values().filter(|projects| projects.len() > 1).count();
        self.report.guessed = guessed;
        self.report.wrong_guesses = self.report.wrong_guesses.max(mistakes);
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

    fn count_refusal(&mut self, cell: Cell, outcome: &Outcome, sent: Timestamp) {
        let Outcome::QuotaSpent(quota) = outcome else { return };
        let name = (cell, quota.window);
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

    /// Those who waited in vain are told something, too; but others compete for what is free then.
    fn refuse(&mut self, request: &Request, retry_after: Option<Duration>) {
        self.report.refused += 1;
        if let Some(told) = retry_after.filter(|_| self.report.refused % 16 == 1) {
            let (demand, tokens) = (request.demand, request.tokens);
            // What is on its way to Google is there by then.
            let check = Event::Check { demand, tokens, promised: self.now + told };
            self.schedule(self.now + Duration::from_millis(61), check);
        }
    }

    /// Compares the time that a client was told with the one at which Google has room, in whichever
    /// project.
    fn check(&mut self, demand: usize, tokens: u64, promised: Timestamp) {
        let demand = &self.scenario.demands[demand];
        let keys = self.scenario.keys.iter().zip(&self.projects);
        let sound = keys.filter(|(key, _)| demand.accepts(key) && key.fault.serves());
        let (google, now) = (&mut self.google, self.now);
        let rooms =
            sound.map(|(_, project)| google.next_room((*project, demand.model), tokens, now));
        if let Some(room) = rooms.min() {
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
    let SimKey { project, tier, weight, tags, .. } = key.clone();
    KeySpec { project, tier, weight, tags, ..spec }
}

fn number_of(key: &KeyId) -> usize {
    key.as_str()[1..].parse().expect("a key of the simulation")
}

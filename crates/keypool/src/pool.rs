//! The pool itself: choosing a key.

use std::sync::Arc;
use std::time::Duration;

use crate::blame::Blame;
use crate::breaker::Gate;
use crate::declared::Declared;
use crate::foresight::foresee;
use crate::guess::Guesses;
use crate::lane::Attempt;
use crate::lanes::Lanes;
use crate::learned::Journal;
use crate::meter::Moment;
use crate::ring::Choice;
use crate::roster::Roster;
use crate::select::{Selector, Want};
use crate::setbacks::{Expired, Setbacks};
use crate::waiting::Waiting;
use crate::ways::Ways;
use crate::{
    Admission, Ask, CellName, Census, ChosenFor, DeclaredLimit, Explanation, Learned, LearnedUsage,
    Lease, Policy, Refusal, ReplicaId, Strategy, Ticket, Timestamp, WaitCause, WaitFor,
    next_pacific_midnight,
};

/// How many things that are over are looked at by one request. When all daily quotas are
/// released at once, the work is spread over the requests that follow.
const EXPIRED_AT_ONCE: usize = 64;

/// How many are looked at by one [`Pool::tick`].
const EXPIRED_BY_A_TICK: usize = 4096;

/// Callers who look at the clock before they get hold of the pool may be so late; more means that
/// the clock was set back.
const SET_BACK: Duration = Duration::from_secs(2);

/// The keys of the pool and all that is known of them.
///
/// A state machine for one thread: the caller keeps it behind a mutex, for microseconds.
#[derive(Debug)]
pub struct Pool {
    pub(crate) policy: Policy,
    pub(crate) roster: Roster,
    /// What concerns all models: quotas of whole projects, keys that are avoided everywhere.
    pub(crate) wide: Setbacks,
    pub(crate) lanes: Lanes,
    pub(crate) journal: Journal,
    pub(crate) blame: Blame,
    pub(crate) waiting: Waiting,
    pub(crate) guesses: Guesses,
    /// How each way out has done.
    pub(crate) ways: Ways,
    /// The number of the next ticket.
    pub(crate) next_serial: u64,
    /// When the day of the daily quotas ends, and from when on that is known to be so.
    day_ends: Timestamp,
    day_known_from: Timestamp,
    /// What time it was when the pool was last asked something.
    latest: Timestamp,
    /// Whose uses are this pool's own.
    pub(crate) replica: ReplicaId,
}

impl Pool {
    /// A pool without keys.
    pub fn new(policy: Policy) -> Self {
        let shares_by_key = policy.strategy == Strategy::RoundRobin;
        Self {
            roster: Roster::new(shares_by_key),
            wide: Setbacks::default(),
            lanes: Lanes::new(policy.seed),
            journal: Journal::default(),
            blame: Blame::default(),
            waiting: Waiting::default(),
            guesses: Guesses::default(),
            ways: Ways::default(),
            next_serial: 0,
            day_ends: Timestamp::MIN,
            day_known_from: Timestamp::MIN,
            latest: Timestamp::MIN,
            replica: ReplicaId::default(),
            policy,
        }
    }

    /// Gives this pool a name of its own among those that share what they learn.
    #[must_use]
    pub fn named(self, replica: ReplicaId) -> Self {
        Self { replica, ..self }
    }

    /// Changes how the pool reacts from now on. Blocks that exist stay as they are, and a new
    /// seed has no effect.
    pub fn set_policy(&mut self, policy: Policy) {
        let shares_by_key = policy.strategy == Strategy::RoundRobin;
        let reshare = self.roster.shares_by_key != shares_by_key;
        self.policy = policy;
        if reshare {
            self.roster.shares_by_key = shares_by_key;
            self.refresh_everything();
        }
    }

    /// Sets the limits that the administrator knows, in place of all that were declared before.
    pub fn declare(&mut self, limits: Vec<DeclaredLimit>, now: Timestamp) {
        self.stir();
        self.roster.declared = Declared::new(limits);
        self.apply_declared(now);
    }

    /// Chooses a key for a request: of the lowest tier, in the order of the strategy, among those
    /// that are neither out of quota nor tried; keys that failed a moment ago only if there is no
    /// other. What the request will probably use is reserved.
    ///
    /// Those who [wait](Self::enqueue) for the model come first.
    pub fn admit(&mut self, ask: &Ask<'_>, now: Timestamp) -> Admission {
        self.serve_others_first(ask, now);
        self.admit_now(ask, now)
    }

    /// [`admit`](Self::admit), and the reasons for its answer. Looks at every key.
    pub fn admit_explained(&mut self, ask: &Ask<'_>, now: Timestamp) -> (Admission, Explanation) {
        self.serve_others_first(ask, now);
        let mut explanation = self.explain(ask, now);
        let admission = self.admit_now(ask, now);
        if let Admission::Granted(lease) = &admission
            && lease.chosen_for == ChosenFor::Doubt
        {
            explanation.tell_of(self, lease, now);
        }
        (admission, explanation)
    }

    /// How the keys stand for a model, in numbers, and when the first project that is closed now
    /// opens again. Costs next to nothing, however large the pool is.
    pub fn standing(&self, model: Option<&str>) -> (Census, Option<Timestamp>) {
        let lane = self.lanes.at(model.unwrap_or_default());
        (lane.census(&self.roster), lane.parked().next().map(|(until, _)| until))
    }

    /// Whether there is any key with this label, usable or not.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.roster.tags.has(tag)
    }

    fn serve_others_first(&mut self, ask: &Ask<'_>, now: Timestamp) {
        if let Some(model) = ask.model
            && self.has_line(model)
        {
            self.serve_line(model, now);
        }
    }

    pub(crate) fn admit_now(&mut self, ask: &Ask<'_>, now: Timestamp) -> Admission {
        let model = ask.model.unwrap_or_default();
        let moment = self.moment(now);
        if self.roster.declared.concerns(model) && self.lanes.own(model).is_none() {
            self.lanes.own_or_new(&model.into(), self.policy.max_models);
        }
        let want = Want::of(ask, &self.roster);
        loop {
            let more = self.catch_up(model, moment);
            let selector = self.selector(model, moment);
            if let Some((choice, why)) = selector.choose(model, &want) {
                match self.gate(model, now) {
                    (Gate::Open, _) => {}
                    (Gate::Probe, _) => self.send_probe(model),
                    (Gate::Shut(until), what) => return self.outage(model, until, what),
                }
                return self.grant(&choice, why, model, &want, moment);
            }
            if !more {
                let doubt = self.doubt(model, &want, moment);
                return doubt.unwrap_or_else(|| self.decline(model, &want, moment));
            }
        }
    }

    /// Forgets what is over by now, a bounded part of it at a time; answers whether there is more.
    ///
    /// No decision needs it. It lets [`take_changes`](Self::take_changes) tell of blocks that
    /// ended while no request came, and spares the next request the work.
    pub fn tick(&mut self, now: Timestamp) -> bool {
        let moment = self.moment(now);
        let mut more = self.expire_wide(now, EXPIRED_BY_A_TICK);
        let Self { roster, wide, lanes, journal, .. } = self;
        for lane in lanes.all() {
            more |= lane.expire(roster, wide, journal, moment, EXPIRED_BY_A_TICK);
            lane.quotas.sweep(moment);
        }
        lanes.tidy_all();
        more
    }

    /// What was learned since the last call and has to be stored, one entry a subject.
    pub fn take_changes(&mut self) -> Vec<Learned> {
        self.journal.take()
    }

    /// The clock was set back: nobody shall wait the longer for that.
    fn set_back(&mut self, by: Duration, now: Timestamp) {
        let moment = self.moment(now);
        self.wide.set_back(by);
        self.blame.set_back(by);
        self.guesses.set_back(by, now);
        for lane in self.lanes.all() {
            lane.setbacks.set_back(by);
            lane.hints.clear();
            lane.breaker.set_back(by);
            for (_, cell) in lane.quotas.all_mut() {
                cell.roll(moment);
                cell.full = cell.obstacle(1, moment);
            }
        }
        self.refresh_everything();
        self.stir();
    }

    /// What this process has used since the last call, of every project and model: for the store,
    /// every few seconds and at the end. What is lost between costs little.
    pub fn take_usage(&mut self, now: Timestamp) -> Vec<Learned> {
        let moment = self.moment(now);
        let Self { roster, lanes, replica, .. } = self;
        let mut usage = Vec::new();
        for lane in lanes.owned_mut() {
            let model = lane.model().cloned();
            for slot in lane.quotas.take_dirty() {
                let (Some(project), Some(cell)) = (roster.project(slot), lane.quotas.get(slot))
                else {
                    continue;
                };
                usage.push(Learned::Usage(LearnedUsage {
                    by: replica.clone(),
                    name: CellName { domain: project.domain.clone(), model: model.clone() },
                    day_ends: moment.day_ends,
                    day: cell.meter.day(moment).into(),
                    minute: cell.meter.minute(now).into(),
                    at: cell.meter.last_use().unwrap_or(now),
                }));
            }
        }
        usage
    }

    /// A moment, with the day that it belongs to.
    pub(crate) fn moment(&mut self, now: Timestamp) -> Moment {
        let back = self.latest.saturating_since(now);
        self.latest = now;
        if back > SET_BACK {
            self.set_back(back, now);
        }
        if now >= self.day_ends || now < self.day_known_from {
            self.day_ends = next_pacific_midnight(now);
            self.day_known_from = now;
        }
        Moment { now, day_ends: self.day_ends }
    }

    /// Whether anything can be sent to a model, and who it is up to.
    pub(crate) fn gate(&self, model: &str, now: Timestamp) -> (Gate, WaitFor) {
        let general = self.blame.gate(now);
        let special = self.lanes.at(model).breaker.gate(now);
        if special > general { (special, WaitFor::Model) } else { (general, WaitFor::Google) }
    }

    /// The answer while nothing can be sent to a model at all.
    pub(crate) fn shut(&self, model: &str, now: Timestamp) -> Option<Admission> {
        let (Gate::Shut(until), what) = self.gate(model, now) else { return None };
        Some(self.outage(model, until, what))
    }

    fn outage(&self, model: &str, until: Timestamp, what: WaitFor) -> Admission {
        let census = self.lanes.at(model).census(&self.roster);
        Admission::Wait { until, cause: WaitCause::outage(what), census }
    }

    /// The next ticket finds out whether what is shut works again.
    fn send_probe(&mut self, model: &str) {
        self.blame.send_probe(self.next_serial);
        self.lanes.of(model).breaker.send_probe(self.next_serial);
    }

    pub(crate) fn selector(&self, model: &str, moment: Moment) -> Selector<'_> {
        Selector {
            lane: self.lanes.at(model),
            roster: &self.roster,
            wide: &self.wide,
            strategy: self.policy.strategy,
            moment,
        }
    }

    pub(crate) fn grant(
        &mut self,
        choice: &Choice,
        chosen_for: ChosenFor,
        model: &str,
        want: &Want<'_>,
        moment: Moment,
    ) -> Admission {
        let Self { roster, wide, lanes, next_serial, .. } = self;
        let project = choice.project;
        let lane = lanes.of(model);
        if !is_out_of_turn(chosen_for) {
            lane.commit(choice);
            foresee(choice, lane, roster);
        }
        if let Some(prefix) = want.prefix() {
            lane.sticky.set(prefix, project, moment.now);
        }
        // What goes beyond a limit to test a guess says nothing of the limit.
        let is_counted = chosen_for != ChosenFor::Doubt;
        let reservation =
            is_counted.then(|| lane.reserve(project, want.tokens, moment, roster, wide));
        let reservation = reservation.flatten();
        let attempt = Attempt { reservation, tokens: want.tokens, began: moment.now };
        let serial = *next_serial;
        lane.last_serial = serial;
        *next_serial += 1;
        let project_generation = roster.project(project).map_or(0, |project| project.generation);
        let lease = roster.start(choice.key, moment.now).map(|key| Lease {
            ticket: Ticket {
                slot: choice.key.0,
                generation: key.generation,
                serial,
                model: lane.name_of(model),
                project,
                project_generation,
                attempt,
                answered: None,
            },
            key: Arc::clone(&key.credential),
            chosen_for,
        });
        if chosen_for == ChosenFor::Sound {
            // It was nobody's turn: those that were passed over must not miss theirs for it.
            lane.keep_turn(project);
            roster.keep_turn(project);
        }
        match lease {
            Some(lease) => Admission::Granted(lease),
            None => self.decline(model, want, moment),
        }
    }

    /// Nothing can be granted now: is it worth waiting?
    pub(crate) fn decline(&self, model: &str, want: &Want<'_>, moment: Moment) -> Admission {
        let selector = self.selector(model, moment);
        let census = selector.lane.census(&self.roster);
        if let Some((until, project)) = selector.next_fit(want)
            && let Some(cause) = selector.cause(project, want)
        {
            return Admission::Wait { until, cause, census };
        }
        let why = if census.total == 0 && want.bound.is_none() {
            Refusal::NoKeys
        } else if want.is_out_of_reach(&self.roster) {
            Refusal::BondBroken
        } else if !selector.has_candidates(want) {
            Refusal::NoneTagged
        } else if census.total == census.disabled {
            Refusal::AllDisabled
        } else if census.total == census.disabled + census.dead {
            Refusal::AllDead
        } else {
            Refusal::AllTried
        };
        Admission::Refused { why, census }
    }

    /// Takes some of what is over for one model; answers whether there is more.
    pub(crate) fn catch_up(&mut self, model: &str, moment: Moment) -> bool {
        let more = self.expire_wide(moment.now, EXPIRED_AT_ONCE);
        let Self { roster, wide, lanes, journal, .. } = self;
        more | lanes.of(model).expire(roster, wide, journal, moment, EXPIRED_AT_ONCE)
    }

    /// Takes some of what is over for all models; answers whether there is more.
    fn expire_wide(&mut self, now: Timestamp, most: usize) -> bool {
        for _ in 0..most {
            let Some(expired) = self.wide.expire(now) else { return false };
            if let Expired::Block(project) = expired
                && let Some(project) = self.roster.project(project)
            {
                let name = CellName { domain: project.domain.clone(), model: None };
                self.journal.note(Learned::CellOver(name));
            }
            for lane in self.lanes.all() {
                lane.refresh_expired(expired, &self.roster, &self.wide);
            }
        }
        self.wide.is_due(now)
    }
}

/// Whether the order in which projects take turns knows nothing of a choice.
fn is_out_of_turn(chosen_for: ChosenFor) -> bool {
    use ChosenFor::{Bond, Doubt, Sound, Sticky};
    matches!(chosen_for, Bond | Doubt | Sound | Sticky)
}

#[cfg(test)]
mod tests;

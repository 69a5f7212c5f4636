//! How each way out has done since the process started.

use serde::Serialize;
use utoipa::ToSchema;

use crate::map::Map;
use crate::{EgressId, Outcome, Pool, Ticket, Timestamp};

/// What came of the attempts that went one way out. Those that a client broke off are not in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct EgressCounters {
    /// All attempts.
    pub attempts: u64,
    /// Those that found a quota spent: Google's 429.
    pub quota_spent: u64,
    /// Those that Google failed by itself: its 5xx.
    pub busy: u64,
    /// Those whose connection could not be made, or broke.
    pub broken: u64,
    /// Those that Google refused because it does not serve the country of the address.
    pub region_refused: u64,
    /// Those whose answer began.
    pub answered: u64,
    /// How long these took until then, in milliseconds, all together.
    pub answered_after: u64,
    /// When the last attempt ended.
    pub last_used: Option<Timestamp>,
}

/// A way out at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EgressSnapshot {
    /// Which.
    pub id: EgressId,
    /// How it has done.
    pub counters: EgressCounters,
    /// Since when nothing is sent this way but probes; nothing while it works, as far as is known.
    pub shut_since: Option<Timestamp>,
    /// When the next probe may go.
    pub probed_at: Option<Timestamp>,
    /// Since when it works again, if it was shut before.
    pub up_since: Option<Timestamp>,
    /// How many attempts are on their way.
    pub running: u64,
}

/// The ways that there are, those that rest included.
#[derive(Debug, Default)]
pub(crate) struct Ways(Map<EgressId, Way>);

#[derive(Debug, Default)]
struct Way {
    counters: EgressCounters,
    up_since: Option<Timestamp>,
    running: u64,
}

impl Ways {
    /// Forgets the ways that are no more.
    pub(crate) fn keep(&mut self, ways: &[EgressId]) {
        self.0.retain(|id, _| ways.contains(id));
        for id in ways {
            self.0.entry(*id).or_default();
        }
    }

    /// An attempt begins.
    pub(crate) fn begin(&mut self, id: EgressId) {
        if let Some(way) = self.0.get_mut(&id) {
            way.running += 1;
        }
    }

    /// It works again.
    pub(crate) fn note_up(&mut self, id: EgressId, now: Timestamp) {
        if let Some(way) = self.0.get_mut(&id) {
            way.up_since = Some(now);
        }
    }

    /// An attempt has ended. Ways that nobody has told of are not counted, so they cannot pile up.
    pub(crate) fn note(
        &mut self,
        id: EgressId,
        ticket: &Ticket,
        outcome: &Outcome,
        now: Timestamp,
    ) {
        let Some(Way { counters, running, .. }) = self.0.get_mut(&id) else { return };
        *running = running.saturating_sub(1);
        let counter = match outcome {
            Outcome::Cancelled { .. } => return,
            Outcome::QuotaSpent(_) => Some(&mut counters.quota_spent),
            Outcome::ModelBusy => Some(&mut counters.busy),
            Outcome::LinkBroken(_) => Some(&mut counters.broken),
            Outcome::RegionRefused => Some(&mut counters.region_refused),
            _ => None,
        };
        if let Some(counter) = counter {
            *counter += 1;
        }
        counters.attempts += 1;
        counters.last_used = Some(now);
        if let Some(answered) = ticket.answered {
            let took = answered.millis().saturating_sub(ticket.attempt.began.millis());
            counters.answered += 1;
            counters.answered_after += u64::try_from(took).unwrap_or(0);
        }
    }
}

impl Pool {
    /// Every way out that [`set_egresses`](Self::set_egresses) told of, in no order.
    pub fn egresses(&self, now: Timestamp) -> Vec<EgressSnapshot> {
        let ways = self.ways.0.iter().map(|(&id, way)| EgressSnapshot {
            id,
            counters: way.counters,
            up_since: way.up_since.filter(|_| self.blame.shut_since(id).is_none()),
            running: way.running,
            shut_since: self.blame.shut_since(id),
            probed_at: self.egress_shut(id, now),
        });
        ways.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::fixture::{Fixture, SERVED, spec, spent_for};
    use crate::{Admission, Ask, Phase};

    const A: EgressId = EgressId(1);
    const B: EgressId = EgressId(2);

    fn attempt(fixture: &mut Fixture, way: EgressId, outcome: &Outcome) {
        let Admission::Granted(mut lease) =
            fixture.pool.admit(&Ask::new(Some("flash")), fixture.now)
        else {
            panic!("not granted")
        };
        fixture.now = fixture.now + Duration::from_millis(250);
        if outcome.is_success() {
            fixture.pool.answered(&mut lease.ticket, fixture.now);
        }
        fixture.pool.settle_via(lease.ticket, outcome, way, fixture.now);
    }

    fn of(fixture: &Fixture, way: EgressId) -> EgressSnapshot {
        fixture.pool.egresses(fixture.now).into_iter().find(|one| one.id == way).unwrap()
    }

    #[test]
    fn each_way_has_its_own_numbers() {
        let mut fixture = Fixture::new((0..20).map(|id| spec(&format!("k{id}"))).collect());
        fixture.pool.set_egresses(&[A, B], &[]);
        assert_eq!(of(&fixture, A).counters, EgressCounters::default());
        attempt(&mut fixture, A, &SERVED);
        attempt(&mut fixture, A, &SERVED);
        let spent = spent_for(fixture.now, 30);
        attempt(&mut fixture, A, &spent);
        attempt(&mut fixture, A, &Outcome::Cancelled { usage: crate::Usage::default() });
        attempt(&mut fixture, B, &Outcome::ModelBusy);
        attempt(&mut fixture, B, &Outcome::RegionRefused);
        attempt(&mut fixture, EgressId(3), &SERVED);
        let counters = of(&fixture, A).counters;
        assert_eq!((counters.attempts, counters.quota_spent, counters.busy), (3, 1, 0));
        assert_eq!((counters.answered, counters.answered_after), (2, 500));
        let counters = of(&fixture, B).counters;
        assert_eq!((counters.attempts, counters.busy, counters.region_refused), (2, 1, 1));
        assert_eq!(counters.last_used, Some(fixture.now - Duration::from_millis(250)));
        assert_eq!(fixture.pool.egresses(fixture.now).len(), 2, "nobody has told of a third");
        fixture.pool.set_egresses(&[B], &[]);
        assert_eq!(of(&fixture, B).counters.attempts, 2, "it stays");
        assert_eq!(fixture.pool.egresses(fixture.now).len(), 1);
    }

    #[test]
    fn a_way_tells_since_when_it_is_shut() {
        let mut fixture = Fixture::new((0..5).map(|id| spec(&format!("k{id}"))).collect());
        fixture.pool.set_egresses(&[A, B], &[]);
        for _ in 0..fixture.pool.policy.trip_after {
            attempt(&mut fixture, A, &Outcome::LinkBroken(Phase::Connect));
        }
        let shut = fixture.now;
        assert_eq!(of(&fixture, A).shut_since, Some(shut));
        assert_eq!(of(&fixture, A).probed_at, Some(shut + Duration::from_secs(1)));
        fixture.now = fixture.now + Duration::from_secs(2);
        assert_eq!(of(&fixture, A).probed_at, None, "a probe may go");
        assert_eq!(of(&fixture, A).shut_since, Some(shut), "but nothing else");
        assert_eq!(of(&fixture, B).shut_since, None);
        attempt(&mut fixture, A, &SERVED);
        assert_eq!(of(&fixture, A).shut_since, None);
        assert_eq!(of(&fixture, A).up_since, Some(fixture.now));
        assert_eq!(of(&fixture, B).up_since, None, "it was never shut");
    }

    #[test]
    fn what_runs_on_a_way_that_rests_is_counted_until_it_ends() {
        let mut fixture = Fixture::new(vec![spec("k")]);
        fixture.pool.set_egresses(&[A, B], &[]);
        let Admission::Granted(lease) = fixture.pool.admit(&Ask::new(Some("flash")), fixture.now)
        else {
            panic!("not granted")
        };
        assert_eq!(fixture.pool.route(&lease.ticket, &[A, B], fixture.now), Some(A));
        fixture.pool.set_egresses(&[B], &[A]);
        assert_eq!((of(&fixture, A).running, of(&fixture, B).running), (1, 0));
        fixture.pool.settle_via(lease.ticket, &SERVED, A, fixture.now);
        assert_eq!((of(&fixture, A).running, of(&fixture, A).counters.attempts), (0, 1));
    }
}

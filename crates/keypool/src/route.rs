//! Which way a granted request takes to Google.

use crate::breaker::Gate;
use crate::{EgressId, Pool, Ticket, Timestamp};

impl Pool {
    /// Tells which ways out there are, in place of those that were told before, and which of others
    /// take nothing new, but are still counted. Nothing is sent at all only while every one of the
    /// former is shut.
    pub fn set_egresses(&mut self, ways: &[EgressId], resting: &[EgressId]) {
        self.stir();
        self.blame.set_ways(ways);
        self.ways.keep(&[ways, resting].concat());
    }

    /// The way out for a ticket: of those it prefers the first that is not shut, else the first.
    /// A way whose time to be shut is over gets this one ticket to find out whether it works.
    pub fn route(
        &mut self,
        ticket: &Ticket,
        preferred: &[EgressId],
        now: Timestamp,
    ) -> Option<EgressId> {
        let is_shut = |way: &&EgressId| matches!(self.blame.egress_gate(**way, now), Gate::Shut(_));
        let way = *preferred.iter().find(|way| !is_shut(way)).or(preferred.first())?;
        self.blame.take_way(way, ticket.serial, now);
        self.ways.begin(way);
        Some(way)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::fixture::{Fixture, SERVED, spec};
    use crate::{Admission, Ask, Lease, Outcome, Phase};

    const A: EgressId = EgressId(1);
    const B: EgressId = EgressId(2);
    const CANNOT_CONNECT: Outcome = Outcome::LinkBroken(Phase::Connect);

    fn lease(fixture: &mut Fixture) -> Lease {
        match fixture.pool.admit(&Ask::new(Some("flash")), fixture.now) {
            Admission::Granted(lease) => lease,
            other => panic!("{other:?}"),
        }
    }

    /// One request that prefers A; answers which way it took.
    fn attempt(fixture: &mut Fixture, outcome: impl Fn(EgressId) -> Outcome) -> EgressId {
        let lease = lease(fixture);
        let way = fixture.pool.route(&lease.ticket, &[A, B], fixture.now).unwrap();
        fixture.pool.settle_via(lease.ticket, &outcome(way), way, fixture.now);
        way
    }

    fn a_is_broken(way: EgressId) -> Outcome {
        if way == A { CANNOT_CONNECT } else { SERVED }
    }

    #[test]
    fn a_way_that_is_shut_is_passed_over_and_probed_by_one_request() {
        let mut fixture = Fixture::new((0..5).map(|id| spec(&format!("k{id}"))).collect());
        fixture.pool.set_egresses(&[A, B], &[]);
        for _ in 0..fixture.pool.policy.trip_after {
            assert_eq!(attempt(&mut fixture, a_is_broken), A);
        }
        assert_eq!(attempt(&mut fixture, a_is_broken), B);
        fixture.now = fixture.now + Duration::from_secs(2);
        let probe = lease(&mut fixture);
        assert_eq!(fixture.pool.route(&probe.ticket, &[A, B], fixture.now), Some(A));
        assert_eq!(attempt(&mut fixture, a_is_broken), B, "the probe is out");
        fixture.pool.settle_via(probe.ticket, &CANNOT_CONNECT, A, fixture.now);
        assert_eq!(attempt(&mut fixture, a_is_broken), B, "it has failed");
        fixture.now = fixture.now + Duration::from_secs(3);
        assert_eq!(attempt(&mut fixture, |_| SERVED), A);
        assert_eq!(attempt(&mut fixture, |_| SERVED), A);
    }

    #[test]
    fn nothing_is_sent_only_while_every_way_is_shut() {
        let mut fixture = Fixture::new((0..5).map(|id| spec(&format!("k{id}"))).collect());
        fixture.pool.set_egresses(&[A, B], &[]);
        for _ in 0..fixture.pool.policy.trip_after {
            attempt(&mut fixture, a_is_broken);
        }
        // B has not been used yet.
        assert_eq!(attempt(&mut fixture, |_| CANNOT_CONNECT), B);
        for _ in 1..fixture.pool.policy.trip_after {
            assert_eq!(attempt(&mut fixture, |_| CANNOT_CONNECT), B);
        }
        let answer = fixture.pool.admit(&Ask::new(Some("flash")), fixture.now);
        assert!(matches!(answer, Admission::Wait { .. }), "{answer:?}");
    }
}

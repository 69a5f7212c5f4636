//! A key for an attempt that is not needed but would be nice to have.

use crate::breaker::Gate;
use crate::select::{Mood, Want};
use crate::{Admission, Ask, ChosenFor, Lease, Pool, Timestamp};

/// A project has something to spare while it is no fuller than this, in thousandths.
const HALF_FULL: u16 = 500;

impl Pool {
    /// A key for a second attempt beside one that runs: of a project that was not tried, at most
    /// half full, whose keys do not fail and are of no higher tier than those tried. `None` while
    /// others wait for the model, if there is no such key or the request needs certain ones: then one is
    /// done without.
    pub fn admit_spare(&mut self, ask: &Ask<'_>, now: Timestamp) -> Option<Lease> {
        let model = ask.model.filter(|_| ask.bond.is_none())?;
        if self.has_line(model) || !matches!(self.gate(model, now), (Gate::Open, _)) {
            return None;
        }
        let moment = self.moment(now);
        while self.catch_up(model, moment) {}
        let tier_of = |id| self.roster.key_slot(id).and_then(|slot| self.roster.key(slot));
        let tiers = ask.tried.iter().filter_map(|tried| tier_of(&tried.key));
        let highest = tiers.map(|key| key.tier).max()?;
        let want = Want::of(ask, &self.roster);
        let selector = self.selector(model, moment);
        let choice = selector.look(model, &want, Mood::Choosy)?;
        let fullness =
            selector.lane.quotas.get(choice.project).map_or(0, |cell| cell.pressure(moment));
        if choice.rank.avoided || choice.rank.tier > highest || fullness > HALF_FULL {
            return None;
        }
        match self.grant(&choice, ChosenFor::Spare, model, &want, moment) {
            Admission::Granted(lease) => Some(lease),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, SERVED, of_project, spec, tried};
    use crate::{DeclaredLimit, KeySpec, Outcome, Tried, Window};

    fn second(fixture: &mut Fixture, first: &str) -> Option<Lease> {
        let tried = [Tried { key: first.into(), avoid_project: true }];
        let ask = Ask { tried: &tried, ..Ask::new(Some("flash")) };
        fixture.pool.admit_spare(&ask, fixture.now)
    }

    /// The key of a second attempt, which is served.
    fn spare(fixture: &mut Fixture, first: &str) -> Option<String> {
        let lease = second(fixture, first)?;
        assert_eq!(lease.chosen_for, ChosenFor::Spare);
        fixture.pool.settle(lease.ticket, &SERVED, fixture.now);
        Some(lease.key.id.to_string())
    }

    #[test]
    fn it_goes_to_another_project_of_no_higher_tier() {
        let paid = KeySpec { tier: 1, ..spec("paid") };
        let keys = vec![of_project("a1", "a"), of_project("a2", "a"), paid];
        let mut fixture = Fixture::new(keys);
        assert_eq!(spare(&mut fixture, "a1"), None);
        assert_eq!(spare(&mut fixture, "paid").as_deref(), Some("a1"));
        assert_eq!(spare(&mut fixture, "unknown"), None);
    }

    #[test]
    fn it_takes_only_what_can_be_spared() {
        let mut fixture = Fixture::of(&["a", "b"]);
        let window = Window::MinuteRequests;
        let limit = DeclaredLimit { project: None, tier: None, model: None, window, limit: 10 };
        fixture.pool.declare(vec![limit], fixture.now);
        for _ in 0..6 {
            assert_eq!(spare(&mut fixture, "a").as_deref(), Some("b"));
        }
        assert_eq!(spare(&mut fixture, "a"), None, "six of ten are used");
    }

    #[test]
    fn keys_that_fail_are_left_alone() {
        let mut fixture = Fixture::of(&["a", "b"]);
        fixture.attempt_with("b", "flash", &Outcome::ModelBusy);
        assert_eq!(spare(&mut fixture, "a"), None);
    }

    #[test]
    fn it_never_pushes_before_those_who_wait() {
        let mut fixture = Fixture::of(&["a", "b"]);
        let both = tried(&["a", "b"]);
        let ask = Ask { tried: &both, ..Ask::new(Some("flash")) };
        fixture.pool.enqueue("somebody", &ask, fixture.now);
        assert!(second(&mut fixture, "a").is_none());
    }
}

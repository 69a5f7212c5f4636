//! What exists in one project only, so that few keys can reach it.

use std::sync::Arc;

use crate::lane::Lane;
use crate::meter::Moment;
use crate::ring::{Choice, Rank};
use crate::roster::{Key, KeySlot, ProjectSlot, Roster};
use crate::select::{Mood, Selector, Want};
use crate::setbacks::Setbacks;
use crate::{Domain, KeyId, Pool, Timestamp};

/// The key that something at Google was made with. A request that needs it is served by this key,
/// or by another one that an administrator has put into the same project: a guess is not enough.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bond {
    /// The key.
    pub key: KeyId,
    /// The name of its project, if it had one: other keys of it will do when this one has left.
    pub project: Option<Arc<str>>,
}

/// A bond, found in the roster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound {
    key: Option<KeySlot>,
    project: Option<ProjectSlot>,
}

impl Bound {
    pub(crate) fn of(bond: &Bond, roster: &Roster) -> Self {
        let key = roster.key_slot(&bond.key);
        let name = match key.and_then(|slot| roster.key(slot)) {
            Some(key) => key.spec.project.as_deref(),
            None => bond.project.as_deref(),
        };
        let project = name.and_then(|name| roster.project_slot(&Domain::Project(name.into())));
        Self { key, project }
    }

    pub(crate) fn accepts(self, slot: KeySlot, key: &Key) -> bool {
        self.key == Some(slot) || self.project == Some(key.project)
    }

    /// The keys that can serve, the one that made it first.
    fn keys(self, roster: &Roster) -> impl Iterator<Item = (KeySlot, &Key)> {
        let others = self.project.and_then(|slot| roster.project(slot));
        let others = others.map(|project| project.keys.as_slice()).unwrap_or_default();
        let others = others.iter().copied().filter(move |slot| Some(*slot) != self.key);
        let slots = self.key.into_iter().chain(others);
        slots.filter_map(|slot| Some((slot, roster.key(slot)?))).filter(|(_, key)| key.is_usable())
    }

    /// Whether no key is left that could serve.
    pub(crate) fn is_broken(self, roster: &Roster) -> bool {
        self.keys(roster).next().is_none()
    }
}

impl Pool {
    /// The name that an administrator gave the project of a key, if the pool holds the key.
    pub fn project_of(&self, key: &KeyId) -> Option<Arc<str>> {
        let key = self.roster.key(self.roster.key_slot(key)?)?;
        key.spec.project.as_deref().map(Into::into)
    }
}

impl Selector<'_> {
    /// The first key of a bond that is open, in no turn: nobody else can serve.
    pub(crate) fn choose_bound(&self, want: &Want<'_>, bound: Bound) -> Option<Choice> {
        [Mood::Choosy, Mood::Daring, Mood::Desperate].into_iter().find_map(|mood| {
            bound.keys(self.roster).find_map(|(slot, key)| {
                let avoided = self.lane.avoids(slot, self.wide);
                let fits = (mood > Mood::Choosy || !avoided)
                    && want.unfit(slot, key, mood, self.moment.now).is_none()
                    && opens(self.lane, self.wide, key.project, want, self.moment).is_none();
                let rank = Rank { avoided, tier: key.tier };
                fits.then(|| Choice::aside(key.project, slot, rank))
            })
        })
    }

    /// When one of the keys of a bond is open again, and whose quota it is that opens it.
    pub(crate) fn next_bound(
        &self,
        want: &Want<'_>,
        bound: Bound,
    ) -> Option<(Timestamp, ProjectSlot)> {
        let opens = |project| opens(self.lane, self.wide, project, want, self.moment);
        let keys = bound.keys(self.roster);
        keys.filter_map(|(_, key)| Some((opens(key.project)?, key.project))).min()
    }
}

/// When a project has room for a request; `None` for now.
fn opens(
    lane: &Lane,
    wide: &Setbacks,
    project: ProjectSlot,
    want: &Want<'_>,
    moment: Moment,
) -> Option<Timestamp> {
    let closed = lane.cause(project, wide).map(|(until, _)| until);
    closed.or_else(|| Some(lane.quotas.get(project)?.obstacle(want.tokens, moment)?.until))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, SERVED, of_project, spec, spent_for, tried};
    use crate::{Admission, Ask, ChosenFor, DeathReason, Outcome, Refusal};

    fn admit(fixture: &mut Fixture, bond: &Bond) -> Admission {
        let ask = Ask { bond: Some(bond), ..Ask::new(Some("flash")) };
        fixture.pool.admit(&ask, fixture.now)
    }

    #[track_caller]
    fn served_by(fixture: &mut Fixture, bond: &Bond) -> String {
        let Admission::Granted(lease) = admit(fixture, bond) else { panic!("not granted") };
        assert_eq!(lease.chosen_for, ChosenFor::Bond);
        let key = lease.key.id.to_string();
        fixture.end(lease, &SERVED);
        key
    }

    fn bond(key: &str, project: Option<&str>) -> Bond {
        Bond { key: key.into(), project: project.map(Into::into) }
    }

    #[test]
    fn only_the_key_itself_serves_where_no_project_is_known() {
        let mut fixture = Fixture::of(&["a", "b", "c"]);
        for _ in 0..6 {
            assert_eq!(served_by(&mut fixture, &bond("b", None)), "b");
        }
        let minute = spent_for(fixture.now, 30);
        fixture.attempt_with("b", "flash", &minute);
        let Admission::Wait { until, .. } = admit(&mut fixture, &bond("b", None)) else {
            panic!("others are open, but of no use")
        };
        assert_eq!(until, fixture.now + std::time::Duration::from_secs(30));
        fixture.wait_seconds(31);
        assert_eq!(served_by(&mut fixture, &bond("b", None)), "b");
    }

    #[test]
    fn siblings_of_a_declared_project_take_over() {
        let keys = vec![of_project("a1", "a"), of_project("a2", "a"), spec("b")];
        let mut fixture = Fixture::new(keys);
        let made = bond("a1", Some("a"));
        assert_eq!(served_by(&mut fixture, &made), "a1");
        fixture.attempt_with("a1", "flash", &Outcome::KeyDead(DeathReason::Leaked));
        assert_eq!(served_by(&mut fixture, &made), "a2");
        fixture.pool.sync(vec![of_project("a2", "a"), spec("b")], fixture.now);
        assert_eq!(served_by(&mut fixture, &made), "a2");
        fixture.attempt_with("a2", "flash", &Outcome::KeyDead(DeathReason::Leaked));
        let refused = admit(&mut fixture, &made);
        assert!(matches!(refused, Admission::Refused { why: Refusal::BondBroken, .. }));
        fixture.pool.sync(vec![spec("b")], fixture.now);
        let refused = admit(&mut fixture, &made);
        assert!(matches!(refused, Admission::Refused { why: Refusal::BondBroken, .. }));
    }

    #[test]
    fn a_key_that_was_met_is_not_given_twice_and_no_other_either() {
        let mut fixture = Fixture::of(&["a", "b"]);
        let (met, bond) = (tried(&["a"]), bond("a", None));
        let ask = Ask { tried: &met, bond: Some(&bond), ..Ask::new(Some("flash")) };
        let refused = fixture.pool.admit(&ask, fixture.now);
        assert!(matches!(refused, Admission::Refused { why: Refusal::AllTried, .. }));
        assert!(fixture.pool.admit_spare(&ask, fixture.now).is_none());
    }

    #[test]
    fn whoever_waits_for_a_key_is_given_that_one() {
        let mut fixture = Fixture::of(&["a", "b"]);
        let minute = spent_for(fixture.now, 5);
        fixture.attempt_with("a", "flash", &minute);
        let bond = bond("a", None);
        let ask = Ask { bond: Some(&bond), ..Ask::new(Some("flash")) };
        fixture.pool.enqueue("somebody", &ask, fixture.now);
        assert!(fixture.pool.wake(fixture.now).is_empty(), "b would be open");
        fixture.wait_seconds(6);
        let woken = fixture.pool.wake(fixture.now);
        assert_eq!(woken.first().unwrap().1.key.id.as_str(), "a");
    }
}

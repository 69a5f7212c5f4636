//! What other declared limits would bring about, before anybody declares them.

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use crate::declared::Declared;
use crate::lane::Lane;
use crate::meter::Moment;
use crate::roster::ProjectSlot;
use crate::{DeclaredLimit, KeyState, Pool, Timestamp};

/// What would be different if other limits were declared now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LimitsProspect)]
pub struct Prospect {
    /// Pairs of a project and a model, of those that have met, that may use less than now.
    pub lowered: usize,
    /// Those that may use more.
    pub raised: usize,
    /// Keys that are held back from some model by a limit, and no longer would be.
    pub opened: usize,
    /// Keys that can serve some model, and would be held back from it.
    pub closed: usize,
}

/// Which way a project goes for a model.
struct Turn {
    is_lower: bool,
    had_room: bool,
    has_room: bool,
}

impl Pool {
    /// What would be different now if these limits were declared in place of those that are. Looks at
    /// every project and model that have met, and changes nothing.
    pub fn foresee(&mut self, limits: Vec<DeclaredLimit>, now: Timestamp) -> Prospect {
        let moment = self.moment(now);
        let declared = Declared::new(limits);
        let mut prospect = Prospect::default();
        let (mut opened, mut closed) = (HashSet::new(), HashSet::new());
        for lane in self.lanes.owned() {
            for slot in self.roster.project_slots() {
                let Some(turn) = self.turn(lane, slot, &declared, moment) else { continue };
                *(if turn.is_lower { &mut prospect.lowered } else { &mut prospect.raised }) += 1;
                match (turn.had_room, turn.has_room) {
                    (false, true) => drop(opened.insert(slot)),
                    (true, false) => drop(closed.insert(slot)),
                    _ => {}
                }
            }
        }
        prospect.opened = opened.into_iter().map(|slot| self.usable_keys(slot)).sum();
        prospect.closed = closed.into_iter().map(|slot| self.usable_keys(slot)).sum();
        prospect
    }

    /// Nothing where the limits stay as they are. A project that Google has closed stays so.
    fn turn(
        &self,
        lane: &Lane,
        slot: ProjectSlot,
        declared: &Declared,
        moment: Moment,
    ) -> Option<Turn> {
        let model = lane.model().filter(|model| !model.is_empty())?;
        let cell = lane.quotas.get(slot)?;
        let before = cell.limits().cloned().unwrap_or_default();
        let mut after = before.clone();
        after.declare(self.roster.resolve_for(slot, declared, model));
        let (before, after) = (before.ceilings(), after.ceilings());
        if before == after {
            return None;
        }
        let blocked = lane.closed(slot, &self.wide);
        let is_blocked =
            blocked.is_some_and(|(until, window)| window.is_some() && until > moment.now);
        let (minute, day) = (cell.minute(moment.now), cell.day(moment));
        Some(Turn {
            is_lower: after.are_lower_than(before),
            had_room: is_blocked || before.have_room(1, minute, day),
            has_room: is_blocked || after.have_room(1, minute, day),
        })
    }

    fn usable_keys(&self, slot: ProjectSlot) -> usize {
        let project = self.roster.project(slot);
        let keys = project.into_iter().flat_map(|project| &project.keys);
        let keys = keys.filter_map(|key| self.roster.key(*key));
        keys.filter(|key| key.state(false) == KeyState::Ready).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, SERVED, of_project, spec};
    use crate::{DeathReason, Outcome, Window};

    fn per_day(limit: u64) -> Vec<DeclaredLimit> {
        let window = Window::DayRequests;
        vec![DeclaredLimit { project: None, tier: None, model: None, window, limit }]
    }

    #[test]
    fn it_is_told_which_keys_a_change_would_open_or_close() {
        let keys = vec![of_project("a1", "a"), of_project("a2", "a"), spec("b")];
        let mut fixture = Fixture::new(keys);
        fixture.pool.declare(per_day(1), fixture.now);
        for _ in 0..2 {
            fixture.attempt("flash", &SERVED);
        }
        let foreseen = |fixture: &mut Fixture, limits| fixture.pool.foresee(limits, fixture.now);
        assert_eq!(foreseen(&mut fixture, per_day(1)), Prospect::default(), "nothing is different");
        let higher = Prospect { raised: 2, opened: 3, ..Prospect::default() };
        assert_eq!(foreseen(&mut fixture, per_day(2)), higher, "two keys share what was used up");
        assert_eq!(foreseen(&mut fixture, Vec::new()), higher);
        fixture.pool.declare(per_day(2), fixture.now);
        let lower = Prospect { lowered: 2, closed: 3, ..Prospect::default() };
        assert_eq!(foreseen(&mut fixture, per_day(1)), lower);
        assert_eq!(foreseen(&mut fixture, per_day(2)), Prospect::default(), "nothing was changed");
    }

    #[test]
    fn a_dead_key_is_not_opened() {
        let mut fixture = Fixture::new(vec![of_project("a1", "a"), of_project("a2", "a")]);
        fixture.attempt_with("a2", "pro", &Outcome::KeyDead(DeathReason::Leaked));
        fixture.pool.declare(per_day(1), fixture.now);
        fixture.attempt("flash", &SERVED);
        assert_eq!(fixture.pool.foresee(per_day(9), fixture.now).opened, 1);
    }
}

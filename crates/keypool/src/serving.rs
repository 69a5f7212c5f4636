//! Which keys can serve a model and which cannot, and what its projects may use of it: for people.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use utoipa::ToSchema;

use crate::lane::Lane;
use crate::roster::ProjectSlot;
use crate::{Domain, Pool, Timestamp, Window};

/// Whose word a limit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitSource {
    /// An administrator has said so.
    Declared,
    /// Google has named it when it refused something.
    Learned,
}

/// What projects may use of a model in a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KnownLimit {
    /// The lowest tier of those projects' keys.
    pub tier: u8,
    /// In which window.
    pub window: Window,
    /// Whose word it is.
    pub source: LimitSource,
    /// The smallest limit of these projects.
    pub least: u64,
    /// The largest one.
    pub most: u64,
    /// How many projects it is known of.
    pub projects: usize,
}

impl Pool {
    /// Whether the model was used or refused, so that it stands otherwise than those that nobody
    /// has asked for.
    pub fn knows_model(&self, model: &str) -> bool {
        self.lanes.has_own(model)
    }

    /// How many of the keys that are out of quota for a model are so for the day. Looks at every
    /// project that is closed.
    pub fn exhausted(&self, model: Option<&str>, now: Timestamp) -> usize {
        let lane = self.lanes.at(model.unwrap_or_default());
        let closed = lane.parked().filter(|(_, slot)| self.is_closed(lane, *slot, true, now));
        let usable = closed.filter_map(|(_, slot)| Some(self.roster.project(slot)?.usable));
        usable.sum()
    }

    /// The projects that are out of quota for a model now.
    pub fn closed_for(&self, model: &str, now: Timestamp) -> HashSet<Domain> {
        let lane = self.lanes.at(model);
        let closed = lane.parked().filter(|(_, slot)| self.is_closed(lane, *slot, false, now));
        closed.filter_map(|(_, slot)| Some(self.roster.project(slot)?.domain.clone())).collect()
    }

    fn is_closed(&self, lane: &Lane, slot: ProjectSlot, for_the_day: bool, now: Timestamp) -> bool {
        let cause = lane.cause(slot, &self.wide).filter(|(until, _)| *until > now);
        cause.is_some_and(|(_, cause)| !for_the_day || cause.window.is_daily())
    }

    /// Every limit of the model's that is known, by tier, window and source.
    pub fn known_limits(&self, model: &str) -> Vec<KnownLimit> {
        let mut known: BTreeMap<_, KnownLimit> = BTreeMap::new();
        let Some(lane) =
            self.lanes.owned().find(|lane| lane.model().is_some_and(|one| **one == *model))
        else {
            return Vec::new();
        };
        for slot in self.roster.project_slots() {
            let limits = lane.quotas.get(slot).and_then(|cell| cell.limits());
            let (Some(limits), Some(tier)) = (limits, self.tier_of(slot)) else { continue };
            for (window, _, limit) in limits.known() {
                let learned = limit.learned.map(|known| (LimitSource::Learned, known.value));
                let declared = limit.declared.map(|value| (LimitSource::Declared, value));
                for (source, value) in declared.into_iter().chain(learned) {
                    let new = || {
                        let (least, most, projects) = (value, value, 0);
                        KnownLimit { tier, window, source, least, most, projects }
                    };
                    let one = known.entry((tier, window as u8, source)).or_insert_with(new);
                    one.least = one.least.min(value);
                    one.most = one.most.max(value);
                    one.projects += 1;
                }
            }
        }
        known.into_values().collect()
    }

    fn tier_of(&self, slot: ProjectSlot) -> Option<u8> {
        let keys = &self.roster.project(slot)?.keys;
        keys.iter().filter_map(|key| Some(self.roster.key(*key)?.tier)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, SERVED, of_project, spec, spent, spent_for};
    use crate::{DeclaredLimit, KeySpec, Scope};

    #[test]
    fn what_is_out_for_the_day_is_told_from_what_cools() {
        let mut fixture =
            Fixture::new(vec![of_project("a1", "a"), of_project("a2", "a"), spec("b")]);
        assert!(!fixture.pool.knows_model("flash"));
        assert_eq!(fixture.pool.exhausted(Some("flash"), fixture.now), 0);
        fixture.attempt_with("a1", "flash", &spent(Window::DayRequests, Scope::Model));
        let minute = spent_for(fixture.now, 30);
        fixture.attempt_with("b", "flash", &minute);
        assert!(fixture.pool.knows_model("flash"));
        let closed = fixture.pool.closed_for("flash", fixture.now);
        assert!(closed.len() == 2 && closed.contains(&Domain::Project("a".into())), "{closed:?}");
        assert_eq!(fixture.pool.exhausted(Some("flash"), fixture.now), 2);
        assert_eq!(fixture.pool.standing(Some("flash")).0.blocked, 3);
        assert_eq!(fixture.pool.exhausted(Some("pro"), fixture.now), 0, "another model");
    }

    #[test]
    fn limits_are_told_by_tier_and_by_whose_word_they_are() {
        let paid = KeySpec { tier: 1, ..spec("paid") };
        let mut fixture = Fixture::new(vec![spec("a"), spec("b"), paid]);
        let limit = |tier, limit| DeclaredLimit {
            project: None,
            tier: Some(tier),
            model: Some("flash".to_owned()),
            window: Window::MinuteRequests,
            limit,
        };
        fixture.pool.declare(vec![limit(0, 5), limit(1, 300)], fixture.now);
        for _ in 0..3 {
            fixture.attempt("flash", &SERVED);
        }
        let known = fixture.pool.known_limits("flash");
        let declared = known.iter().find(|one| one.tier == 0).unwrap();
        assert_eq!((declared.least, declared.most), (5, 5));
        assert_eq!(
            (declared.window, declared.source),
            (Window::MinuteRequests, LimitSource::Declared)
        );
        assert!(fixture.pool.known_limits("pro").is_empty());
    }
}

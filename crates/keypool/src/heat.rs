//! What each project has used of each model, for people who look where it is getting hot.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::lane::Lane;
use crate::meter::Moment;
use crate::roster::ProjectSlot;
use crate::{Domain, KeyId, Pool, Timestamp, Window};

/// A project and a model that it has been asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuotaCell {
    /// Whose quota it is.
    pub domain: Domain,
    /// Whether nobody has said that the keys of the project belong together.
    pub is_guess: bool,
    /// How many keys share it.
    pub keys: usize,
    /// Which model.
    #[schema(value_type = String)]
    pub model: Arc<str>,
    /// Requests since midnight Pacific.
    pub day_requests: QuotaUse,
    /// Requests of the last minute.
    pub minute_requests: QuotaUse,
    /// Input tokens of the last minute.
    pub minute_tokens: QuotaUse,
    /// When it is open again, if it is closed.
    pub closed_until: Option<Timestamp>,
    /// What it is closed for.
    pub closed_for: Option<Window>,
}

/// What was used of a quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuotaUse {
    /// So much, by whomever.
    pub used: u64,
    /// Of so much, if that is known.
    pub limit: Option<u64>,
}

impl QuotaUse {
    /// How full it is in percent, 100 at the most.
    pub fn percent(self) -> Option<u64> {
        let limit = self.limit?;
        Some(self.used.saturating_mul(100).checked_div(limit).unwrap_or(100).min(100))
    }
}

impl QuotaCell {
    /// How full the day is in percent: 100 where Google has said so, whatever was counted.
    pub fn heat(&self) -> Option<u64> {
        match self.closed_for {
            Some(window) if window.is_daily() => Some(100),
            _ => self.day_requests.percent(),
        }
    }
}

impl Pool {
    /// Every project and model that have met. Looks at all of them.
    pub fn quota_cells(&mut self, now: Timestamp) -> Vec<QuotaCell> {
        let moment = self.moment(now);
        let mut cells = Vec::new();
        for lane in self.lanes.owned() {
            let slots = self.roster.project_slots();
            cells.extend(slots.filter_map(|slot| self.quota_cell(lane, slot, moment)));
        }
        cells
    }

    /// The same of the project that a key is of, model by model.
    pub fn quota_cells_of(&mut self, key: &KeyId, now: Timestamp) -> Vec<QuotaCell> {
        let moment = self.moment(now);
        let key = self.roster.key_slot(key).and_then(|slot| self.roster.key(slot));
        let Some(project) = key.map(|key| key.project) else { return Vec::new() };
        self.lanes.owned().filter_map(|lane| self.quota_cell(lane, project, moment)).collect()
    }

    fn quota_cell(&self, lane: &Lane, slot: ProjectSlot, moment: Moment) -> Option<QuotaCell> {
        let model = lane.model().filter(|model| !model.is_empty())?;
        let (project, cell) = (self.roster.project(slot)?, lane.quotas.get(slot)?);
        let limit = |window| cell.limits().and_then(|limits| limits.value(window));
        let (day, minute) = (cell.day(moment), cell.minute(moment.now));
        let closed = lane.cause(slot, &self.wide).filter(|(until, _)| *until > moment.now);
        let of = |used, window| QuotaUse { used, limit: limit(window) };
        Some(QuotaCell {
            domain: project.domain.clone(),
            is_guess: project.is_guess(),
            keys: project.keys.len(),
            model: Arc::clone(model),
            day_requests: of(day.requests, Window::DayRequests),
            minute_requests: of(minute.requests, Window::MinuteRequests),
            minute_tokens: of(minute.tokens, Window::MinuteTokens),
            closed_until: closed.as_ref().map(|(until, _)| *until),
            closed_for: closed.map(|(_, cause)| cause.window),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, SERVED, of_project, spec, spent_for};
    use crate::{DeclaredLimit, Outcome, QuotaSpent, Scope};

    fn cell(fixture: &mut Fixture, project: &str) -> QuotaCell {
        let cells = fixture.pool.quota_cells(fixture.now).into_iter();
        cells.into_iter().find(|cell| cell.domain.to_string() == project).unwrap()
    }

    #[test]
    fn keys_of_a_project_are_one_cell_that_gets_hot() {
        let keys = vec![of_project("a1", "a"), of_project("a2", "a"), spec("b")];
        let mut fixture = Fixture::new(keys);
        let limit = DeclaredLimit {
            project: Some("a".to_owned()),
            tier: None,
            model: None,
            window: Window::DayRequests,
            limit: 10,
        };
        fixture.pool.declare(vec![limit], fixture.now);
        assert!(fixture.pool.quota_cells(fixture.now).is_empty());
        fixture.attempt_with("a1", "flash", &SERVED);
        fixture.attempt_with("a2", "flash", &SERVED);
        fixture.attempt_with("b", "flash", &SERVED);
        let hot = cell(&mut fixture, "project:a");
        assert_eq!((hot.keys, &*hot.model), (2, "flash"));
        assert_eq!(hot.day_requests, QuotaUse { used: 2, limit: Some(10) });
        assert_eq!((hot.heat(), hot.minute_requests.used), (Some(20), 2));
        assert_eq!(cell(&mut fixture, "key:b").heat(), None, "nobody knows its limit");
        assert_eq!(fixture.pool.quota_cells_of(&"a2".into(), fixture.now), [hot]);
        assert_eq!(fixture.pool.quota_cells_of(&"unknown".into(), fixture.now), []);

        let minute = spent_for(fixture.now, 30);
        fixture.attempt_with("b", "flash", &minute);
        let closed = cell(&mut fixture, "key:b");
        assert_eq!(closed.closed_for, Some(Window::MinuteRequests));
        assert_eq!(closed.heat(), None, "a minute is not the day");
        let day = Outcome::QuotaSpent(QuotaSpent {
            window: Window::DayRequests,
            scope: Scope::Model,
            until: None,
            limit: Some(10),
            quota_id: None,
        });
        fixture.attempt_with("a1", "flash", &day);
        assert_eq!(cell(&mut fixture, "project:a").heat(), Some(100), "Google has said so");
    }
}

//! When the day's quota will be used up, if all goes on like this.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use crate::lane::Lane;
use crate::limits::{Limits, place};
use crate::meter::Moment;
use crate::roster::{Project, ProjectSlot};
use crate::{Pool, Timestamp, Window};

/// The prospects of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Forecast {
    /// Which; empty for calls about no model.
    #[schema(value_type = String)]
    pub model: Arc<str>,
    /// Requests in the last minute.
    pub rate_per_minute: u64,
    /// Requests since midnight Pacific.
    pub used_today: u64,
    /// Requests that are left today of the projects whose daily limit is known.
    pub left_today: u64,
    /// Projects with usable keys whose daily limit is not known.
    pub unknown_projects: usize,
    /// When nothing is left at this rate. `None` if that is not before the quotas are renewed, or
    /// if any daily limit is not known.
    pub empty_at: Option<Timestamp>,
    /// When the daily quotas are renewed.
    pub renewed_at: Timestamp,
}

impl Pool {
    /// The prospects of every model that is in use, by name. Looks at every project.
    pub fn forecast(&mut self, now: Timestamp) -> Vec<Forecast> {
        let moment = self.moment(now);
        let mut forecasts: Vec<_> =
            self.lanes.owned().filter_map(|lane| self.forecast_for(lane, moment)).collect();
        forecasts.sort_by(|one, other| one.model.cmp(&other.model));
        forecasts
    }

    fn forecast_for(&self, lane: &Lane, moment: Moment) -> Option<Forecast> {
        let mut forecast = Forecast {
            model: lane.model()?.clone(),
            rate_per_minute: 0,
            used_today: 0,
            left_today: 0,
            unknown_projects: 0,
            empty_at: None,
            renewed_at: moment.day_ends,
        };
        for slot in self.roster.project_slots() {
            let Some(project) = self.roster.project(slot).filter(|project| project.usable > 0)
            else {
                continue;
            };
            self.add_project(&mut forecast, lane, slot, project, moment);
        }
        if forecast.unknown_projects == 0 {
            let left = Duration::from_mins(1)
                .checked_mul(u32::try_from(forecast.left_today).unwrap_or(u32::MAX));
            let rate = u32::try_from(forecast.rate_per_minute).unwrap_or(u32::MAX);
            let empty_at =
                left.and_then(|left| left.checked_div(rate)).map(|left| moment.now + left);
            forecast.empty_at = empty_at.filter(|at| *at < moment.day_ends);
        }
        Some(forecast)
    }

    fn add_project(
        &self,
        forecast: &mut Forecast,
        lane: &Lane,
        slot: ProjectSlot,
        project: &Project,
        moment: Moment,
    ) {
        let cell = lane.quotas.get(slot);
        let used = cell.map(|cell| cell.day(moment).requests).unwrap_or_default();
        forecast.used_today += used;
        forecast.rate_per_minute +=
            cell.map(|cell| cell.minute(moment.now).requests).unwrap_or_default();
        let closed = lane.closed(slot, &self.wide).map(|(until, _)| until);
        if closed.is_some_and(|until| until >= moment.day_ends) {
            return;
        }
        let window = Window::DayRequests;
        let limit = match cell {
            Some(cell) => cell.limits().and_then(|limits: &Limits| limits.value(window)),
            None => place(window).and_then(|place| {
                let declared = self.roster.declared_for(slot, &forecast.model);
                declared.get(place).copied().flatten()
            }),
        };
        match limit {
            Some(limit) => forecast.left_today += limit.saturating_sub(used),
            None => forecast.unknown_projects += usize::from(!project.keys.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DeclaredLimit;
    use crate::fixture::{Fixture, SERVED, of_project, spec};

    #[test]
    fn it_tells_when_the_day_is_over_too_early() {
        let keys = vec![spec("a"), of_project("b", "p"), of_project("c", "p")];
        let mut fixture = Fixture::new(keys);
        for _ in 0..6 {
            fixture.attempt("flash", &SERVED);
        }
        let forecast = fixture.pool.forecast(fixture.now).remove(0);
        assert_eq!((forecast.rate_per_minute, forecast.used_today), (6, 6));
        assert_eq!((forecast.unknown_projects, forecast.empty_at), (2, None));

        let limit = |project: Option<&str>, limit| DeclaredLimit {
            project: project.map(str::to_owned),
            tier: None,
            model: None,
            window: Window::DayRequests,
            limit,
        };
        fixture.pool.declare(vec![limit(None, 100), limit(Some("p"), 86)], fixture.now);
        let forecast = fixture.pool.forecast(fixture.now).remove(0);
        assert_eq!((forecast.left_today, forecast.unknown_projects), (180, 0));
        assert_eq!(forecast.empty_at, Some(fixture.now + Duration::from_mins(30)));

        fixture.pool.declare(vec![limit(None, 100_000)], fixture.now);
        let forecast = fixture.pool.forecast(fixture.now).remove(0);
        assert_eq!(forecast.empty_at, None, "the day ends before");
    }
}

//! What is worth telling of what goes on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use keypool::{Forecast, KeyId, Platform, Timestamp, Totals};
use serde_json::json;
use settings::{Notifications, NotifiedEvent};

use crate::alarm::{Alarm, Patience, Turn};
use crate::deaths::{DeadKey, Deaths};
use crate::message::{About, Message, State, count, percent};

/// So long a quota must be expected to last before that is told.
const LASTS: Duration = Duration::from_mins(15);
/// The failures of five minutes are gone after five more.
const ERRORS: Patience = Patience { begun: Duration::ZERO, over: Duration::from_mins(5) };

/// Remembers what was told. Each of its methods is given one view of the gateway and says what is
/// news; what the settings do not ask for is left out.
#[derive(Debug, Default)]
pub struct Watch {
    deaths: Deaths,
    pools: BTreeMap<Platform, PoolAlarms>,
    forecasts: BTreeMap<(Platform, Arc<str>), Alarm>,
    errors: Alarm,
}

#[derive(Debug, Default)]
struct PoolAlarms {
    low: Alarm,
    empty: Alarm,
}

/// How requests went in the last five minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// All of them.
    pub requests: u64,
    /// Those answered with an error.
    pub failed: u64,
}

impl Watch {
    /// All keys that are dead now; `is_alive` says whether the pool has a key that is not. What is
    /// dead at the first look is no news.
    pub fn deaths(
        &mut self,
        dead: Vec<DeadKey>,
        is_alive: impl Fn(&KeyId) -> bool,
        rules: &Notifications,
        now: Timestamp,
    ) -> Vec<Message> {
        let told = self.deaths.look(dead, is_alive, rules.group_time, now);
        asked_for(told, rules)
    }

    /// Whether [`Self::deaths`] has to be called although nobody died since.
    pub fn awaits_deaths(&self) -> bool {
        self.deaths.is_pending()
    }

    /// One of the pools in numbers, or nothing where nobody expects that it serves.
    pub fn pool(
        &mut self,
        platform: Platform,
        totals: Option<Totals>,
        rules: &Notifications,
        now: Timestamp,
    ) -> Vec<Message> {
        let Some(totals) = totals else {
            self.pools.remove(&platform);
            return Vec::new();
        };
        let level = Level::of(platform, totals);
        let alarms = self.pools.entry(platform).or_default();
        let mut told = Vec::new();
        let patience = Patience { begun: Duration::ZERO, over: rules.group_time };
        if let Some(turn) = alarms.empty.turn(level.usable == 0, patience, now) {
            told.push(level.empty(turn, now));
        }
        // An empty pool is not told to be low, too.
        if level.usable > 0 {
            let patience = Patience { begun: rules.group_time, over: rules.group_time };
            let is_low = level.percent() < u64::from(rules.pool_low_percent);
            if let Some(turn) = alarms.low.turn(is_low, patience, now) {
                told.push(level.low(turn, now));
            }
        }
        asked_for(told, rules)
    }

    /// The prospects of every model that is in use, at whichever of Google's APIs.
    pub fn forecasts(
        &mut self,
        forecasts: &[(Platform, Forecast)],
        rules: &Notifications,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Vec<Message> {
        // A minute of many requests makes no forecast.
        let patience = Patience { begun: rules.forecast_time, over: LASTS };
        let mut told = Vec::new();
        for (platform, forecast) in forecasts {
            let is_used_up = forecast.left_today == 0
                && forecast.used_today > 0
                && forecast.unknown_projects == 0;
            let is_short = forecast.empty_at.is_some() || is_used_up;
            let quota = (*platform, Arc::clone(&forecast.model));
            if !is_short && !self.forecasts.contains_key(&quota) {
                continue;
            }
            let alarm = self.forecasts.entry(quota).or_default();
            if let Some(turn) = alarm.turn(is_short, patience, now) {
                told.push(prospect(*platform, forecast, turn, zone, now));
            }
        }
        self.forecasts.retain(|_, alarm| !alarm.is_at_rest());
        asked_for(told, rules)
    }

    /// How requests went.
    pub fn failures(
        &mut self,
        failures: Failures,
        rules: &Notifications,
        now: Timestamp,
    ) -> Vec<Message> {
        let Failures { requests, failed } = failures;
        let share = percent(failed, requests);
        let is_burst = rules.error_percent > 0
            && requests >= u64::from(rules.error_requests)
            && share >= u64::from(rules.error_percent);
        let Some(turn) = self.errors.turn(is_burst, ERRORS, now) else { return Vec::new() };
        let (state, title) = match turn {
            Turn::Begun => (State::Problem, format!("{share} % of the requests fail")),
            Turn::Over => (State::Over, "Requests succeed again".to_owned()),
        };
        let text =
            format!("In the last five minutes {failed} of {} failed.", count(requests, "request"));
        let details = json!({"requests": requests, "failed": failed, "percent": share});
        let about = About::Event(NotifiedEvent::ErrorBurst);
        asked_for(vec![Message { about, state, at: now, title, text, details }], rules)
    }
}

fn asked_for(mut told: Vec<Message>, rules: &Notifications) -> Vec<Message> {
    told.retain(|message| match message.about {
        About::Event(event) => rules.tells(event),
        _ => true,
    });
    told
}

/// How full a pool is.
struct Level {
    platform: Platform,
    usable: u64,
    enabled: u64,
    totals: Totals,
}

impl Level {
    fn of(platform: Platform, totals: Totals) -> Self {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Self {
            platform,
            usable: number(totals.ready + totals.cooling),
            enabled: number(totals.total.saturating_sub(totals.disabled)),
            totals,
        }
    }

    fn percent(&self) -> u64 {
        percent(self.usable, self.enabled)
    }

    fn empty(&self, turn: Turn, now: Timestamp) -> Message {
        let (state, says, text) = match turn {
            Turn::Begun => (
                State::Problem,
                "is empty",
                format!(
                    "No key is usable: {} dead, {} disabled. Clients get errors until a key is added \
                     or works again.",
                    self.totals.dead, self.totals.disabled
                ),
            ),
            Turn::Over => (State::Over, "is not empty any more", self.standing()),
        };
        self.message(NotifiedEvent::PoolEmpty, state, says, text, now)
    }

    fn low(&self, turn: Turn, now: Timestamp) -> Message {
        let (state, says) = match turn {
            Turn::Begun => (State::Problem, "is low"),
            Turn::Over => (State::Over, "is not low any more"),
        };
        self.message(NotifiedEvent::PoolLow, state, says, self.standing(), now)
    }

    fn standing(&self) -> String {
        let Self { usable, enabled, .. } = self;
        format!("{usable} of {} usable ({} %).", count(*enabled, "enabled key"), self.percent())
    }

    fn message(
        &self,
        event: NotifiedEvent,
        state: State,
        says: &str,
        text: String,
        now: Timestamp,
    ) -> Message {
        let pool = match self.platform {
            Platform::Gemini => "The key pool",
            Platform::Vertex => "The key pool of Vertex AI",
        };
        let Totals { total, ready, cooling, dead, disabled, .. } = self.totals;
        let details = json!({
            "platform": self.platform, "total": total, "usable": self.usable, "ready": ready, "cooling": cooling,
            "dead": dead, "disabled": disabled,
        });
        Message {
            about: About::Event(event),
            state,
            at: now,
            title: format!("{pool} {says}"),
            text,
            details,
        }
    }
}

fn prospect(
    platform: Platform,
    forecast: &Forecast,
    turn: Turn,
    zone: &TimeZone,
    now: Timestamp,
) -> Message {
    let Forecast { model, rate_per_minute, left_today, .. } = forecast;
    let at_vertex = if platform == Platform::Vertex { " at Vertex AI" } else { "" };
    let renewed = clock(forecast.renewed_at, zone);
    let (state, title, text) = match (turn, forecast.empty_at) {
        (Turn::Begun, Some(empty_at)) if *left_today > 0 => (
            State::Problem,
            format!("The quota of {model}{at_vertex} will not last"),
            format!(
                "At {} a minute the {left_today} that are left today are used up at {}. The quota is \
                 renewed at {renewed}.",
                count(*rate_per_minute, "request"),
                clock(empty_at, zone),
            ),
        ),
        (Turn::Begun, _) => (
            State::Problem,
            format!("The quota of {model}{at_vertex} is used up"),
            format!("It is renewed at {renewed}."),
        ),
        (Turn::Over, _) => (
            State::Over,
            format!("The quota of {model}{at_vertex} lasts again"),
            format!("{} left today.", count(*left_today, "request")),
        ),
    };
    let details = json!({
        "platform": platform, "model": model, "rate_per_minute": rate_per_minute, "used_today": forecast.used_today,
        "left_today": left_today, "empty_at": forecast.empty_at,
        "renewed_at": forecast.renewed_at,
    });
    Message { about: About::Event(NotifiedEvent::Forecast), state, at: now, title, text, details }
}

/// `14:05`, where the owner lives.
fn clock(at: Timestamp, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests;

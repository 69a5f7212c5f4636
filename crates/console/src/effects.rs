//! What changes of settings bring about, as far as that can be known before they are saved.

use std::collections::BTreeMap;

use keypool::{Platform, Prospect, Timestamp};
use serde::Serialize;
use settings::{Resolved, Settings};
use store::{Period, Span, Subject};
use utoipa::ToSchema;

use crate::State;
use crate::changes::settings::{Change, foreseen, resolved};
use crate::error::Error;
use crate::proxies::Moves;

const DAY: i64 = 86_400_000;

/// Something that a change brings about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "effect")]
pub(crate) enum Effect {
    /// These take effect at the next start only.
    Restart { settings: Vec<String> },
    /// These are understood, and do nothing in this version.
    Nothing { settings: Vec<String> },
    /// Other limits are kept to.
    Limits(Prospect),
    /// So many of all keys take another way out than now.
    KeysMove(Moves),
    /// Calls go to Google directly, no longer through proxies.
    Direct,
    /// Calls go through proxies, no longer directly.
    Proxied,
    /// So many requests of the log are deleted within an hour, since they are older than so many days.
    RequestsDeleted { requests: u64, days: u32 },
    /// Requests are no longer recorded.
    NotRecorded,
    /// These models are refused; so many requests of the last week asked for them.
    ModelsRefused { models: Vec<String>, requests: u64 },
}

/// The settings before and after.
struct Both<'s> {
    now: &'s Settings,
    then: &'s Settings,
}

/// What these changes bring about.
pub(crate) async fn of(state: &State, changes: &[Change]) -> Result<Vec<Effect>, Error> {
    let (now, then) = (resolved(state).await?, foreseen(state, changes).await?);
    let both = Both { now: &now.settings, then: &then.settings };
    let mut effects = Vec::new();
    effects.extend(limits(state, &both));
    effects.extend(ways_out(state, &both).await?);
    effects.extend(log(state, &both).await?);
    effects.extend(models(state, &both).await?);
    effects.extend(by_definition(changes, &then));
    Ok(effects)
}

fn limits(state: &State, both: &Both<'_>) -> Option<Effect> {
    if both.now.pool.quota_limits == both.then.pool.quota_limits {
        return None;
    }
    let mut sum = Prospect::default();
    for platform in Platform::ALL {
        let limits = jobs::declared_limits(both.then, *platform);
        let one = state.gateway.pool(*platform).foresee(limits, relay::now());
        sum.lowered += one.lowered;
        sum.raised += one.raised;
        sum.opened += one.opened;
        sum.closed += one.closed;
    }
    Some(Effect::Limits(sum))
}

async fn ways_out(state: &State, both: &Both<'_>) -> Result<Vec<Effect>, Error> {
    let (now, then) = (&both.now.upstream, &both.then.upstream);
    let mut effects = Vec::new();
    match (now.proxies.is_empty(), then.proxies.is_empty()) {
        (false, true) => effects.push(Effect::Direct),
        (true, false) => effects.push(Effect::Proxied),
        (true, true) => return Ok(effects),
        (false, false) => {}
    }
    let moves = Moves::between(state, now, then).await?;
    if moves.moved > 0 {
        effects.push(Effect::KeysMove(moves));
    }
    Ok(effects)
}

async fn log(state: &State, both: &Both<'_>) -> Result<Vec<Effect>, Error> {
    let (now, then) = (&both.now.logging, &both.then.logging);
    let mut effects = Vec::new();
    if now.request_log_enabled && !then.request_log_enabled {
        effects.push(Effect::NotRecorded);
    }
    let Some(days) = then.request_log_days else { return Ok(effects) };
    if now.request_log_days.is_some_and(|before| before <= days) {
        return Ok(effects);
    }
    let before = before_days(days);
    let from = now.request_log_days.map_or(0, before_days);
    let period = Period { from: Timestamp::from_millis(from), to: Timestamp::from_millis(before) };
    let tallies = state.store.traffic(Subject::All, "", Span::Day, period).await?;
    let requests = tallies.iter().map(|(_, tally)| tally.requests).sum();
    effects.push(Effect::RequestsDeleted { requests, days });
    Ok(effects)
}

fn before_days(days: u32) -> i64 {
    relay::now().millis().saturating_sub(i64::from(days) * DAY)
}

async fn models(state: &State, both: &Both<'_>) -> Result<Option<Effect>, Error> {
    let known = &both.now.models.filtered;
    let models: Vec<String> =
        both.then.models.filtered.iter().filter(|model| !known.contains(model)).cloned().collect();
    if models.is_empty() {
        return Ok(None);
    }
    let today = Span::Day.begin(relay::now()).millis();
    let begins: Vec<_> = (0..7).map(|day| Timestamp::from_millis(today - day * DAY)).collect();
    let labels: Vec<&str> = models.iter().map(String::as_str).collect();
    let told = state.store.traffic_of(Subject::Model, &labels, Span::Day, &begins).await?;
    let requests = told.iter().map(|(_, _, tally)| tally.requests).sum();
    Ok(Some(Effect::ModelsRefused { models, requests }))
}

/// What the definitions of the settings say by themselves.
fn by_definition(changes: &[Change], then: &Resolved) -> Vec<Effect> {
    let rows = changes.iter().filter_map(|change| then.row(&change.name).ok());
    let rows: BTreeMap<String, _> = rows.map(|row| (row.name.to_owned(), row)).collect();
    let which = |wanted: fn(&settings::Row) -> bool| -> Vec<String> {
        rows.iter().filter(|(_, row)| wanted(row)).map(|(name, _)| name.clone()).collect()
    };
    let restart = which(|row| row.restart);
    let nothing = which(|row| !row.effective);
    let restart = (!restart.is_empty()).then_some(Effect::Restart { settings: restart });
    let nothing = (!nothing.is_empty()).then_some(Effect::Nothing { settings: nothing });
    restart.into_iter().chain(nothing).collect()
}

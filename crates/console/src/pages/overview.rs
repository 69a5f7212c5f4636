//! `/admin`: how it stands, and what needs somebody.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use jiff::tz::TimeZone;
use keypool::{Forecast, KeyState};
use store::{LoggedRequest, RequestFilter};

use crate::State as Console;
use crate::error::Error;
use crate::page::Page;
use crate::pool::{Filter, Standing};
use crate::shell::Shell;
use crate::words::overview::OverviewWords;

/// The last requests that are shown.
const RECENT: u32 = 10;

#[derive(Template)]
#[template(path = "overview.html")]
pub(crate) struct OverviewPage {
    shell: Shell,
    w: &'static OverviewWords,
    total: usize,
    counts: [usize; 5],
    pace: u64,
    in_flight: u64,
    tokens: usize,
    forecasts: Vec<Forecast>,
    zone: TimeZone,
    /// Why keys are invalid, with how many.
    reasons: BTreeMap<&'static str, usize>,
    recent: Vec<LoggedRequest>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
) -> Result<Page<OverviewPage>, Error> {
    let now = relay::now();
    let (snapshot, forecasts) = {
        let mut pool = console.gateway.pool();
        (pool.snapshot(now), pool.forecast(now))
    };
    let in_flight = snapshot.totals.in_flight;
    let mut reasons = BTreeMap::new();
    for key in &snapshot.keys {
        if let KeyState::Dead { reason, .. } = key.state {
            *reasons.entry(reason.as_str()).or_default() += 1;
        }
    }
    let listing = Filter::default().apply(snapshot);
    let recent = console.store.recent_requests(RECENT, &RequestFilter::default()).await?;
    let configuration = console.gateway.configuration();
    let zone = TimeZone::get(&configuration.settings.logging.timezone).unwrap_or(TimeZone::UTC);
    Ok(Page(OverviewPage {
        w: OverviewWords::of(shell.language),
        shell,
        total: listing.total,
        counts: listing.counts,
        pace: console.gateway.requests_last_minute(),
        in_flight,
        tokens: configuration.tokens.len(),
        forecasts,
        zone,
        reasons,
        recent,
    }))
}

/// A part of the bar of the pool's health.
struct Share {
    standing: Standing,
    count: usize,
    /// Where it begins.
    start: usize,
}

impl OverviewPage {
    fn shares(&self) -> Vec<Share> {
        let mut start = 0;
        let shares = Standing::ALL.into_iter().zip(self.counts).map(|(standing, count)| {
            let share = Share { standing, count, start };
            start += count;
            share
        });
        shares.collect()
    }

    fn total(&self) -> String {
        crate::format::count(self.total as u64)
    }

    /// The whole of the bar.
    fn width(&self) -> usize {
        self.total.max(1)
    }

    /// Forecasts of models that somebody asks for.
    fn models(&self) -> impl Iterator<Item = &Forecast> {
        self.forecasts.iter().filter(|forecast| !forecast.model.is_empty())
    }

    fn prospect(&self, forecast: &Forecast) -> String {
        match forecast.empty_at {
            Some(at) => crate::words::fill(self.w.empty_at, self.clock(at)),
            None if forecast.unknown_projects == 0 => {
                crate::words::fill(self.w.lasts_until, self.clock(forecast.renewed_at))
            }
            None => crate::words::fill(self.w.limits_unknown, forecast.unknown_projects),
        }
    }

    fn clock(&self, at: keypool::Timestamp) -> String {
        let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
        at.to_zoned(self.zone.clone()).strftime("%H:%M").to_string()
    }
}

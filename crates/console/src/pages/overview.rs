//! `/admin`: how it stands, and what needs somebody.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use jiff::tz::TimeZone;
use keypool::{Forecast, KeyId, KeyState, Platform};
use serde::Deserialize;
use store::{LoggedRequest, RequestFilter};

use super::{errors, model};
use crate::State as Console;
use crate::error::Error;
use crate::groups::{Lately, Top};
use crate::heat::{HeatMap, Measure};
use crate::page::Page;
use crate::pool::{Standing, each, find};
use crate::proxies;
use crate::shell::Shell;
use crate::traffic::{Chart, Mark, Quantiles, Range, Report, Sums};
use crate::upkeep::{Backups, Updates};
use crate::words::heat::HeatWords;
use crate::words::outcomes::OutcomesWords;
use crate::words::overview::OverviewWords;
use crate::words::setup::SetupWords;
use crate::words::traffic::TrafficWords;

/// The most frequent errors that are shown.
const ERRORS: usize = 5;

/// The last requests that are shown.
const RECENT: u32 = 10;

#[derive(Template)]
#[template(path = "overview.html")]
pub(crate) struct OverviewPage {
    shell: Shell,
    w: &'static OverviewWords,
    tw: &'static TrafficWords,
    sw: &'static SetupWords,
    report: Report,
    chart: Chart,
    errors: Top,
    outcomes: &'static OutcomesWords,
    /// The names of client tokens, by id.
    names: BTreeMap<String, String>,
    total: usize,
    counts: [usize; 5],
    pace: u64,
    in_flight: u64,
    tokens: usize,
    forecasts: Vec<(Platform, Forecast)>,
    hw: &'static HeatWords,
    heat: HeatMap,
    zone: TimeZone,
    /// Whether the last backup by the clock failed.
    backup_failed: bool,
    /// A newer version of the program.
    newer: Option<String>,
    /// Ways out to Google that are taken by nobody now.
    ways_down: usize,
    /// Those that fail far more often than all together.
    ways_worse: usize,
    /// Why keys are invalid, with how many.
    reasons: BTreeMap<&'static str, usize>,
    recent: Vec<LoggedRequest>,
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    range: Range,
    /// Which quota the heat map is of.
    #[serde(default)]
    quota: Measure,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page<OverviewPage>, Error> {
    let Query(Wanted { range, quota }) = wanted?;
    let now = relay::now();
    let (store, lately) = (&console.store, Lately::hours(range.hours(), now));
    let all = RequestFilter::default();
    let (report, errors, tokens, recent) = tokio::try_join!(
        Report::read(store, range, now),
        Top::read(store, &lately, ERRORS),
        store.list_tokens(),
        store.recent_requests(RECENT, &all),
    )?;
    let totals = console.gateway.totals(now);
    let forecasts = console.gateway.forecasts(now);
    let cells = console.gateway.quota_cells(now);
    let ways = console.gateway.pool(Platform::Gemini).egresses(now);
    let (mut reasons, mut counts) = (BTreeMap::new(), [0; 5]);
    each(&console.gateway, now, |key| {
        counts[Standing::of(&key) as usize] += 1;
        if let KeyState::Dead { reason, .. } = key.state {
            *reasons.entry(reason.as_str()).or_default() += 1;
        }
    })
    .await;
    let tw = TrafficWords::of(shell.language);
    let chart = Chart::new(&report.steps).marked(&report.marks, |mark| says(mark, tw));
    let mask = |id: &KeyId| Some(find(&console.gateway, id, now)?.mask);
    let heat = HeatMap::new(cells, quota, mask);
    let configuration = console.gateway.configuration();
    let zone = TimeZone::get(&configuration.settings.logging.timezone).unwrap_or(TimeZone::UTC);
    Ok(Page(OverviewPage {
        w: OverviewWords::of(shell.language),
        outcomes: OutcomesWords::of(shell.language),
        tw,
        sw: SetupWords::of(shell.language),
        hw: HeatWords::of(shell.language),
        shell,
        chart,
        errors,
        report,
        names: tokens.into_iter().map(|token| (token.id, token.name)).collect(),
        total: totals.total,
        counts,
        pace: console.gateway.requests_last_minute(),
        in_flight: totals.in_flight,
        tokens: configuration.tokens.len(),
        forecasts,
        heat,
        zone,
        backup_failed: Backups::have_failed(&console).await?,
        newer: newer_version(&console).await?,
        ways_down: ways.iter().filter(|way| way.shut_since.is_some()).count(),
        ways_worse: proxies::worse(&ways),
        reasons,
        recent,
    }))
}

/// The version that is newer than this one, if anybody was asked and there is one.
async fn newer_version(console: &Console) -> Result<Option<String>, Error> {
    let enabled = console.gateway.configuration().settings.jobs.update_feed.is_some();
    let updates = Updates::of(&console.store, enabled).await?;
    Ok(updates.newest.filter(|_| updates.is_newer).map(|newest| newest.version))
}

/// A part of the bar of the pool's health.
struct Share {
    standing: Standing,
    count: usize,
    /// Where it begins.
    start: usize,
}

/// Names with what their requests came to.
struct Busiest<'p> {
    id: &'static str,
    title: &'static str,
    /// Each with its name and the page that tells more, if there is one.
    rows: Vec<(&'p str, String, &'p Sums)>,
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

    fn name<'n>(&'n self, token: &'n str) -> &'n str {
        self.names.get(token).map_or(token, String::as_str)
    }

    /// The models and client tokens with the most requests.
    fn busiest(&self) -> [Busiest<'_>; 2] {
        let models = self.report.models.iter().map(|one| {
            let address = if one.id.is_empty() { String::new() } else { model::address(&one.id) };
            (one.id.as_str(), address, &one.sums)
        });
        let tokens = self.report.tokens.iter().map(|one| {
            let is_known = self.names.contains_key(&one.id);
            let address = is_known.then(|| format!("/admin/tokens/{}", one.id));
            (self.name(&one.id), address.unwrap_or_default(), &one.sums)
        });
        [
            Busiest { id: "models", title: self.tw.busiest_models, rows: models.collect() },
            Busiest { id: "clients", title: self.tw.busiest_clients, rows: tokens.collect() },
        ]
    }

    /// How long answers took, in words.
    fn times(&self) -> [(&'static str, String); 2] {
        let says = |times: Quantiles| {
            let within = [
                (self.tw.half, times.p50),
                (self.tw.most_of, times.p95),
                (self.tw.nearly_all, times.p99),
            ];
            let told = within.into_iter().filter_map(|(share, millis)| {
                Some(format!("{share} {}", crate::format::millis(millis?)))
            });
            told.collect::<Vec<_>>().join(" · ")
        };
        [
            (self.tw.first_byte, says(self.report.first_byte)),
            (self.tw.duration, says(self.report.duration)),
        ]
    }

    /// What a new owner has not done yet, with whether it is done; nothing once clients can come.
    fn checklist(&self) -> Vec<(&'static str, &'static str, bool)> {
        if !self.shell.may_change() || (self.total > 0 && self.tokens > 0) {
            return Vec::new();
        }
        let has_served = self.report.total.succeeded > 0;
        vec![
            ("/admin/setup/data", self.sw.data, self.total > 0),
            ("/admin/setup/check", self.sw.check, has_served),
            ("/admin/setup/client", self.sw.client, self.tokens > 0),
        ]
    }

    /// The most frequent errors: what each is called, its page, and how often it was met.
    fn top_errors(&self) -> Vec<(String, String, u64)> {
        let range = match self.report.range {
            Range::Year => Range::Month,
            range => range,
        };
        let told = self.errors.shown.iter().map(|(kind, times)| {
            let status = kind.status.map(|status| status.to_string());
            let parts = [Some(self.outcomes.says(&kind.outcome)), status.as_deref()];
            let parts = parts.into_iter().chain([kind.model.as_deref()]).flatten();
            let name = parts.collect::<Vec<_>>().join(" · ");
            (name, errors::address(kind, range.as_str()), *times)
        });
        told.collect()
    }

    fn total(&self) -> String {
        crate::format::count(self.total as u64)
    }

    /// The whole of the bar.
    fn width(&self) -> usize {
        self.total.max(1)
    }

    /// Forecasts of models that somebody asks for.
    fn models(&self) -> impl Iterator<Item = &(Platform, Forecast)> {
        self.forecasts.iter().filter(|(_, forecast)| !forecast.model.is_empty())
    }

    /// Those that will not last until their quotas are renewed.
    fn running_out(&self) -> impl Iterator<Item = &Forecast> {
        self.models().map(|(_, forecast)| forecast).filter(|forecast| forecast.empty_at.is_some())
    }

    fn is_all_well(&self) -> bool {
        let is_set_up = self.total > 0 && self.tokens > 0;
        let is_kept = !self.backup_failed && self.newer.is_none();
        let is_quiet = self.ways_down + self.ways_worse == 0 && self.reasons.is_empty() && is_kept;
        is_set_up && is_quiet && self.running_out().next().is_none()
    }

    /// Where the requests of the range are listed, those that pass a filter.
    fn logs(&self, filter: &str) -> String {
        let (from, to) = (self.report.from.millis(), self.report.to.millis());
        let joint = if filter.is_empty() { "" } else { "&" };
        format!("/admin/logs?{filter}{joint}from={from}&to={to}")
    }

    fn prospect(&self, forecast: &Forecast) -> String {
        prospect(forecast, self.w, &self.zone)
    }
}

/// What changed, in words.
fn says(mark: &Mark, tw: &TrafficWords) -> String {
    match mark.action.split('.').next() {
        Some("settings") => crate::words::fill2(tw.mark_settings, &mark.actor, &mark.object),
        Some("version") => crate::words::fill(tw.mark_version, &mark.object),
        _ => crate::words::fill(tw.mark_import, &mark.actor),
    }
}

/// How long the day's quota of a model will last.
pub(super) fn prospect(forecast: &Forecast, w: &OverviewWords, zone: &TimeZone) -> String {
    match forecast.empty_at {
        Some(at) => crate::words::fill(w.empty_at, clock(at, zone)),
        None if forecast.unknown_projects == 0 => {
            crate::words::fill(w.lasts_until, clock(forecast.renewed_at, zone))
        }
        None => crate::words::fill(w.limits_unknown, forecast.unknown_projects),
    }
}

fn clock(at: keypool::Timestamp, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

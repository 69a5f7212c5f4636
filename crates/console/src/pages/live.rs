//! `GET /admin/live`: one event stream a page, with what changes by itself: numbers of the pool on
//! every page, keys that are in view, requests as they come.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use http::{HeaderMap, HeaderValue};
use keypool::{Timestamp, Totals};
use relay::Gateway;
use serde::{Deserialize, Serialize};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::keys::Rows;
use super::logs::Tail;
use crate::State as Console;
use crate::error::Error;
use crate::shell::Shell;
use crate::words::jobs::JobsWords;
use crate::work::{Job, Jobs};

/// How often the numbers are told anew.
const PACE: Duration = Duration::from_secs(2);

/// How the pool stands.
#[derive(Serialize)]
struct Pulse {
    requests_per_minute: u64,
    keys: Totals,
    jobs: Vec<Progress>,
}

/// How far a job is.
#[derive(Serialize)]
struct Progress {
    id: String,
    says: &'static str,
    total: usize,
    done: usize,
    failed: usize,
    is_finished: bool,
    /// In how many seconds it ends, at the pace so far.
    left: Option<u64>,
    /// How many are done in a second, on average so far.
    pace: f64,
    /// Whether whoever listens may stop it.
    can_be_cancelled: bool,
}

impl Progress {
    fn of(job: &Job, w: &JobsWords, may_change: bool, now: Timestamp) -> Self {
        let done = job.done();
        Self {
            id: job.id.clone(),
            says: w.action(job.action),
            total: job.total,
            done,
            failed: job.failed(),
            is_finished: job.is_finished(),
            left: job.left(now),
            pace: job.pace(now),
            can_be_cancelled: may_change && !job.is_finished() && !job.cancel.is_cancelled(),
        }
    }
}

/// What a page wants to hear of besides.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    /// The ids of the keys that it shows, separated by commas.
    keys: String,
    /// The filter of requests that it follows, as it stands in addresses.
    requests: Option<String>,
    /// The newest request that it has.
    after: Option<i64>,
}

pub(crate) async fn stream(
    State(console): State<Console>,
    shell: Shell,
    headers: HeaderMap,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Error> {
    let Query(wanted) = wanted?;
    // What the browser says when it comes again is newer than the address it came with first.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let tail = match &wanted.requests {
        Some(filter) => {
            let after = last.or(wanted.after);
            Some(Tail::new(&console.store, filter, after, shell.clone()).await?)
        }
        None => None,
    };
    let w = JobsWords::of(shell.language);
    let may_change = shell.may_change();
    let rows = Rows::named(&wanted.keys, shell);
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let told =
        Told { gateway: console.gateway, jobs: console.jobs, w, may_change, rows, tail, pace };
    let sse = Sse::new(told.events()).keep_alive(KeepAlive::default());
    let mut response = sse.into_response();
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// What is told, and how often.
struct Told {
    gateway: Arc<Gateway>,
    jobs: Arc<Jobs>,
    w: &'static JobsWords,
    may_change: bool,
    rows: Option<Rows>,
    tail: Option<Tail>,
    pace: Interval,
}

impl Told {
    /// Ends when the gateway stops, so that browsers see it and come again.
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        let beats = stream::unfold(self, async |mut told| {
            tokio::select! {
                _ = told.pace.tick() => {}
                () = told.gateway.stop.cancelled() => return None,
            }
            let events = told.beat().await;
            Some((stream::iter(events.into_iter().map(Ok)), told))
        });
        futures_util::StreamExt::flatten(beats)
    }

    async fn beat(&mut self) -> Vec<Event> {
        let now = relay::now();
        let jobs = self.jobs.of_late(now);
        let pulse = Pulse {
            requests_per_minute: self.gateway.requests_last_minute(),
            keys: self.gateway.totals(now),
            jobs: jobs.iter().map(|job| Progress::of(job, self.w, self.may_change, now)).collect(),
        };
        let mut events = vec![event("pulse", pulse)];
        if let Some(rows) = &self.rows {
            events.push(event("keys", rows.read(&self.gateway)));
        }
        if let Some(tail) = &mut self.tail
            && let Some((newest, rows)) = tail.read().await
        {
            events.push(event("requests", rows).id(newest.to_string()));
        }
        events
    }
}

fn event(name: &str, data: impl Serialize) -> Event {
    Event::default().event(name).json_data(data).unwrap_or_default()
}

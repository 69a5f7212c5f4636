//! `/admin/logs`: the requests, newest first.

mod delete;
mod export;
mod facets;
mod filter;
mod tail;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use keypool::Timestamp;
use serde::Deserialize;
use store::{LoggedRequest, RequestFilter, Store};

pub(crate) use delete::delete;
pub(crate) use export::export;
pub(crate) use filter::{LogFilter, RANGES};
pub(crate) use tail::Tail;

use facets::{Facet, facets};

use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::traffic::{Chart, LOOKED_AT, Summary};
use crate::words::logs::LogsWords;
use crate::words::outcomes::OutcomesWords;
use crate::words::traffic::TrafficWords;

/// Requests of a page.
const PAGE: u32 = 50;

/// What requests may come to, besides having failed somehow.
const OUTCOMES: [&str; 12] = [
    "served",
    "client_limit",
    "rejected",
    "client_fault",
    "quota_spent",
    "model_busy",
    "key_dead",
    "key_refused",
    "region_refused",
    "link_broken",
    "empty",
    "cancelled",
];

/// The APIs that clients speak.
const DIALECTS: [&str; 4] = ["openai", "responses", "anthropic", "gemini"];

#[derive(Template)]
#[template(path = "logs.html")]
pub(crate) struct LogsPage {
    shell: Shell,
    w: &'static LogsWords,
    tw: &'static TrafficWords,
    outcomes: &'static OutcomesWords,
    filter: LogFilter,
    is_live: bool,
    /// Until when requests are shown, and may be deleted.
    now: Timestamp,
    /// How many there are of which kind; nothing where that is not asked for.
    summary: Option<Summary>,
    chart: Chart,
    facets: Vec<Facet>,
    /// The newest request that is there, by its row.
    newest: i64,
    requests: Vec<LoggedRequest>,
    next: Option<i64>,
}

/// Which part of the list is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    before: String,
    /// `1` to follow what comes.
    live: String,
}

impl Place {
    /// The row that the list begins below; none for its beginning.
    fn before(&self) -> Result<Option<i64>, Error> {
        let wrong = |_| Error::invalid("before", "is not the number of a row");
        match self.before.as_str() {
            "" => Ok(None),
            row => row.parse().map(Some).map_err(wrong),
        }
    }
}

pub(crate) async fn list(
    State(store): State<Store>,
    shell: Shell,
    filter: Result<Query<LogFilter>, QueryRejection>,
    place: Result<Query<Place>, QueryRejection>,
) -> Result<Page<LogsPage>, Error> {
    let (Query(filter), Query(place)) = (filter?, place?);
    let (now, before) = (relay::now(), place.before()?);
    let meant = filter.ask(now)?;
    let asked = RequestFilter { before, ..meant.clone() };
    let requests = store.recent_requests(PAGE, &asked).await?;
    let is_full = requests.len() == PAGE as usize;
    let next = requests.last().filter(|_| is_full).map(|last| last.row);
    let newest = match requests.first() {
        Some(newest) => newest.row,
        None => newest(&store).await?,
    };
    let is_live = place.live == "1" && before.is_none() && filter.steps_back()? == 0;
    // One request is no matter of numbers, and whoever follows requests looks at nothing else.
    let is_summed = !is_live && meant.request_id.is_none();
    let summary = if is_summed { Some(Summary::read(&store, &meant, now).await?) } else { None };
    let summary = summary.filter(|summary| summary.requests > 0);
    let w = LogsWords::of(shell.language);
    let outcomes = OutcomesWords::of(shell.language);
    let facets = match &summary {
        Some(summary) => facets(summary, &filter, &store.list_tokens().await?, shell.language),
        None => Vec::new(),
    };
    let (steps, step) = match &summary {
        Some(summary) => (&summary.steps[..], summary.step),
        None => (&[][..], 0),
    };
    let chart = Chart::new(steps).stepping(step).of(filter.timeless().query());
    let tw = TrafficWords::of(shell.language);
    Ok(Page(LogsPage {
        shell,
        w,
        tw,
        outcomes,
        filter,
        is_live,
        now,
        summary,
        chart,
        facets,
        newest,
        requests,
        next,
    }))
}

impl LogsPage {
    /// How many requests there are, in words.
    fn amount(&self, summary: &Summary) -> String {
        let found = crate::format::count(summary.requests);
        if summary.of_newest.is_none() {
            return crate::words::fill(self.w.found, found);
        }
        crate::words::fill2(self.w.found_of, found, crate::format::count(LOOKED_AT))
    }

    /// How many are to be deleted, in words.
    fn to_delete(&self) -> String {
        match &self.summary {
            Some(summary) if summary.of_newest.is_none() => {
                crate::words::fill(self.w.delete_sure, crate::format::count(summary.requests))
            }
            Some(summary) => {
                let least = crate::format::count(summary.requests);
                crate::words::fill(self.w.delete_least, least)
            }
            None => self.w.delete_unknown.to_owned(),
        }
    }
}

/// The number of the newest request of all; 0 if there is none.
async fn newest(store: &Store) -> Result<i64, Error> {
    let newest = store.recent_requests(1, &RequestFilter::default()).await?;
    Ok(newest.first().map_or(0, |newest| newest.row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_none_is_named() {
        let before = |text: &str| Place { before: text.to_owned(), ..Place::default() }.before();
        assert_eq!(before("").ok(), Some(None));
        assert_eq!(before("12").ok(), Some(Some(12)));
        assert!(before("twelve").is_err_and(|error| error.to_string().contains("before")));
    }
}

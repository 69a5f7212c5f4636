//! `/admin/errors`: failed attempts put together by what went wrong, with what helps.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use keypool::Timestamp;
use serde::Deserialize;
use store::{ErrorGroup, LoggedError, Store};

use super::logs::{LogFilter, since};
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::logs::LogsWords;
use crate::words::outcomes::OutcomesWords;

/// The most groups that are shown.
const GROUPS: u64 = 50;

/// How much of a message is shown, in characters.
const SHOWN: usize = 300;

#[derive(Template)]
#[template(path = "errors.html")]
pub(crate) struct ErrorsPage {
    shell: Shell,
    w: &'static LogsWords,
    outcomes: &'static OutcomesWords,
    range: String,
    groups: Vec<(ErrorGroup, Option<LoggedError>)>,
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    /// `1h`, `24h`, `7d` or `30d`; anything else is a day.
    #[serde(default)]
    range: String,
}

pub(crate) async fn show(
    State(store): State<Store>,
    shell: Shell,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page<ErrorsPage>, Error> {
    let Query(Wanted { range }) = wanted?;
    let range = if since(&range).is_some() { range } else { "24h".to_owned() };
    let groups = groups(&store, since(&range).unwrap_or(relay::now())).await?;
    let (w, outcomes) = (LogsWords::of(shell.language), OutcomesWords::of(shell.language));
    Ok(Page(ErrorsPage { shell, w, outcomes, range, groups }))
}

impl ErrorsPage {
    /// Where the requests are listed that ended like this group's attempts.
    fn requests(&self, group: &ErrorGroup) -> String {
        let filter = LogFilter {
            model: group.model.clone().unwrap_or_default(),
            outcome: group.outcome.clone(),
            range: self.range.clone(),
            ..LogFilter::default()
        };
        format!("/admin/logs?{}", filter.query())
    }
}

/// The groups, each with its newest attempt.
async fn groups(
    store: &Store,
    since: Timestamp,
) -> Result<Vec<(ErrorGroup, Option<LoggedError>)>, Error> {
    let groups = store.error_groups(since, GROUPS).await?;
    let rows: Vec<i64> = groups.iter().map(|group| group.newest).collect();
    let newest = store.errors_of_rows(&rows).await?.into_iter();
    let mut newest: BTreeMap<i64, LoggedError> = newest.map(|error| (error.row, error)).collect();
    let with_newest = |group: ErrorGroup| {
        let error = newest.remove(&group.newest);
        (group, error)
    };
    Ok(groups.into_iter().map(with_newest).collect())
}

/// The beginning of a message.
fn beginning(message: &str) -> String {
    let mut beginning: String = message.chars().take(SHOWN).collect();
    if beginning.len() < message.len() {
        beginning.push('…');
    }
    beginning
}

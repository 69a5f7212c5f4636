//! `/admin/audit`: what was done, by whom, to what; `…/export`: the same as a file.

mod told;

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;
use store::{AuditEntry, AuditFilter, Store, StoreError};
use told::Told;

use super::logs::{LogFilter, RANGES};
use crate::api::audit::Entry;
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::audit::AuditWords;

/// Entries of a page.
const PAGE: u32 = 100;

/// Entries that are read at a time for a file.
const AT_ONCE: u32 = 500;

#[derive(Template)]
#[template(path = "audit.html")]
pub(crate) struct AuditPage {
    shell: Shell,
    w: &'static AuditWords,
    wanted: Wanted,
    entries: Vec<Told>,
    /// Where the next page begins.
    next: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    actor: String,
    action: String,
    object: String,
    /// As in the log; all time if it is none of those.
    range: String,
    /// Not a range, but since this moment, in milliseconds since the epoch …
    from: String,
    /// … and until before this one.
    to: String,
    before: String,
}

pub(crate) async fn show(
    State(store): State<Store>,
    shell: Shell,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page<AuditPage>, Error> {
    let Query(wanted) = wanted?;
    let entries = store.audit_log(PAGE, &wanted.filter()?).await?;
    let is_full = entries.len() == PAGE as usize;
    let next = entries.last().filter(|_| is_full).map(|last| last.id.clone());
    let entries = entries.into_iter().map(Told::from).collect();
    let w = AuditWords::of(shell.language);
    Ok(Page(AuditPage { shell, w, wanted, entries, next }))
}

/// One entry a line, as JSON, read as it is sent.
pub(crate) async fn export(
    State(store): State<Store>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Error> {
    let Query(wanted) = wanted?;
    let lines = stream::try_unfold((store, wanted.filter()?), async |(store, mut filter)| {
        let read = store.audit_log(AT_ONCE, &filter).await?;
        let Some(last) = read.last() else { return Ok::<_, StoreError>(None) };
        filter.before = Some(last.id.clone());
        let lines: String = read.into_iter().map(line).collect();
        Ok(Some((lines, (store, filter))))
    });
    let headers = [
        (CONTENT_TYPE, "application/jsonl"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit.jsonl\""),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

fn line(entry: AuditEntry) -> String {
    format!("{}\n", serde_json::to_string(&Entry::from(entry)).unwrap_or_default())
}

impl Wanted {
    fn filter(&self) -> Result<AuditFilter, Error> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let time = self.time().ask(relay::now())?;
        Ok(AuditFilter {
            before: given(&self.before),
            actor: given(&self.actor),
            action: given(&self.action),
            object: given(&self.object),
            since: time.since,
            until: time.until,
        })
    }

    /// When things were done, as the log of requests has it.
    fn time(&self) -> LogFilter {
        LogFilter {
            range: self.range.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            ..LogFilter::default()
        }
    }

    /// The moments between which things were done, for people; nothing where that is a range.
    fn interval(&self) -> Option<String> {
        self.time().interval()
    }

    /// The same without an interval.
    fn without_interval(&self) -> String {
        Self { from: String::new(), to: String::new(), ..self.clone() }.query()
    }

    /// As it stands in addresses, from the newest entry on.
    fn query(&self) -> String {
        let fields = [
            ("actor", &self.actor),
            ("action", &self.action),
            ("object", &self.object),
            ("range", &self.range),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields.iter().filter(|(_, value)| !value.trim().is_empty()) {
            query.append_pair(name, value.trim());
        }
        query.finish()
    }
}

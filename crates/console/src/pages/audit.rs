//! `/admin/audit`: what was done, by whom, to what.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;
use store::{AuditEntry, AuditFilter, Store};

use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::audit::AuditWords;

/// Entries of a page.
const PAGE: u32 = 100;

#[derive(Template)]
#[template(path = "audit.html")]
pub(crate) struct AuditPage {
    shell: Shell,
    w: &'static AuditWords,
    wanted: Wanted,
    entries: Vec<AuditEntry>,
    /// Where the next page begins.
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    actor: String,
    action: String,
    object: String,
    before: String,
}

pub(crate) async fn show(
    State(store): State<Store>,
    shell: Shell,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page<AuditPage>, Error> {
    let Query(wanted) = wanted?;
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = AuditFilter {
        before: given(&wanted.before),
        actor: given(&wanted.actor),
        action: given(&wanted.action),
        object: given(&wanted.object),
        since: None,
    };
    let entries = store.audit_log(PAGE, &filter).await?;
    let is_full = entries.len() == PAGE as usize;
    let next = entries.last().filter(|_| is_full).map(|last| last.id.clone());
    let w = AuditWords::of(shell.language);
    Ok(Page(AuditPage { shell, w, wanted, entries, next }))
}

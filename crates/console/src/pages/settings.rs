//! `/admin/settings`: every setting with where its value comes from; changes are looked at before
//! they are saved, and can be taken back.

mod file;

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;
use settings::{Group, Kind, Origin, Row};
use store::{AuditEntry, AuditFilter};

use crate::State as Console;
use crate::access::Identity;
use crate::changes::settings::{self as changes, Change};
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::settings::SettingsWords;

/// Entries of the history.
const HISTORY: u32 = 50;

#[derive(Template)]
#[template(path = "settings.html")]
pub(crate) struct SettingsPage {
    shell: Shell,
    w: &'static SettingsWords,
    groups: [&'static str; 12],
    wanted: Wanted,
    is_readonly: bool,
    rows: Vec<Row>,
    problem: String,
    /// What was typed and not accepted.
    typed: BTreeMap<String, String>,
}

#[derive(Template)]
#[template(path = "settings_review.html")]
struct ReviewPage {
    shell: Shell,
    w: &'static SettingsWords,
    changes: Vec<Change>,
}

#[derive(Template)]
#[template(path = "settings_history.html")]
pub(crate) struct HistoryPage {
    shell: Shell,
    w: &'static SettingsWords,
    entries: Vec<AuditEntry>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    q: String,
    group: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page<SettingsPage>, Error> {
    let Query(wanted) = wanted?;
    SettingsPage::new(&console, shell, wanted, String::new(), BTreeMap::new()).await.map(Page)
}

/// `POST /admin/settings/review`: shows what would change.
pub(crate) async fn review(
    State(console): State<Console>,
    shell: Shell,
    fields: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Result<Response, Error> {
    let Form(fields) = fields?;
    let planned = changes::plan(&console, &wanted(&fields)).await;
    reviewed(&console, shell, planned, fields).await
}

/// Goes on to the review, or says beside the fields what is wrong.
async fn reviewed(
    console: &Console,
    shell: Shell,
    planned: Result<Vec<Change>, Error>,
    fields: BTreeMap<String, String>,
) -> Result<Response, Error> {
    match planned {
        Ok(changes) if changes.is_empty() => Ok(Redirect::to("/admin/settings").into_response()),
        Ok(changes) => {
            let w = SettingsWords::of(shell.language);
            Ok(Page(ReviewPage { shell, w, changes }).into_response())
        }
        Err(Error::Invalid { problem, .. }) => {
            let group = fields.get("_group").cloned().unwrap_or_default();
            let wanted = Wanted { group, ..Wanted::default() };
            let page = SettingsPage::new(console, shell, wanted, problem, fields).await?;
            Ok((StatusCode::BAD_REQUEST, Page(page)).into_response())
        }
        Err(error) => Err(error),
    }
}

/// `POST /admin/settings/save`: saves what was looked at.
pub(crate) async fn save(
    State(console): State<Console>,
    identity: Identity,
    fields: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(fields) = fields?;
    let changes = changes::plan(&console, &wanted(&fields)).await?;
    changes::save(&console, &identity, &changes).await?;
    Ok(Redirect::to("/admin/settings/history"))
}

/// `GET /admin/settings/export`: what was saved, as a file.
pub(crate) async fn export(State(console): State<Console>) -> Result<Response, Error> {
    let file = file::write(&changes::resolved(&console).await?.rows());
    let headers = [
        (CONTENT_TYPE, "application/toml"),
        (CONTENT_DISPOSITION, "attachment; filename=\"gemini-balance.toml\""),
    ];
    Ok((headers, file).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Pasted {
    text: String,
}

/// `POST /admin/settings/import`: shows what such a file would change.
pub(crate) async fn import(
    State(console): State<Console>,
    shell: Shell,
    pasted: Result<Form<Pasted>, FormRejection>,
) -> Result<Response, Error> {
    let Form(Pasted { text }) = pasted?;
    let planned = match file::read(&text) {
        Ok(wanted) => changes::plan(&console, &wanted).await,
        Err(error) => Err(error),
    };
    reviewed(&console, shell, planned, BTreeMap::new()).await
}

/// `/admin/settings/history`: what was changed, newest first.
pub(crate) async fn history(
    State(console): State<Console>,
    shell: Shell,
) -> Result<Page<HistoryPage>, Error> {
    let filter = AuditFilter { action: Some("settings.".to_owned()), ..AuditFilter::default() };
    let entries = console.store.audit_log(HISTORY, &filter).await?;
    let w = SettingsWords::of(shell.language);
    Ok(Page(HistoryPage { shell, w, entries }))
}

/// `POST /admin/settings/history/{id}/undo`: shows what taking a change back would change.
pub(crate) async fn undo(
    State(console): State<Console>,
    shell: Shell,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let filter = AuditFilter { action: Some("settings.".to_owned()), ..AuditFilter::default() };
    let entries = console.store.audit_log(HISTORY, &filter).await?;
    let entry = entries.into_iter().find(|entry| entry.id == id);
    let entry = entry.ok_or(Error::NotFound("There is no such change."))?;
    let changes = changes::plan(&console, &changes::undoing(&entry.detail)).await?;
    if changes.is_empty() {
        return Ok(Redirect::to("/admin/settings/history").into_response());
    }
    let w = SettingsWords::of(shell.language);
    Ok(Page(ReviewPage { shell, w, changes }).into_response())
}

/// The settings among a form's fields. `NAME` carries a value, an empty one for a secret leaves it
/// alone, `_unset` names those that go back.
fn wanted(fields: &BTreeMap<String, String>) -> BTreeMap<String, Option<String>> {
    let unset = fields.get("_unset").map(String::as_str).unwrap_or_default();
    let mut wanted: BTreeMap<String, Option<String>> = fields
        .iter()
        .filter(|(name, value)| !name.starts_with('_') && !value.is_empty())
        .map(|(name, value)| (name.clone(), Some(value.clone())))
        .collect();
    wanted.extend(unset.split_whitespace().map(|name| (name.to_owned(), None)));
    wanted
}

impl SettingsPage {
    async fn new(
        console: &Console,
        shell: Shell,
        wanted: Wanted,
        problem: String,
        typed: BTreeMap<String, String>,
    ) -> Result<Self, Error> {
        let resolved = changes::resolved(console).await?;
        let mut rows = changes::found(resolved.rows(), &wanted.q);
        let is_all = !wanted.q.trim().is_empty();
        let group =
            if wanted.group.is_empty() { Group::ALL[0].name() } else { wanted.group.as_str() };
        rows.retain(|row| is_all || row.group == group);
        let wanted = Wanted { group: group.to_owned(), ..wanted.clone() };
        Ok(Self {
            w: SettingsWords::of(shell.language),
            is_readonly: resolved.settings.security.settings_readonly,
            shell,
            groups: Group::ALL.map(Group::name),
            wanted,
            rows,
            problem,
            typed,
        })
    }

    /// Whether the row may be edited by the one who looks.
    fn is_open(&self, row: &Row) -> bool {
        row.stored_allowed && !self.is_readonly && self.shell.may_change()
    }

    /// What stands in the field.
    fn value(&self, row: &Row) -> String {
        let typed = self.typed.get(row.name).cloned();
        typed.or_else(|| row.value.clone().filter(|_| !row.secret)).unwrap_or_default()
    }

    /// The words of a setting that takes one of a few.
    fn choices(row: &Row) -> Vec<&'static str> {
        match settings::find(row.name).map(|definition| definition.kind) {
            Some(Kind::Bool) => vec!["true", "false"],
            Some(Kind::Choice(words)) => words.to_vec(),
            _ => Vec::new(),
        }
    }

    fn source(&self, row: &Row) -> &'static str {
        match row.source {
            Origin::Default => self.w.from_default,
            Origin::Environment => self.w.from_environment,
            Origin::Stored => self.w.from_store,
            Origin::Imported => self.w.from_import,
        }
    }

    fn is_stored(row: &Row) -> bool {
        row.source.is_saved()
    }
}

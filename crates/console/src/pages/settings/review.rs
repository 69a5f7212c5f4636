//! Changes looked at before they are saved: what they bring about, and whether somebody else has
//! changed the same meanwhile.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use store::AuditFilter;

use super::{HISTORY, SettingsPage, Wanted, file};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::settings::{self as changes, Change, Conflict, Merged, Seen};
use crate::effects;
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::settings::SettingsWords;

#[derive(Template)]
#[template(path = "settings_review.html")]
struct ReviewPage {
    shell: Shell,
    w: &'static SettingsWords,
    changes: Vec<Change>,
    conflicts: Vec<Conflict>,
    /// What the changes bring about; nothing while there are conflicts.
    effects: Vec<String>,
    /// Secrets that were typed, sealed: they must not stand in a page.
    sealed: BTreeMap<String, String>,
    seen: Seen,
}

/// `POST /admin/settings/review`: shows what would change.
pub(crate) async fn review(
    State(console): State<Console>,
    shell: Shell,
    fields: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Result<Response, Error> {
    let Form(fields) = fields?;
    let seen = Seen::of_fields(&fields);
    let merged = changes::merge(&console, wanted(&console, &fields), &seen).await;
    reviewed(&console, shell, merged, fields).await
}

/// Goes on to the review, or says beside the fields what is wrong.
async fn reviewed(
    console: &Console,
    shell: Shell,
    merged: Result<Merged, Error>,
    fields: BTreeMap<String, String>,
) -> Result<Response, Error> {
    match merged {
        Ok(merged) if merged.changes.is_empty() && merged.conflicts.is_empty() => {
            Ok(Redirect::to("/admin/settings").into_response())
        }
        Ok(merged) => Ok(ReviewPage::new(console, shell, merged).await?.answer()),
        Err(Error::Invalid { problem, .. }) => {
            let group = fields.get("_group").cloned().unwrap_or_default();
            let wanted = Wanted { group, ..Wanted::default() };
            let page = SettingsPage::new(console, shell, wanted, problem, fields).await?;
            Ok((StatusCode::BAD_REQUEST, Page(page)).into_response())
        }
        Err(error) => Err(error),
    }
}

/// `POST /admin/settings/save`: saves what was looked at; if somebody else was faster, both are shown.
pub(crate) async fn save(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    fields: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Result<Response, Error> {
    let Form(fields) = fields?;
    let seen = Seen::of_fields(&fields);
    let wanted = wanted(&console, &fields);
    loop {
        let merged = changes::merge(&console, wanted.clone(), &seen).await?;
        if !merged.conflicts.is_empty() {
            return Ok(ReviewPage::new(&console, shell, merged).await?.answer());
        }
        let stored = Some(&merged.stored);
        if changes::save_over(&console, &identity, &merged.changes, stored).await? {
            return Ok(Redirect::to("/admin/settings/history").into_response());
        }
    }
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
    let merged = match file::read(&text) {
        Ok(wanted) => changes::merge(&console, wanted, &Seen::default()).await,
        Err(error) => Err(error),
    };
    reviewed(&console, shell, merged, BTreeMap::new()).await
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
    let wanted = changes::undoing(&entry.detail);
    let merged = changes::merge(&console, wanted, &Seen::default()).await?;
    if merged.changes.is_empty() {
        return Ok(Redirect::to("/admin/settings/history").into_response());
    }
    Ok(ReviewPage::new(&console, shell, merged).await?.answer())
}

/// The settings among a form's fields. `NAME` carries a value, an empty one for a secret leaves it
/// alone; `_sealed.NAME` carries a secret that was typed a page before; `_unset` names one that goes
/// back, `_unset.NAME` says so of each of several.
pub(super) fn wanted(
    console: &Console,
    fields: &BTreeMap<String, String>,
) -> BTreeMap<String, Option<String>> {
    let mut wanted = BTreeMap::new();
    for (field, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        if let Some(name) = field.strip_prefix("_sealed.") {
            let plain = console.store.open_ticket(value);
            let plain = plain.as_deref().and_then(|plain| plain.strip_prefix(&sealed_for(name)));
            wanted.extend(plain.map(|plain| (name.to_owned(), Some(plain.to_owned()))));
        } else if let Some(name) = field.strip_prefix("_unset.") {
            wanted.insert(name.to_owned(), None);
        } else if field == "_unset" {
            wanted.insert(value.clone(), None);
        } else if !field.starts_with('_') {
            wanted.insert(field.clone(), Some(value.clone()));
        }
    }
    // What goes back is said by a button beside its own field.
    if let Some(name) = fields.get("_unset") {
        wanted.insert(name.clone(), None);
    }
    wanted
}

fn sealed_for(name: &str) -> String {
    format!("setting {name}: ")
}

impl ReviewPage {
    async fn new(console: &Console, shell: Shell, merged: Merged) -> Result<Self, Error> {
        let w = SettingsWords::of(shell.language);
        let Merged { changes, conflicts, seen, .. } = merged;
        let effects = if conflicts.is_empty() {
            let effects = effects::of(console, &changes).await?;
            effects.iter().map(|effect| w.effect(effect)).collect()
        } else {
            Vec::new()
        };
        let mut sealed = BTreeMap::new();
        let all = changes.iter().chain(conflicts.iter().map(|conflict| &conflict.change));
        for change in all.filter(|change| change.secret) {
            if let Some(after) = &change.after {
                let text = format!("{}{after}", sealed_for(&change.name));
                sealed.insert(change.name.clone(), console.store.seal_ticket(&text)?);
            }
        }
        Ok(Self { shell, w, changes, conflicts, effects, sealed, seen })
    }

    fn answer(self) -> Response {
        let status = if self.conflicts.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
        (status, Page(self)).into_response()
    }

    /// The field that carries a change on, and what it carries.
    fn carried(&self, change: &Change) -> (String, String) {
        let name = &change.name;
        match (&change.after, self.sealed.get(name)) {
            (None, _) => (format!("_unset.{name}"), "yes".to_owned()),
            (Some(_), Some(sealed)) => (format!("_sealed.{name}"), sealed.clone()),
            (Some(after), None) => (name.clone(), after.clone()),
        }
    }

    fn mark(&self, change: &Change) -> String {
        self.seen.of(&change.name).unwrap_or_default().to_owned()
    }

    fn before(&self, change: &Change) -> String {
        let before = change.before.as_deref().unwrap_or(self.w.not_set);
        if change.secret { self.w.secret } else { before }.to_owned()
    }

    fn after(&self, change: &Change) -> String {
        match &change.after {
            None => self.w.go_back.to_owned(),
            Some(_) if change.secret => self.w.secret.to_owned(),
            Some(after) => after.clone(),
        }
    }

    /// Who has changed it to what it is now.
    fn theirs(&self, conflict: &Conflict) -> String {
        match &conflict.by {
            Some((actor, _)) => crate::words::fill(self.w.theirs_of, actor),
            None => self.w.theirs.to_owned(),
        }
    }
}

//! `/admin/settings`: every setting with where its value comes from; changes are looked at before
//! they are saved, and can be taken back.

mod file;
mod review;
mod trial;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;
use settings::{Group, Kind, Origin, Row};
use store::{AuditEntry, AuditFilter};

use crate::State as Console;
use crate::changes::settings::{self as changes, Seen};
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::trials::{Trial, Tried};
use crate::words::settings::SettingsWords;

pub(super) use review::{import, review, save, undo};
pub(super) use trial::test;

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
    /// What the form is made from.
    seen: Seen,
    /// How those at the other end answered just now, if they were asked.
    tried: Option<Vec<Tried>>,
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

/// `GET /admin/settings/export`: what was saved, as a file.
pub(crate) async fn export(State(console): State<Console>) -> Result<Response, Error> {
    let file = file::write(&changes::resolved(&console).await?.rows());
    let headers = [
        (CONTENT_TYPE, "application/toml"),
        (CONTENT_DISPOSITION, "attachment; filename=\"gemini-balance.toml\""),
    ];
    Ok((headers, file).into_response())
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
        let stored = console.store.stored_settings().await?;
        Ok(Self {
            seen: Seen::of_rows(console, &rows, &stored),
            tried: None,
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

    /// The mark of what the row showed when the form was made: what was typed was typed over that.
    fn seen(&self, row: &Row) -> String {
        let before = self.typed.get(&format!("_seen.{}", row.name)).map(String::as_str);
        before.or(self.seen.of(row.name)).unwrap_or_default().to_owned()
    }

    /// What can be tried out of the rows that are shown, with what that is called.
    fn trials(&self) -> Vec<(Trial, &'static str)> {
        let all = [
            (Trial::Upstream, self.w.try_upstream),
            (Trial::Notifications, self.w.try_notifications),
            (Trial::Pictures, self.w.try_pictures),
        ];
        let is_shown =
            |trial| self.rows.iter().any(|row| Trial::of_group(row.group) == Some(trial));
        all.into_iter().filter(|(trial, _)| is_shown(*trial)).collect()
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

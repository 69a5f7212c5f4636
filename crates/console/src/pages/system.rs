//! `/admin/system`: this program, and who is signed in to it.

use std::fmt::Write as _;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Redirect;
use jobs::Arrival;
use keypool::Timestamp;
use store::{Session, Store};

use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::upkeep::{Backups, Updates};
use crate::words::system::SystemWords;

#[derive(Template)]
#[template(path = "system.html")]
pub(crate) struct SystemPage {
    shell: Shell,
    w: &'static SystemWords,
    database: String,
    /// When the process began.
    started_at: Timestamp,
    /// The id of the session that looks.
    own: String,
    sessions: Vec<Session>,
    backups: Backups,
    updates: Updates,
    /// How a test of the notifications went, if there was one just now.
    arrivals: Option<Vec<Arrival>>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
) -> Result<Page<SystemPage>, Error> {
    page(console, shell, identity, None).await
}

/// `POST /admin/system/notifications/test`.
pub(crate) async fn test_notifications(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
) -> Result<Page<SystemPage>, Error> {
    let rules = console.gateway.configuration().settings.notifications.clone();
    let arrivals = jobs::send_test(&rules).await;
    let mut note = String::new();
    for Arrival { channel, error } in &arrivals {
        let result = if error.is_none() { "sent" } else { "failed" };
        // Writing into a String cannot fail.
        let _ = write!(note, "{}{channel} {result}", if note.is_empty() { "" } else { ", " });
    }
    console.store.note(&identity.actor, "notifications.test", "", &note).await?;
    page(console, shell, identity, Some(arrivals)).await
}

async fn page(
    console: Console,
    shell: Shell,
    identity: Identity,
    arrivals: Option<Vec<Arrival>>,
) -> Result<Page<SystemPage>, Error> {
    let own = identity.session().unwrap_or_default().to_owned();
    let w = SystemWords::of(shell.language);
    let database = console.store.shown_url().to_owned();
    let sessions = console.store.sessions().await?;
    let started_at = console.started_at;
    let (backups, updates) = (Backups::read(&console).await?, Updates::read(&console).await?);
    Ok(Page(SystemPage {
        shell,
        w,
        database,
        started_at,
        own,
        sessions,
        backups,
        updates,
        arrivals,
    }))
}

/// `POST /admin/system/backups`: makes one where those by the clock lie. How it went is on the page.
pub(crate) async fn back_up(
    State(console): State<Console>,
    identity: Identity,
) -> Result<Redirect, Error> {
    match Backups::make(&console, &identity.actor).await {
        Ok(_) | Err(Error::Conflict(_)) => Ok(Redirect::to("/admin/system#backups")),
        Err(error) => Err(error),
    }
}

/// `POST /admin/system/updates`: asks now whether there is a newer version.
pub(crate) async fn look_for_updates(State(console): State<Console>) -> Result<Redirect, Error> {
    Updates::look(&console).await?;
    Ok(Redirect::to("/admin/system#updates"))
}

/// `POST /admin/system/sessions/{id}/end`.
pub(crate) async fn end_session(
    State(store): State<Store>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Redirect, Error> {
    if !store.end_session(&id).await? {
        return Err(Error::NotFound("There is no such session."));
    }
    store.note(&identity.actor, "sessions.end", &id, "").await?;
    Ok(Redirect::to("/admin/system"))
}

impl SystemPage {
    /// What somebody who is signed in may do, in a word.
    fn role(&self, session: &Session) -> &'static str {
        self.shell.words.role(session.role)
    }
}

//! `/admin/system`: this program, and who is signed in to it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Redirect;
use store::{Session, Store};

use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;
use crate::page::Page;
use crate::shell::Shell;
use crate::words::system::SystemWords;

#[derive(Template)]
#[template(path = "system.html")]
pub(crate) struct SystemPage {
    shell: Shell,
    w: &'static SystemWords,
    database: String,
    /// The id of the session that looks.
    own: String,
    sessions: Vec<Session>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
) -> Result<Page<SystemPage>, Error> {
    let own = identity.session().unwrap_or_default().to_owned();
    let w = SystemWords::of(shell.language);
    let database = console.store.shown_url().to_owned();
    let sessions = console.store.sessions().await?;
    Ok(Page(SystemPage { shell, w, database, own, sessions }))
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

//! `/admin/keys`: the keys of the pool, and what can be done to many of them.

mod act;
mod export;
mod live;
mod look;
mod preview;

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::response::Redirect;
use keypool::Platform;
use serde::Deserialize;

pub(crate) use act::{UNASKED, act, confirmed, losses};
pub(crate) use export::export;
pub(crate) use live::Rows;
pub(crate) use look::{Column, Density, Look};
pub(crate) use preview::show as preview;

use crate::State as Console;
use crate::access::Identity;
use crate::changes::keys::{self as changes, Adding};
use crate::changes::labels;
use crate::error::Error;
use crate::page::Page;
use crate::pool::{Filter, Key, Listing, Standing};
use crate::shell::Shell;
use crate::traffic::{Spark, sparks};
use crate::words::keys::KeysWords;

/// For so long after its beginning a deletion can be undone from this page.
const UNDO: i64 = 30_000;

#[derive(Template)]
#[template(path = "keys.html")]
pub(crate) struct KeysPage {
    shell: Shell,
    w: &'static KeysWords,
    filter: Filter,
    listing: Listing,
    look: Look,
    sparks: HashMap<String, Spark>,
    removed: Option<Removed>,
}

/// Keys that were deleted from here a moment ago.
struct Removed {
    job: String,
    keys: usize,
    /// Until when that can be undone, in milliseconds.
    until: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Besides {
    /// The job that deleted keys a moment ago.
    removed: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    filter: Result<Query<Filter>, QueryRejection>,
    besides: Result<Query<Besides>, QueryRejection>,
) -> Result<Page<KeysPage>, Error> {
    let (Query(filter), Query(besides)) = (filter?, besides?);
    let look = Look::of(&console.store.preferences(&identity.actor).await?);
    let listing = filter.apply(&console.gateway).await;
    let ids: Vec<&str> = listing.keys.iter().map(Key::id).collect();
    let is_drawn = look.shows(Column::Trend);
    let sparks =
        if is_drawn { sparks(&console.store, &ids, relay::now()).await? } else { HashMap::new() };
    let removed = console.jobs.find(&besides.removed).and_then(|job| {
        let until = job.started_at.millis() + UNDO;
        let is_in_time = job.action == "remove" && until > relay::now().millis();
        is_in_time.then(|| Removed { job: job.id.clone(), keys: job.total, until })
    });
    let w = KeysWords::of(shell.language);
    Ok(Page(KeysPage { shell, w, filter, listing, look, sparks, removed }))
}

#[derive(Deserialize)]
pub(crate) struct Added {
    keys: String,
    #[serde(default)]
    platform: Platform,
    #[serde(default)]
    tag: String,
    /// Whether Google is asked about them before they serve.
    verify: Option<String>,
}

/// `POST /admin/keys/add`: adds what was pasted.
pub(crate) async fn add(
    State(console): State<Console>,
    identity: Identity,
    added: Result<Form<Added>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(Added { keys, platform, tag, verify }) = added?;
    let tags = labels(&tag);
    let adding = Adding { text: &keys, platform, tags: &tags, verify: verify.is_some() };
    let job = changes::add(&console, &identity, adding).await?;
    Ok(Redirect::to(&format!("/admin/jobs/{}", job.id)))
}

/// A filter as it stands in addresses.
pub(crate) fn read_filter(query: &str) -> Result<Filter, Error> {
    let Query(filter) = super::in_query(query)?;
    Ok(filter)
}

impl KeysPage {
    fn standings(&self) -> impl Iterator<Item = (Standing, usize)> {
        Standing::ALL.into_iter().zip(self.listing.counts)
    }

    fn all_standings(&self) -> usize {
        self.listing.counts.iter().sum()
    }

    fn success(key: &Key) -> String {
        crate::format::percent(key.snapshot.counters.served, key.attempts())
    }

    /// The filter with nothing changed but the page.
    fn query(&self) -> String {
        self.filter.with("page", "")
    }
}

//! `/admin/keys`: the keys of the pool, and what can be done to many of them.

mod act;
mod export;
mod live;
mod look;
mod preview;

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::response::Redirect;
use keypool::Platform;
use relay::Configuration;
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
use crate::proxies;
use crate::shell::Shell;
use crate::traffic::{Spark, sparks};
use crate::words::keys::KeysWords;
use crate::work::Job;

/// How failures of keys are called (`keypool::Outcome::label`).
const ERRORS: [&str; 6] =
    ["quota_spent", "key_dead", "key_refused", "model_busy", "link_broken", "region_refused"];

/// For so long after its beginning something can be undone from this page.
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
    just: Option<JustDone>,
    /// What keys can be bound to: ids and addresses.
    proxies: Vec<(String, String)>,
    configuration: Arc<Configuration>,
}

/// What was done from here a moment ago.
struct JustDone {
    job: Arc<Job>,
    /// Until when that can be undone, in milliseconds.
    until: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Besides {
    /// The job that was begun from here a moment ago.
    job: String,
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
    let just = console.jobs.find(&besides.job).and_then(|job| {
        let until = job.started_at.millis() + UNDO;
        let is_in_time =
            ["remove", "disable", "tag"].contains(&job.action) && until > relay::now().millis();
        is_in_time.then_some(JustDone { job, until })
    });
    let w = KeysWords::of(shell.language);
    let proxies = proxies::choices(&console);
    let configuration = console.gateway.configuration();
    Ok(Page(KeysPage { shell, w, filter, listing, look, sparks, just, proxies, configuration }))
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
    /// The proxy that they are bound to.
    #[serde(default)]
    proxy: String,
}

/// `POST /admin/keys/add`: adds what was pasted.
pub(crate) async fn add(
    State(console): State<Console>,
    identity: Identity,
    added: Result<Form<Added>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(Added { keys, platform, tag, verify, proxy }) = added?;
    let (tags, verify) = (labels(&tag), verify.is_some());
    let adding = Adding { text: &keys, platform, tags: &tags, verify, proxy: &proxy };
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

    /// Whether an option is the one that the filter names.
    fn is_chosen(named: &str, option: &str) -> bool {
        named == option
    }

    /// The proxy that a key goes through while every one works.
    fn home(&self, key: &Key) -> Option<&str> {
        let home = self.configuration.home_of(&key.snapshot.id, key.snapshot.egress)?.to_string();
        self.proxies.iter().find(|(id, _)| *id == home).map(|(_, shown)| shown.as_str())
    }

    /// What was done a moment ago, in words.
    fn says(&self, job: &Job) -> String {
        let text = match job.action {
            "disable" => self.w.disabled_now,
            "tag" => self.w.tagged_now,
            _ => self.w.deleted,
        };
        crate::words::fill(text, crate::format::count(job.total as u64))
    }

    /// The filter with nothing changed but the page.
    fn query(&self) -> String {
        self.filter.with("page", "")
    }
}

//! `/admin/keys`: the keys of the pool, and what can be done to many of them.

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, RawForm, State};
use axum::response::Redirect;
use keypool::{KeyId, Platform};
use serde::Deserialize;

use crate::State as Console;
use crate::access::Identity;
use crate::changes::keys::{self as changes, Meant};
use crate::changes::labels;
use crate::error::Error;
use crate::page::Page;
use crate::pool::{Filter, Key, Listing, Standing};
use crate::shell::Shell;
use crate::words::fill;
use crate::words::keys::KeysWords;
use crate::work::Action;

#[derive(Template)]
#[template(path = "keys.html")]
pub(crate) struct KeysPage {
    shell: Shell,
    w: &'static KeysWords,
    filter: Filter,
    listing: Listing,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Page<KeysPage>, Error> {
    let Query(filter) = filter?;
    let snapshot = console.gateway.snapshot(relay::now());
    let listing = filter.apply(snapshot);
    let w = KeysWords::of(shell.language);
    Ok(Page(KeysPage { shell, w, filter, listing }))
}

/// `POST /admin/keys/act`: does something to the chosen keys, or to all that the filter finds.
pub(crate) async fn act(
    State(console): State<Console>,
    identity: Identity,
    RawForm(form): RawForm,
) -> Result<Redirect, Error> {
    let wanted = Wanted::read(&form);
    let action = Action::of_name(&wanted.action, &wanted.label)?;
    let meant = wanted.meant()?;
    let job = changes::act(&console, &identity, action, meant).await?;
    Ok(Redirect::to(&format!("/admin/jobs/{}", job.id)))
}

/// What the form of many keys says.
#[derive(Debug, Default)]
struct Wanted {
    action: String,
    label: String,
    /// Not those that are chosen, but all that the filter finds.
    all: bool,
    filter: String,
    ids: Vec<KeyId>,
}

impl Wanted {
    fn read(form: &[u8]) -> Self {
        let mut wanted = Self::default();
        for (name, value) in url::form_urlencoded::parse(form) {
            match &*name {
                "action" => wanted.action = value.into_owned(),
                "label" => wanted.label = value.into_owned(),
                "all" => wanted.all = true,
                "filter" => wanted.filter = value.into_owned(),
                "id" => wanted.ids.push(KeyId::from(value.into_owned())),
                _ => {}
            }
        }
        wanted
    }

    fn meant(self) -> Result<Meant, Error> {
        Ok(if self.all { Meant::Matching(filter(&self.filter)?) } else { Meant::These(self.ids) })
    }
}

/// `POST /admin/keys/losses`: what goes out of reach if the chosen keys are deleted, in words;
/// nothing if nothing does.
pub(crate) async fn losses(
    State(console): State<Console>,
    shell: Shell,
    RawForm(form): RawForm,
) -> Result<String, Error> {
    let lost = changes::at_stake(&console, &Wanted::read(&form).meant()?).await?.total();
    let w = KeysWords::of(shell.language);
    Ok(if lost == 0 { String::new() } else { fill(w.losses, crate::format::count(lost)) })
}

/// A filter as it stands in addresses.
fn filter(query: &str) -> Result<Filter, Error> {
    let uri: http::Uri =
        format!("/?{query}").parse().map_err(|_| Error::invalid("filter", "is no query"))?;
    let Query(filter) = Query::try_from_uri(&uri)?;
    Ok(filter)
}

#[derive(Deserialize)]
pub(crate) struct Added {
    keys: String,
    #[serde(default)]
    platform: Platform,
    #[serde(default)]
    tag: String,
}

/// `POST /admin/keys/add`: adds what was pasted.
pub(crate) async fn add(
    State(console): State<Console>,
    identity: Identity,
    added: Result<Form<Added>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(added) = added?;
    let (platform, tags) = (added.platform, labels(&added.tag));
    let job = changes::add(&console, &identity, &added.keys, platform, &tags).await?;
    Ok(Redirect::to(&format!("/admin/jobs/{}", job.id)))
}

impl KeysPage {
    fn standings(&self) -> impl Iterator<Item = (Standing, usize)> {
        Standing::ALL.into_iter().zip(self.listing.counts)
    }

    fn all_standings(&self) -> usize {
        self.listing.counts.iter().sum()
    }
}

/// A table's head that sorts.
struct Column {
    name: &'static str,
    label: &'static str,
    is_number: bool,
}

impl KeysPage {
    fn columns(&self) -> [Column; 4] {
        let column = |name, label, is_number| Column { name, label, is_number };
        [
            column("project", self.w.project, false),
            column("requests", self.w.requests, true),
            column("success", self.w.success, true),
            column("used", self.w.last_used, true),
        ]
    }

    fn success(key: &Key) -> String {
        crate::format::percent(key.snapshot.counters.served, key.attempts())
    }
}

//! `/admin/keys/{id}`: one key, and why it is skipped.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Redirect;
use keypool::{KeyId, Window};
use serde::Deserialize;
use store::{KeyUpdate, LoggedRequest, RequestFilter};

use crate::State as Console;
use crate::access::Identity;
use crate::changes::keys as changes;
use crate::changes::labels;
use crate::error::Error;
use crate::page::Page;
use crate::pool::{Key, Standing, find};
use crate::proxies;
use crate::shell::Shell;
use crate::traffic::{Chart, days_of_key};
use crate::words::keys::KeysWords;
use crate::words::traffic::TrafficWords;

/// Its last requests.
const RECENT: u32 = 20;

#[derive(Template)]
#[template(path = "key.html")]
pub(crate) struct KeyPage {
    shell: Shell,
    w: &'static KeysWords,
    key: Key,
    /// What people wrote down about it.
    note: String,
    /// How many keys share its quota, itself included.
    sharing: usize,
    tw: &'static TrafficWords,
    /// Its last 30 days.
    chart: Chart,
    recent: Vec<LoggedRequest>,
    /// What it can be bound to: ids and addresses.
    proxies: Vec<(String, String)>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    Path(id): Path<String>,
) -> Result<Page<KeyPage>, Error> {
    let now = relay::now();
    let id = KeyId::from(id);
    let key = find(&console.gateway, &id, now);
    let key = Key::new(key.ok_or(Error::NotFound("There is no such key in the pool."))?);
    let sharing = console.gateway.pool(key.snapshot.platform).sharing(&id);
    let stored = console.store.key(&id).await?;
    let note = stored.and_then(|stored| stored.note).unwrap_or_default();
    let chart = Chart::new(&days_of_key(&console.store, &id, now).await?);
    let chart = chart.of(format!("key={id}"));
    let filter = RequestFilter { key_id: Some(id), ..RequestFilter::default() };
    let recent = console.store.recent_requests(RECENT, &filter).await?;
    let w = KeysWords::of(shell.language);
    let tw = TrafficWords::of(shell.language);
    let proxies = proxies::choices(&console);
    Ok(Page(KeyPage { shell, w, key, note, sharing, tw, chart, recent, proxies }))
}

#[derive(Deserialize)]
pub(crate) struct Changes {
    name: String,
    project: String,
    tags: String,
    #[serde(default)]
    note: String,
    weight: u32,
    tier: u8,
    /// Nothing where there is none to choose.
    proxy: Option<String>,
}

/// `POST /admin/keys/{id}/edit`.
pub(crate) async fn edit(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    changes: Result<Form<Changes>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(given) = changes?;
    let update = KeyUpdate {
        name: Some(Some(given.name)),
        project: Some(Some(given.project)),
        weight: Some(given.weight),
        tier: Some(given.tier),
        tags: Some(labels(&given.tags)),
        note: Some(Some(given.note)),
        egress: given.proxy.map(|id| proxies::way(&console, &id)).transpose()?,
    };
    changes::edit(&console, &identity, &id, update, None).await?;
    Ok(Redirect::to(&format!("/admin/keys/{id}")))
}

/// One thing that must hold for a key to be chosen.
struct Step {
    label: &'static str,
    /// Whether it holds; `None` if an earlier one does not, so that nobody looked.
    holds: Option<bool>,
    says: String,
    until: Option<i64>,
}

impl Step {
    fn icon(&self) -> &'static str {
        match self.holds {
            Some(true) => "circle-check",
            Some(false) => "circle-x",
            None => "circle-alert",
        }
    }
}

impl KeyPage {
    /// What is asked of a key, in order; the first that does not hold is why it is skipped.
    fn steps(&self) -> [Step; 3] {
        let w = self.w;
        let standing = self.key.standing;
        let looked = |is_looked: bool, holds: bool| is_looked.then_some(holds);
        let is_enabled = standing != Standing::Disabled;
        let is_valid = standing != Standing::Invalid;
        let block = self.key.snapshot.blocks.iter().max_by_key(|block| block.until);
        let told = |holds: Option<bool>, no: String| match holds {
            Some(true) => w.fine.to_owned(),
            Some(false) => no,
            None => w.not_asked.to_owned(),
        };
        let enabled = looked(true, is_enabled);
        let valid = looked(is_enabled, is_valid);
        let quota = looked(is_enabled && is_valid, block.is_none());
        let quota_no = block.map_or_else(String::new, |block| {
            let model = block.model.as_deref().unwrap_or(w.all_models);
            let model = if model.is_empty() { w.no_model } else { model };
            let quota = block.quota_id.as_deref().unwrap_or(block.window.as_str());
            match block.window {
                Window::Paused => w.paused_no.to_owned(),
                _ => crate::words::fill2(w.quota_no, model, quota),
            }
        });
        [
            Step {
                label: w.enabled,
                holds: enabled,
                says: told(enabled, w.enabled_no.to_owned()),
                until: None,
            },
            Step {
                label: w.valid,
                holds: valid,
                says: told(valid, crate::words::fill(w.valid_no, self.key.reason())),
                until: None,
            },
            Step {
                label: w.quota,
                holds: quota,
                says: told(quota, quota_no),
                until: block.filter(|_| quota == Some(false)).map(|block| block.until.millis()),
            },
        ]
    }

    /// Whether the key is bound to the proxy of this id.
    fn is_bound(&self, id: &str) -> bool {
        self.key.snapshot.egress.is_some_and(|egress| egress.to_string() == id)
    }

    fn tags(&self) -> String {
        self.key.snapshot.tags.join(", ")
    }
}

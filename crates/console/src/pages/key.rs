//! `/admin/keys/{id}`: one key, and why it is skipped.

mod why;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use keypool::{KeyId, QuotaCell, QuotaUse};
use serde::Deserialize;
use store::{AuditEntry, AuditFilter, KeyUpdate, LoggedRequest, RequestFilter};

use self::why::{Reasons, Wanted};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::keys as changes;
use crate::changes::labels;
use crate::error::Error;
use crate::files::losses;
use crate::format::count;
use crate::page::Page;
use crate::pool::{Key, find};
use crate::proxies;
use crate::shell::Shell;
use crate::traffic::{Chart, days_of_key};
use crate::words::keys::KeysWords;
use crate::words::traffic::TrafficWords;
use crate::words::{fill, fill2};

/// Its last requests.
const RECENT: u32 = 20;

/// So many of the newest requests are looked through for its own: there is no index of keys, since each
/// request would pay for it.
const LOOKED_THROUGH: i64 = 200_000;

/// What people did to it last.
const DEEDS: u32 = 20;

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
    reasons: Reasons,
    /// What its project has used, model by model.
    quotas: Vec<QuotaCell>,
    /// What was done to it.
    history: Vec<AuditEntry>,
    /// How many files and the like nobody could reach without it.
    losses: u64,
    /// What it can be bound to: ids and addresses.
    proxies: Vec<(String, String)>,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    Path(id): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Page<KeyPage>, Error> {
    let Query(wanted) = wanted?;
    let now = relay::now();
    let id = KeyId::from(id);
    let key = find(&console.gateway, &id, now);
    let key = Key::new(key.ok_or(Error::NotFound("There is no such key in the pool."))?);
    let sharing = console.gateway.pool(key.snapshot.platform).sharing(&id);
    let stored = console.store.key(&id).await?;
    let note = stored.and_then(|stored| stored.note).unwrap_or_default();
    let chart = Chart::new(&days_of_key(&console.store, &id, now).await?);
    let chart = chart.of(format!("key={id}"));
    let quotas = console.gateway.pool(key.snapshot.platform).quota_cells_of(&id, now);
    let losses = losses(&console, std::slice::from_ref(&id)).await?.total();
    let object = Some(id.as_str().to_owned());
    let filter = AuditFilter { object, ..AuditFilter::default() };
    let history = console.store.audit_log(DEEDS, &filter).await?;
    let newest = console.store.recent_requests(1, &RequestFilter::default()).await?;
    let after = newest.first().map(|newest| newest.row - LOOKED_THROUGH);
    let filter = RequestFilter { key_id: Some(id), after, ..RequestFilter::default() };
    let recent = console.store.recent_requests(RECENT, &filter).await?;
    let reasons = Reasons::new(&console, shell.language, &key.snapshot, wanted, &recent).await?;
    let (w, tw) = (KeysWords::of(shell.language), TrafficWords::of(shell.language));
    Ok(Page(KeyPage {
        shell,
        w,
        key,
        note,
        sharing,
        tw,
        chart,
        recent,
        reasons,
        quotas,
        history,
        losses,
        proxies: proxies::choices(&console),
    }))
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

impl KeyPage {
    /// Whether the key is bound to the proxy of this id.
    fn is_bound(&self, id: &str) -> bool {
        self.key.snapshot.egress.is_some_and(|egress| egress.to_string() == id)
    }

    fn tags(&self) -> String {
        self.key.snapshot.tags.join(", ")
    }

    fn windows(cell: &QuotaCell) -> [QuotaUse; 3] {
        [cell.minute_requests, cell.minute_tokens, cell.day_requests]
    }

    /// What was used of a quota, beside its size where that is known.
    fn amount(&self, amount: &QuotaUse) -> String {
        let used = count(amount.used);
        match amount.limit {
            Some(limit) => fill2(self.w.of, used, count(limit)),
            None => fill(self.w.unlimited, used),
        }
    }
}

//! `/api/admin/keys`: the keys of the pool.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use keypool::{KeyId, KeySnapshot, Platform};
use serde::{Deserialize, Serialize};
use store::KeyUpdate;
use utoipa::ToSchema;

use super::{Begun, ErrorBody};
use crate::State as Console;
use crate::access::Identity;
use crate::changes::keys::{self as changes, Adding, Meant};
use crate::error::Error;
use crate::pool::{Filter, find};
use crate::proxies;
use crate::work::Action;

/// A page of keys.
#[derive(Serialize, ToSchema)]
#[schema(as = Keys)]
pub(crate) struct Listed {
    /// All keys of the pool.
    total: usize,
    /// Those that pass the filter.
    matching: usize,
    /// From 1.
    page: usize,
    pages: usize,
    keys: Vec<Key>,
}

/// A key and how it stands. The credential itself is nowhere, only its mask.
#[derive(Serialize, ToSchema)]
pub(crate) struct Key {
    /// `ready`, `cooling`, `exhausted`, `invalid` or `disabled`.
    status: &'static str,
    #[serde(flatten)]
    snapshot: KeySnapshot,
}

/// Lists the keys that pass a filter, page by page.
#[utoipa::path(
    get, path = "/api/admin/keys", tag = "Keys", operation_id = "listKeys",
    params(Filter),
    responses((status = 200, description = "A page of keys", body = Listed, example = json!({
        "total": 120, "matching": 1, "page": 1, "pages": 1, "keys": [{
            "status": "invalid", "id": "019aa5c1-6f6a-7d10-8f7a-0a4bb2a1c0d1", "name": "old laptop",
            "platform": "gemini", "mask": "AIzaSy…wxyz", "domain": {"project": "gen-lang-1"}, "is_guess": false,
            "weight": 1, "tier": 0, "tags": ["free"], "state": "dead", "reason": "invalid",
            "since": 1_795_241_400_000_i64, "blocks": [], "avoided": [], "in_flight": 0,
            "counters": {"served": 12, "quota_spent": 0, "failed": 1,
                "last_used": 1_795_241_400_000_i64, "last_failed": 1_795_241_400_000_i64}
        }]
    })))
)]
pub(crate) async fn list(
    State(console): State<Console>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Json<Listed>, Error> {
    let Query(filter) = filter?;
    let found = filter.apply(&console.gateway).await;
    let keys = found.keys.into_iter();
    Ok(Json(Listed {
        total: found.total,
        matching: found.matching,
        page: found.page,
        pages: found.pages,
        keys: keys.map(Key::from).collect(),
    }))
}

/// Shows one key of the pool.
#[utoipa::path(
    get, path = "/api/admin/keys/{id}", tag = "Keys", operation_id = "readKey",
    params(("id" = String, Path, description = "The key's id")),
    responses(
        (status = 200, description = "The key", body = Key),
        (status = 404, description = "There is no such key in the pool", body = ErrorBody),
    )
)]
pub(crate) async fn read(
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Json<Key>, Error> {
    let key = find(&console.gateway, &KeyId::from(id), relay::now());
    let key = key.ok_or(Error::NotFound("There is no such key in the pool."))?;
    Ok(Json(crate::pool::Key::new(key).into()))
}

/// Keys that are to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKeys {
    /// Any text that holds keys: a list, a table, a `.env` file, JSON, prose.
    keys: String,
    /// Which of Google's APIs they are for.
    #[serde(default)]
    platform: Platform,
    /// Labels for all of them.
    #[serde(default)]
    tags: Vec<String>,
    /// Whether Google is asked about each of them first; those that it does not accept stay disabled.
    #[serde(default)]
    verify: bool,
    /// The id of the proxy that all of them are bound to.
    #[serde(default)]
    proxy: String,
}

/// What went with a key.
#[derive(Serialize, ToSchema)]
pub(crate) struct Lost {
    /// How many live files, caches and so on are out of reach now.
    lost_files: u64,
}

/// Adds the keys in a text, as a job. Those that are there already are skipped.
#[utoipa::path(
    post, path = "/api/admin/keys", tag = "Keys", operation_id = "addKeys",
    request_body(content = NewKeys, example = json!({"keys": "AIza…\nAIza…", "tags": ["free"]})),
    responses(
        (status = 202, description = "The job that adds them", body = Begun, example = json!({
            "job": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "total": 2
        })),
        (status = 400, description = "There is no key in the text", body = ErrorBody),
    )
)]
pub(crate) async fn add(
    State(console): State<Console>,
    identity: Identity,
    added: Result<Json<NewKeys>, JsonRejection>,
) -> Result<(StatusCode, Json<Begun>), Error> {
    let Json(added) = added?;
    let (platform, verify) = (added.platform, added.verify);
    let adding =
        Adding { text: &added.keys, platform, tags: &added.tags, verify, proxy: &added.proxy };
    let job = changes::add(&console, &identity, adding).await?;
    Ok(Begun::accepted(&job))
}

/// What is to be done to which keys.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KeyAction)]
pub(crate) struct Wanted {
    /// `verify`, `enable`, `disable`, `remove`, `tag`, `reset` or `pause`.
    action: String,
    /// The keys that are meant.
    #[serde(default)]
    ids: Vec<String>,
    /// All keys that this finds, instead of ids.
    filter: Option<Filter>,
    /// The label that `tag` adds.
    #[serde(default)]
    tag: String,
    /// For how long `pause` leaves the keys and their projects alone; a day at the most.
    minutes: Option<u32>,
}

/// Does something to many keys, as a job: to those that are named, or to all that a filter finds.
#[utoipa::path(
    post, path = "/api/admin/keys/act", tag = "Keys", operation_id = "actOnKeys",
    request_body(
        content = Wanted, example = json!({"action": "verify", "filter": {"status": "invalid"}})
    ),
    responses(
        (status = 202, description = "The job that does it", body = Begun, example = json!({
            "job": "019aa5c1-6f6b-7c6e-9d3a-2b6f0e4f8a11", "total": 7
        })),
        (status = 400, description = "No key is meant, or there is no such action", body = ErrorBody),
    )
)]
pub(crate) async fn act(
    State(console): State<Console>,
    identity: Identity,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<Begun>), Error> {
    let Json(wanted) = wanted?;
    let minutes = wanted.minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
    let action = Action::of_name(&wanted.action, &wanted.tag, &minutes)?;
    let meant = match wanted.filter {
        Some(filter) => Meant::Matching(Box::new(filter)),
        None => Meant::These(wanted.ids.into_iter().map(KeyId::from).collect()),
    };
    let removes = action == Action::Remove;
    let lost =
        if removes { Some(changes::at_stake(&console, &meant).await?.total()) } else { None };
    let job = changes::act(&console, &identity, action, meant).await?;
    let (status, Json(mut begun)) = Begun::accepted(&job);
    begun.lost_files = lost;
    Ok((status, Json(begun)))
}

/// What is to be changed; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KeyChanges)]
pub(crate) struct Changes {
    /// What people call it; an empty one is taken away.
    name: Option<String>,
    /// Whose quota it uses; an empty one is taken away.
    project: Option<String>,
    weight: Option<u32>,
    tier: Option<u8>,
    tags: Option<Vec<String>>,
    /// What people write down about it; an empty one is taken away.
    note: Option<String>,
    /// The id of the proxy that it is bound to; an empty one is taken away.
    proxy: Option<String>,
    /// Whether it may serve.
    enabled: Option<bool>,
}

/// Changes what is known of a key.
#[utoipa::path(
    patch, path = "/api/admin/keys/{id}", tag = "Keys", operation_id = "changeKey",
    params(("id" = String, Path, description = "The key's id")),
    request_body(content = Changes, example = json!({"project": "gen-lang-1", "enabled": true})),
    responses(
        (status = 204, description = "It is changed"),
        (status = 400, description = "A value is not accepted", body = ErrorBody),
        (status = 404, description = "There is no such key", body = ErrorBody),
    )
)]
pub(crate) async fn change(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    changes: Result<Json<Changes>, JsonRejection>,
) -> Result<StatusCode, Error> {
    let Json(Changes { name, project, weight, tier, tags, note, proxy, enabled }) = changes?;
    let (name, project, note) = (name.map(Some), project.map(Some), note.map(Some));
    let egress = proxy.map(|id| proxies::way(&console, &id)).transpose()?;
    let update = KeyUpdate { name, project, weight, tier, tags, note, egress };
    changes::edit(&console, &identity, &id, update, enabled).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a key for good: `API_KEYS` does not bring it back.
#[utoipa::path(
    delete, path = "/api/admin/keys/{id}", tag = "Keys", operation_id = "removeKey",
    params(("id" = String, Path, description = "The key's id")),
    responses(
        (status = 200, description = "It is removed, and files that it made are out of reach", body = Lost),
        (status = 204, description = "It is removed, and nothing went with it"),
        (status = 404, description = "There is no such key", body = ErrorBody),
    )
)]
pub(crate) async fn remove(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    Ok(match changes::remove(&console, &identity, &id).await? {
        0 => StatusCode::NO_CONTENT.into_response(),
        lost_files => Json(Lost { lost_files }).into_response(),
    })
}

impl From<crate::pool::Key> for Key {
    fn from(key: crate::pool::Key) -> Self {
        Self { status: key.standing.as_str(), snapshot: key.snapshot }
    }
}

//! `/api/admin/keys`: the keys of the pool.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use http::StatusCode;
use keypool::{KeyId, KeySnapshot};
use serde::{Deserialize, Serialize};
use store::KeyUpdate;

use crate::State as Console;
use crate::access::Identity;
use crate::error::Error;
use crate::pool::Filter;
use crate::work::{self, Action};

/// A page of keys.
#[derive(Serialize)]
pub(crate) struct Listed {
    total: usize,
    matching: usize,
    page: usize,
    pages: usize,
    keys: Vec<Key>,
}

#[derive(Serialize)]
pub(crate) struct Key {
    /// `ready`, `cooling`, `exhausted`, `invalid` or `disabled`.
    status: &'static str,
    #[serde(flatten)]
    snapshot: KeySnapshot,
}

/// `GET /api/admin/keys?status=&q=&tag=&project=&reason=&sort=&page=&per=`.
pub(crate) async fn list(
    State(console): State<Console>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Json<Listed>, Error> {
    let Query(filter) = filter?;
    let snapshot = console.gateway.pool().snapshot(relay::now());
    let found = filter.apply(snapshot);
    let keys = found.keys.into_iter();
    Ok(Json(Listed {
        total: found.total,
        matching: found.matching,
        page: found.page,
        pages: found.pages,
        keys: keys.map(Key::from).collect(),
    }))
}

/// `GET /api/admin/keys/{id}`.
pub(crate) async fn read(
    State(console): State<Console>,
    Path(id): Path<String>,
) -> Result<Json<Key>, Error> {
    let snapshot = console.gateway.pool().snapshot(relay::now());
    let id = KeyId::from(id);
    let key = snapshot.keys.into_iter().find(|key| key.id == id);
    let key = key.ok_or(Error::NotFound("There is no such key in the pool."))?;
    Ok(Json(crate::pool::Key::new(key).into()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKeys {
    /// Any text that holds keys.
    keys: String,
    #[serde(default)]
    tags: Vec<String>,
}

/// The work that was begun.
#[derive(Serialize)]
pub(crate) struct Begun {
    job: String,
    total: usize,
}

/// `POST /api/admin/keys`: adds the keys in a text, as a job.
pub(crate) async fn add(
    State(console): State<Console>,
    identity: Identity,
    added: Result<Json<NewKeys>, JsonRejection>,
) -> Result<(StatusCode, Json<Begun>), Error> {
    let Json(added) = added?;
    let pasted = work::find_keys(&added.keys, &added.tags);
    if pasted.keys.is_empty() {
        return Err(Error::invalid("keys", "there is no key in this text"));
    }
    let job = work::add(&console, pasted.keys, &identity.actor, "add").await?;
    Ok((StatusCode::ACCEPTED, Json(Begun { job: job.id.clone(), total: job.total })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// `verify`, `enable`, `disable`, `remove` or `tag`.
    action: String,
    #[serde(default)]
    ids: Vec<String>,
    /// All keys that this finds, instead of ids.
    filter: Option<Filter>,
    #[serde(default)]
    tag: String,
}

/// `POST /api/admin/keys/act`: does something to many keys, as a job.
pub(crate) async fn act(
    State(console): State<Console>,
    identity: Identity,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<Begun>), Error> {
    let Json(wanted) = wanted?;
    let action = Action::of_name(&wanted.action, &wanted.tag)?;
    let ids: Vec<KeyId> = match &wanted.filter {
        Some(filter) => {
            let snapshot = console.gateway.pool().snapshot(relay::now());
            filter.all(snapshot).into_iter().map(|key| key.snapshot.id).collect()
        }
        None => wanted.ids.into_iter().map(KeyId::from).collect(),
    };
    if ids.is_empty() {
        return Err(Error::invalid("ids", "no key is meant"));
    }
    let job = work::run(&console, action, ids, &identity.actor).await?;
    Ok((StatusCode::ACCEPTED, Json(Begun { job: job.id.clone(), total: job.total })))
}

/// What is to be changed; what is left out stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    name: Option<String>,
    project: Option<String>,
    weight: Option<u32>,
    tier: Option<u8>,
    tags: Option<Vec<String>>,
    enabled: Option<bool>,
}

/// `PATCH /api/admin/keys/{id}`. An empty name or project is taken away.
pub(crate) async fn change(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
    changes: Result<Json<Changes>, JsonRejection>,
) -> Result<StatusCode, Error> {
    let Json(changes) = changes?;
    let text = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let key = KeyId::from(id.clone());
    let update = KeyUpdate {
        name: changes.name.map(text),
        project: changes.project.map(text),
        weight: changes.weight,
        tier: changes.tier,
        tags: changes.tags,
    };
    let mut found = console.store.update_key(&key, update).await?;
    if let Some(enabled) = changes.enabled {
        found = console.store.set_key_enabled(&key, enabled).await?;
    }
    if !found {
        return Err(Error::NotFound("There is no such key."));
    }
    console.store.note(&identity.actor, "keys.edit", &id, "").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/admin/keys/{id}`.
pub(crate) async fn remove(
    State(console): State<Console>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    if !console.store.remove_key(&KeyId::from(id.clone())).await? {
        return Err(Error::NotFound("There is no such key."));
    }
    console.store.note(&identity.actor, "keys.remove", &id, "").await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<crate::pool::Key> for Key {
    fn from(key: crate::pool::Key) -> Self {
        Self { status: key.standing.as_str(), snapshot: key.snapshot }
    }
}

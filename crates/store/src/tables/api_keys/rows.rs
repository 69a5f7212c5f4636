use std::str;
use std::sync::Arc;

use keypool::{KeyId, Platform, Timestamp};
use sea_query::{Expr, Iden, Order, Query, SelectStatement};
use secret::{PoolKey, Vault};
use sqlx::FromRow;
use uuid::Uuid;

use super::{NewKey, StoredKey};
use crate::db::Tx;
use crate::sql::{equals, insert};
use crate::store::now;
use crate::tags::{read_tags, tags_text};
use crate::text::{INDEXED, fitting};
use crate::{Source, StoreError};

/// The largest share of the traffic that can be asked for.
const HEAVIEST: u32 = 1_000;

/// The longest project name: the learned state stores it with a prefix.
const PROJECT_LENGTH: usize = 150;

/// The longest note.
const NOTE_LENGTH: usize = 2_000;

#[derive(Iden, Clone, Copy)]
pub(super) enum ApiKeys {
    Table,
    Id,
    Fingerprint,
    SealedKey,
    Platform,
    Mask,
    Name,
    Project,
    Enabled,
    Weight,
    Tier,
    Tags,
    Source,
    RevivedAt,
    CreatedAt,
    UpdatedAt,
    Note,
    Proxy,
    Batch,
}

#[derive(FromRow)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) fingerprint: String,
    sealed_key: String,
    /// None: the Gemini API.
    platform: Option<String>,
    mask: String,
    name: Option<String>,
    project: Option<String>,
    pub(super) enabled: bool,
    weight: i64,
    tier: i64,
    tags: String,
    source: String,
    revived_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
    note: Option<String>,
    proxy: Option<String>,
    batch: Option<String>,
}

#[derive(FromRow)]
pub(super) struct IdRow {
    pub(super) id: String,
}

#[derive(FromRow)]
pub(super) struct FingerprintRow {
    pub(super) fingerprint: String,
}

impl Row {
    pub(super) fn open(self, vault: &Vault) -> StoredKey {
        let secret = open_secret(vault, &self.id, &self.sealed_key);
        if secret.is_none() {
            tracing::error!(
                key = self.id,
                mask = self.mask,
                "a stored key does not open and cannot serve"
            );
        }
        StoredKey {
            id: KeyId::from(self.id),
            secret: secret.map(Arc::new),
            platform: platform(self.platform.as_deref()),
            mask: self.mask,
            name: self.name,
            project: self.project,
            enabled: self.enabled,
            weight: u32::try_from(self.weight).unwrap_or(1),
            tier: u8::try_from(self.tier).unwrap_or(u8::MAX),
            tags: read_tags(&self.tags),
            egress: self.proxy.and_then(|proxy| proxy.parse().ok()),
            batch: self.batch,
            source: Source::from_label(&self.source),
            revived_at: self.revived_at.map(Timestamp::from_millis),
            note: self.note,
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
        }
    }
}

/// What a sealed key is bound to: pasted into another row, it does not open.
pub(crate) fn seal_context(id: &str) -> String {
    format!("api_keys:{id}:sealed_key")
}

/// What tells whether a key is stored already. One that is used for two APIs is two keys.
pub(crate) fn fingerprint(vault: &Vault, secret: &[u8], platform: Platform) -> String {
    match platform {
        Platform::Gemini => vault.fingerprint(secret),
        Platform::Vertex => vault.fingerprint(&[b"vertex:", secret].concat()),
    }
}

fn platform(label: Option<&str>) -> Platform {
    label.and_then(|label| label.parse().ok()).unwrap_or_default()
}

fn open_secret(vault: &Vault, id: &str, sealed: &str) -> Option<PoolKey> {
    let plain = vault.open(&seal_context(id), sealed).ok()?;
    PoolKey::parse(str::from_utf8(&plain).ok()?).ok()
}

pub(super) fn select() -> SelectStatement {
    Query::select()
        .columns([
            ApiKeys::Id,
            ApiKeys::Fingerprint,
            ApiKeys::SealedKey,
            ApiKeys::Platform,
            ApiKeys::Mask,
            ApiKeys::Name,
            ApiKeys::Project,
            ApiKeys::Enabled,
            ApiKeys::Weight,
            ApiKeys::Tier,
            ApiKeys::Tags,
            ApiKeys::Source,
            ApiKeys::RevivedAt,
            ApiKeys::CreatedAt,
            ApiKeys::UpdatedAt,
            ApiKeys::Note,
            ApiKeys::Proxy,
            ApiKeys::Batch,
        ])
        .from(ApiKeys::Table)
        .order_by(ApiKeys::Id, Order::Asc)
        .take()
}

pub(super) async fn find(tx: &mut Tx, id: &KeyId) -> Result<Option<Row>, StoreError> {
    tx.optional(&select().and_where(equals(ApiKeys::Id, id.as_str())).take()).await
}

pub(super) async fn insert_key(
    tx: &mut Tx,
    vault: &Vault,
    key: &NewKey,
    fingerprint: String,
    source: Source,
) -> Result<KeyId, StoreError> {
    let id = Uuid::now_v7().to_string();
    insert_with_id(tx, vault, &id, key, None, fingerprint, source).await?;
    Ok(KeyId::from(id))
}

/// The same under an id that it had before.
pub(super) async fn insert_with_id(
    tx: &mut Tx,
    vault: &Vault,
    id: &str,
    key: &NewKey,
    note: Option<&str>,
    fingerprint: String,
    source: Source,
) -> Result<(), StoreError> {
    let sealed = vault.seal(&seal_context(id), key.secret.expose().as_bytes())?;
    let now = now().millis();
    let row: [(ApiKeys, Expr); 17] = [
        (ApiKeys::Id, id.into()),
        (ApiKeys::Fingerprint, fingerprint.into()),
        (ApiKeys::SealedKey, sealed.into()),
        (ApiKeys::Platform, key.platform.as_str().into()),
        (ApiKeys::Mask, key.secret.mask().into()),
        (ApiKeys::Name, checked_name(key.name.as_deref())?.into()),
        (ApiKeys::Project, checked_project(key.project.as_deref())?.into()),
        (ApiKeys::Enabled, key.enabled.into()),
        (ApiKeys::Weight, checked_weight(key.weight)?.into()),
        (ApiKeys::Tier, i64::from(key.tier).into()),
        (ApiKeys::Tags, tags_text(&key.tags)?.into()),
        (ApiKeys::Source, source.as_str().into()),
        (ApiKeys::CreatedAt, now.into()),
        (ApiKeys::UpdatedAt, now.into()),
        (ApiKeys::Note, checked_note(note)?.into()),
        (ApiKeys::Proxy, key.egress.map(|egress| egress.to_string()).into()),
        (ApiKeys::Batch, key.batch.as_deref().into()),
    ];
    tx.execute(&insert(ApiKeys::Table, row)).await?;
    Ok(())
}

/// Returns whether there is such a key.
pub(super) async fn update(
    tx: &mut Tx,
    id: &KeyId,
    columns: Vec<(ApiKeys, Expr)>,
) -> Result<bool, StoreError> {
    let update = Query::update()
        .table(ApiKeys::Table)
        .values(columns)
        .value(ApiKeys::UpdatedAt, now().millis())
        .and_where(equals(ApiKeys::Id, id.as_str()))
        .take();
    Ok(tx.execute(&update).await? > 0)
}

pub(super) fn checked_name(name: Option<&str>) -> Result<Option<String>, StoreError> {
    name.map(|name| fitting("the name", name, INDEXED).map(Into::into)).transpose()
}

pub(super) fn checked_project(project: Option<&str>) -> Result<Option<String>, StoreError> {
    project.map(|name| fitting("the project", name, PROJECT_LENGTH).map(Into::into)).transpose()
}

pub(super) fn checked_note(note: Option<&str>) -> Result<Option<String>, StoreError> {
    note.map(|note| fitting("the note", note, NOTE_LENGTH).map(Into::into)).transpose()
}

pub(super) fn checked_weight(weight: u32) -> Result<i64, StoreError> {
    if weight > HEAVIEST {
        return Err(StoreError::TooLarge { field: "the weight", maximum: HEAVIEST });
    }
    Ok(i64::from(weight))
}

/// When a person last declared a key alive.
pub(crate) async fn revived_at(tx: &mut Tx, id: &KeyId) -> Result<Option<Timestamp>, StoreError> {
    Ok(find(tx, id).await?.and_then(|row| row.revived_at).map(Timestamp::from_millis))
}

use std::collections::HashSet;
use std::str;
use std::sync::Arc;

use keypool::{KeyId, KeySpec, Timestamp};
use sea_query::{Expr, Iden, Order, Query, SelectStatement};
use secret::{PoolKey, Vault};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::Tx;
use crate::sql::{equals, insert};
use crate::store::now;
use crate::tables::{learned, removed_keys};
use crate::text::{INDEXED, fitting};
use crate::{Source, Store, StoreError};

/// The longest project name: the learned state stores it with a prefix.
const PROJECT_LENGTH: usize = 150;

/// A key that is to be stored.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The credential itself.
    pub secret: Arc<PoolKey>,
    /// What people call it; at most 190 characters.
    pub name: Option<String>,
    /// The Google project it belongs to, if known; at most 150 characters.
    pub project: Option<String>,
    /// Whether it may serve.
    pub enabled: bool,
    /// Its share of the traffic.
    pub weight: u32,
    /// Lower tiers are used first.
    pub tier: u8,
    /// Labels.
    pub tags: Vec<String>,
}

impl NewKey {
    /// An enabled key without a name, of no known project, with weight 1 and tier 0.
    pub fn new(secret: impl Into<Arc<PoolKey>>) -> Self {
        Self {
            secret: secret.into(),
            name: None,
            project: None,
            enabled: true,
            weight: 1,
            tier: 0,
            tags: Vec::new(),
        }
    }
}

/// A key as it is stored.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// Its name in the system.
    pub id: KeyId,
    /// The credential; `None` if its row does not open under the master key (damaged, or moved
    /// there from another row). Such a key cannot serve, and can only be removed.
    pub secret: Option<Arc<PoolKey>>,
    /// The key as people may see it.
    pub mask: String,
    /// What people call it.
    pub name: Option<String>,
    /// The Google project it belongs to, if known.
    pub project: Option<String>,
    /// Whether it may serve.
    pub enabled: bool,
    /// Its share of the traffic.
    pub weight: u32,
    /// Lower tiers are used first.
    pub tier: u8,
    /// Labels.
    pub tags: Vec<String>,
    /// How it came here.
    pub source: Source,
    /// When a person last declared it alive again ([`Store::revive_key`]): a running pool that
    /// thinks it dead since an earlier moment must revive it.
    pub revived_at: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
}

impl StoredKey {
    /// The key as the pool wants it; `None` if its secret does not open.
    pub fn spec(&self) -> Option<KeySpec> {
        Some(KeySpec {
            id: self.id.clone(),
            secret: Arc::clone(self.secret.as_ref()?),
            name: self.name.clone(),
            project: self.project.clone(),
            enabled: self.enabled,
            weight: self.weight,
            tier: self.tier,
            tags: self.tags.clone(),
        })
    }
}

/// What became of a key that was to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddKey {
    /// It is new, and has this id.
    Added(KeyId),
    /// It was there before, and is unchanged.
    Exists(KeyId),
}

/// What became of keys that were imported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportedKeys {
    /// New ones.
    pub added: u64,
    /// Those that were there before, or twice in the list.
    pub existing: u64,
    /// Those that an administrator removed earlier, and which therefore stay out.
    pub removed: u64,
}

/// What is to be changed of a key; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct KeyUpdate {
    /// The new name; `Some(None)` takes it away.
    pub name: Option<Option<String>>,
    /// The new project; `Some(None)`: unknown.
    pub project: Option<Option<String>>,
    /// The new share of the traffic.
    pub weight: Option<u32>,
    /// The new tier.
    pub tier: Option<u8>,
    /// The new labels, all of them.
    pub tags: Option<Vec<String>>,
}

impl Store {
    /// All keys, in the order in which they were added.
    pub async fn list_keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        let rows: Vec<Row> = self.control.all(&select().take()).await?;
        Ok(rows.into_iter().map(|row| row.open(&self.vault)).collect())
    }

    /// The keys that a person may mean by an id, a full key, a mask (`AIzaSy…wxyz`, three dots
    /// will do) or a name. Several keys may share a mask or a name.
    pub async fn find_keys(&self, reference: &str) -> Result<Vec<StoredKey>, StoreError> {
        let reference = reference.trim();
        let fingerprint = self.vault.fingerprint(reference.as_bytes());
        let statement = select()
            .cond_where(
                sea_query::Cond::any()
                    .add(equals(ApiKeys::Id, reference))
                    .add(equals(ApiKeys::Fingerprint, fingerprint))
                    .add(equals(ApiKeys::Mask, reference.replace("...", "…")))
                    .add(equals(ApiKeys::Name, reference)),
            )
            .take();
        let rows: Vec<Row> = self.control.all(&statement).await?;
        Ok(rows.into_iter().map(|row| row.open(&self.vault)).collect())
    }

    /// Adds a key, also one that was removed earlier. A key that is there already stays as it is.
    pub async fn add_key(&self, key: NewKey, source: Source) -> Result<AddKey, StoreError> {
        let mut tx = self.change().await?;
        let fingerprint = self.vault.fingerprint(key.secret.expose().as_bytes());
        let same = Query::select()
            .column(ApiKeys::Id)
            .from(ApiKeys::Table)
            .and_where(equals(ApiKeys::Fingerprint, fingerprint.as_str()))
            .take();
        if let Some(IdRow { id }) = tx.optional(&same).await? {
            return Ok(AddKey::Exists(KeyId::from(id)));
        }
        removed_keys::forget(&mut tx, &fingerprint).await?;
        let id = insert_key(&mut tx, &self.vault, &key, fingerprint, source).await?;
        tx.commit().await?;
        Ok(AddKey::Added(id))
    }

    /// Adds those keys that are neither there nor were removed by an administrator earlier: all in
    /// one transaction.
    pub async fn import_keys(
        &self,
        keys: Vec<NewKey>,
        source: Source,
    ) -> Result<ImportedKeys, StoreError> {
        let mut counts = ImportedKeys::default();
        if keys.is_empty() {
            return Ok(counts);
        }
        let mut tx = self.change().await?;
        let known = Query::select().column(ApiKeys::Fingerprint).from(ApiKeys::Table).take();
        let known: Vec<FingerprintRow> = tx.all(&known).await?;
        let mut known: HashSet<String> = known.into_iter().map(|row| row.fingerprint).collect();
        let removed = removed_keys::fingerprints(&mut tx).await?;
        for key in keys {
            let fingerprint = self.vault.fingerprint(key.secret.expose().as_bytes());
            if known.contains(&fingerprint) {
                counts.existing += 1;
            } else if removed.contains(&fingerprint) {
                counts.removed += 1;
            } else {
                known.insert(fingerprint.clone());
                insert_key(&mut tx, &self.vault, &key, fingerprint, source).await?;
                counts.added += 1;
            }
        }
        if counts.added > 0 {
            tx.commit().await?;
        }
        Ok(counts)
    }

    /// Lets a key serve, or not. Enabling a disabled key also forgets why it was dead. Returns
    /// whether there is such a key.
    pub async fn set_key_enabled(&self, id: &KeyId, enabled: bool) -> Result<bool, StoreError> {
        let mut tx = self.change().await?;
        let Some(key) = find(&mut tx, id).await? else { return Ok(false) };
        if key.enabled == enabled {
            return Ok(true);
        }
        let mut changes = vec![(ApiKeys::Enabled, enabled.into())];
        if enabled {
            learned::forget_death(&mut tx, id).await?;
            changes.push((ApiKeys::RevivedAt, now().millis().into()));
        }
        update(&mut tx, id, changes).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Declares a key alive: whatever made it dead is forgotten. Returns whether there is such a key.
    pub async fn revive_key(&self, id: &KeyId) -> Result<bool, StoreError> {
        let mut tx = self.change().await?;
        learned::forget_death(&mut tx, id).await?;
        let found = update(&mut tx, id, vec![(ApiKeys::RevivedAt, now().millis().into())]).await?;
        if found {
            tx.commit().await?;
        }
        Ok(found)
    }

    /// Changes what people say about a key. Returns whether there is such a key.
    pub async fn update_key(&self, id: &KeyId, changes: KeyUpdate) -> Result<bool, StoreError> {
        let mut columns: Vec<(ApiKeys, Expr)> = Vec::new();
        if let Some(name) = changes.name {
            columns.push((ApiKeys::Name, checked_name(name.as_deref())?.into()));
        }
        if let Some(project) = changes.project {
            columns.push((ApiKeys::Project, checked_project(project.as_deref())?.into()));
        }
        if let Some(weight) = changes.weight {
            columns.push((ApiKeys::Weight, i64::from(weight).into()));
        }
        if let Some(tier) = changes.tier {
            columns.push((ApiKeys::Tier, i64::from(tier).into()));
        }
        if let Some(tags) = &changes.tags {
            columns.push((ApiKeys::Tags, tags_text(tags).into()));
        }
        let mut tx = self.change().await?;
        let found = update(&mut tx, id, columns).await?;
        if found {
            tx.commit().await?;
        }
        Ok(found)
    }

    /// Removes a key for good, with all that was learned of it: the environment and imports do not
    /// bring it back, only [`Store::add_key`] does. Returns whether there was such a key.
    pub async fn remove_key(&self, id: &KeyId) -> Result<bool, StoreError> {
        let mut tx = self.change().await?;
        let Some(key) = find(&mut tx, id).await? else { return Ok(false) };
        removed_keys::remember(&mut tx, key.fingerprint).await?;
        learned::forget_key(&mut tx, id).await?;
        let delete = Query::delete()
            .from_table(ApiKeys::Table)
            .and_where(equals(ApiKeys::Id, id.as_str()))
            .take();
        tx.execute(&delete).await?;
        tx.commit().await?;
        Ok(true)
    }
}

#[derive(Iden, Clone, Copy)]
enum ApiKeys {
    Table,
    Id,
    Fingerprint,
    SealedKey,
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
}

#[derive(FromRow)]
struct Row {
    id: String,
    fingerprint: String,
    sealed_key: String,
    mask: String,
    name: Option<String>,
    project: Option<String>,
    enabled: bool,
    weight: i64,
    tier: i64,
    tags: String,
    source: String,
    revived_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

#[derive(FromRow)]
struct IdRow {
    id: String,
}

#[derive(FromRow)]
struct FingerprintRow {
    fingerprint: String,
}

impl Row {
    fn open(self, vault: &Vault) -> StoredKey {
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
            mask: self.mask,
            name: self.name,
            project: self.project,
            enabled: self.enabled,
            weight: u32::try_from(self.weight).unwrap_or(1),
            tier: u8::try_from(self.tier).unwrap_or(u8::MAX),
            tags: serde_json::from_str(&self.tags).unwrap_or_default(),
            source: Source::from_label(&self.source),
            revived_at: self.revived_at.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
        }
    }
}

/// What a sealed key is bound to: pasted into another row, it does not open.
fn seal_context(id: &str) -> String {
    format!("api_keys:{id}:sealed_key")
}

fn open_secret(vault: &Vault, id: &str, sealed: &str) -> Option<PoolKey> {
    let plain = vault.open(&seal_context(id), sealed).ok()?;
    PoolKey::parse(str::from_utf8(&plain).ok()?).ok()
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            ApiKeys::Id,
            ApiKeys::Fingerprint,
            ApiKeys::SealedKey,
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
        ])
        .from(ApiKeys::Table)
        .order_by(ApiKeys::Id, Order::Asc)
        .take()
}

async fn find(tx: &mut Tx, id: &KeyId) -> Result<Option<Row>, StoreError> {
    tx.optional(&select().and_where(equals(ApiKeys::Id, id.as_str())).take()).await
}

async fn insert_key(
    tx: &mut Tx,
    vault: &Vault,
    key: &NewKey,
    fingerprint: String,
    source: Source,
) -> Result<KeyId, StoreError> {
    let id = Uuid::now_v7().to_string();
    let sealed = vault.seal(&seal_context(&id), key.secret.expose().as_bytes())?;
    let now = now().millis();
    let row: [(ApiKeys, Expr); 13] = [
        (ApiKeys::Id, id.as_str().into()),
        (ApiKeys::Fingerprint, fingerprint.into()),
        (ApiKeys::SealedKey, sealed.into()),
        (ApiKeys::Mask, key.secret.mask().into()),
        (ApiKeys::Name, checked_name(key.name.as_deref())?.into()),
        (ApiKeys::Project, checked_project(key.project.as_deref())?.into()),
        (ApiKeys::Enabled, key.enabled.into()),
        (ApiKeys::Weight, i64::from(key.weight).into()),
        (ApiKeys::Tier, i64::from(key.tier).into()),
        (ApiKeys::Tags, tags_text(&key.tags).into()),
        (ApiKeys::Source, source.as_str().into()),
        (ApiKeys::CreatedAt, now.into()),
        (ApiKeys::UpdatedAt, now.into()),
    ];
    tx.execute(&insert(ApiKeys::Table, row)).await?;
    Ok(KeyId::from(id))
}

/// Returns whether there is such a key.
async fn update(
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

fn checked_name(name: Option<&str>) -> Result<Option<String>, StoreError> {
    name.map(|name| fitting("the name", name, INDEXED).map(Into::into)).transpose()
}

fn checked_project(project: Option<&str>) -> Result<Option<String>, StoreError> {
    project.map(|name| fitting("the project", name, PROJECT_LENGTH).map(Into::into)).transpose()
}

fn tags_text(tags: &[String]) -> String {
    serde_json::json!(tags).to_string()
}

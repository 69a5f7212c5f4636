mod key;
mod rows;

use std::collections::HashSet;
use std::sync::Arc;

use keypool::{KeyId, Platform};
use sea_query::{Cond, Expr, ExprTrait as _, Query};

pub use self::key::{AddKey, ImportedKeys, KeyUpdate, NewKey, StoredKey};
use self::rows::{
    ApiKeys, FingerprintRow, IdRow, Row, checked_name, checked_note, checked_project,
    checked_weight, find, insert_key, insert_with_id, select, update,
};
pub(crate) use self::rows::{fingerprint, revived_at, seal_context};
use crate::db::Tx;
use crate::sql::equals;
use crate::store::now;
use crate::tables::{learned, removed_keys};
use crate::tags::tags_text;
use crate::{Source, Store, StoreError};

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
        let fingerprint = |platform: &Platform| {
            Expr::from(fingerprint(&self.vault, reference.as_bytes(), *platform))
        };
        let statement = select()
            .cond_where(
                Cond::any()
                    .add(equals(ApiKeys::Id, reference))
                    .add(
                        Expr::col(ApiKeys::Fingerprint)
                            .is_in(Platform::ALL.iter().map(fingerprint)),
                    )
                    .add(equals(ApiKeys::Mask, reference.replace("...", "…")))
                    .add(equals(ApiKeys::Name, reference)),
            )
            .take();
        let rows: Vec<Row> = self.control.all(&statement).await?;
        Ok(rows.into_iter().map(|row| row.open(&self.vault)).collect())
    }

    /// One key by its id.
    pub async fn key(&self, id: &KeyId) -> Result<Option<StoredKey>, StoreError> {
        let select = select().and_where(equals(ApiKeys::Id, id.as_str())).take();
        let row: Option<Row> = self.control.optional(&select).await?;
        Ok(row.map(|row| row.open(&self.vault)))
    }

    /// Adds a key, also one that was removed earlier. A key that is there already stays as it is.
    pub async fn add_key(&self, key: NewKey, source: Source) -> Result<AddKey, StoreError> {
        let mut tx = self.change().await?;
        let added = self.add_within(&mut tx, &key, source).await?;
        if matches!(added, AddKey::Added(_)) {
            tx.commit().await?;
        }
        Ok(added)
    }

    /// Adds several keys in one transaction: all of them, or, if one of them cannot be, none.
    pub async fn add_keys(
        &self,
        keys: &[NewKey],
        source: Source,
    ) -> Result<Vec<AddKey>, StoreError> {
        let mut tx = self.change().await?;
        let mut added = Vec::with_capacity(keys.len());
        for key in keys {
            added.push(self.add_within(&mut tx, key, source).await?);
        }
        tx.commit().await?;
        Ok(added)
    }

    /// Brings back a key that was removed, under the id that it had, so that what is written about
    /// it is its own again. One that was added anew meanwhile stays as it is.
    pub async fn restore_key(&self, key: &StoredKey) -> Result<AddKey, StoreError> {
        let Some(secret) = &key.secret else {
            return Err(StoreError::Damaged { table: "api_keys", problem: key.mask.clone() });
        };
        let mut tx = self.change().await?;
        let fingerprint = fingerprint(&self.vault, secret.expose().as_bytes(), key.platform);
        if let Some(id) = same_key(&mut tx, &fingerprint).await? {
            return Ok(AddKey::Exists(id));
        }
        removed_keys::forget(&mut tx, &fingerprint).await?;
        let (id, note) = (key.id.as_str(), key.note.as_deref());
        let new = NewKey {
            secret: Arc::clone(secret),
            platform: key.platform,
            name: key.name.clone(),
            project: key.project.clone(),
            enabled: key.enabled,
            weight: key.weight,
            tier: key.tier,
            tags: key.tags.clone(),
            egress: key.egress,
            batch: key.batch.clone(),
        };
        insert_with_id(&mut tx, &self.vault, id, &new, note, fingerprint, key.source).await?;
        tx.commit().await?;
        Ok(AddKey::Added(key.id.clone()))
    }

    async fn add_within(
        &self,
        tx: &mut Tx,
        key: &NewKey,
        source: Source,
    ) -> Result<AddKey, StoreError> {
        let fingerprint = self.fingerprint_of(key);
        if let Some(id) = same_key(tx, &fingerprint).await? {
            return Ok(AddKey::Exists(id));
        }
        removed_keys::forget(tx, &fingerprint).await?;
        Ok(AddKey::Added(insert_key(tx, &self.vault, key, fingerprint, source).await?))
    }

    /// Adds those keys that are neither there nor were removed by an administrator earlier: all in
    /// one transaction.
    pub async fn import_keys(
        &self,
        keys: Vec<NewKey>,
        source: Source,
    ) -> Result<ImportedKeys, StoreError> {
        if keys.is_empty() {
            return Ok(ImportedKeys::default());
        }
        let mut tx = self.change().await?;
        let (counts, new) = self.sort_out(&mut tx, keys).await?;
        for (fingerprint, key) in new {
            insert_key(&mut tx, &self.vault, &key, fingerprint, source).await?;
        }
        if counts.added > 0 {
            tx.commit().await?;
        }
        Ok(counts)
    }

    /// What [`Store::import_keys`] would do; changes nothing.
    pub async fn preview_keys(&self, keys: Vec<NewKey>) -> Result<ImportedKeys, StoreError> {
        let mut tx = self.control.begin().await?;
        Ok(self.sort_out(&mut tx, keys).await?.0)
    }

    /// Those keys that an import would add, with their fingerprints, and how many it would not.
    async fn sort_out(
        &self,
        tx: &mut Tx,
        keys: Vec<NewKey>,
    ) -> Result<(ImportedKeys, Vec<(String, NewKey)>), StoreError> {
        let known = Query::select().column(ApiKeys::Fingerprint).from(ApiKeys::Table).take();
        let known: Vec<FingerprintRow> = tx.all(&known).await?;
        let mut known: HashSet<String> = known.into_iter().map(|row| row.fingerprint).collect();
        let removed = removed_keys::fingerprints(tx).await?;
        let mut counts = ImportedKeys::default();
        let mut new = Vec::new();
        for key in keys {
            let fingerprint = self.fingerprint_of(&key);
            if known.contains(&fingerprint) {
                counts.existing += 1;
            } else if removed.contains(&fingerprint) {
                counts.removed += 1;
            } else {
                known.insert(fingerprint.clone());
                new.push((fingerprint, key));
                counts.added += 1;
            }
        }
        Ok((counts, new))
    }

    fn fingerprint_of(&self, key: &NewKey) -> String {
        fingerprint(&self.vault, key.secret.expose().as_bytes(), key.platform)
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
            columns.push((ApiKeys::Weight, checked_weight(weight)?.into()));
        }
        if let Some(tier) = changes.tier {
            columns.push((ApiKeys::Tier, i64::from(tier).into()));
        }
        if let Some(tags) = &changes.tags {
            columns.push((ApiKeys::Tags, tags_text(tags)?.into()));
        }
        if let Some(note) = changes.note {
            columns.push((ApiKeys::Note, checked_note(note.as_deref())?.into()));
        }
        if let Some(egress) = changes.egress {
            columns.push((ApiKeys::Proxy, egress.map(|egress| egress.to_string()).into()));
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

/// The key with this fingerprint, if it is there.
async fn same_key(tx: &mut Tx, fingerprint: &str) -> Result<Option<KeyId>, StoreError> {
    let same = Query::select()
        .column(ApiKeys::Id)
        .from(ApiKeys::Table)
        .and_where(equals(ApiKeys::Fingerprint, fingerprint))
        .take();
    let found: Option<IdRow> = tx.optional(&same).await?;
    Ok(found.map(|IdRow { id }| KeyId::from(id)))
}

//! What the pool has learned: `key_states`, `quota_blocks`, and below it limits and counts.

mod quota;

use keypool::{CellName, Domain, Health, KeyId, Learned, LearnedCell, LearnedKey, Timestamp};
use sea_query::{Expr, Iden, Query};
use sqlx::FromRow;

use crate::db::Tx;
use crate::sql::{equals, upsert};
use crate::text::INDEXED;
use crate::{Store, StoreError};

/// How a block for all models is stored. No model's name looks so: those have a prefix.
const ALL_MODELS: &str = "*";
const MODEL_PREFIX: &str = "models/";

impl Store {
    /// All that was learned, blocks that are over included. Rows that this program does not
    /// understand are left out: what they say will be learned anew.
    pub async fn load_learned(&self) -> Result<Vec<Learned>, StoreError> {
        let states = Query::select()
            .columns([KeyStates::KeyId, KeyStates::DeadReason, KeyStates::DeadSince])
            .from(KeyStates::Table)
            .take();
        let blocks = Query::select()
            .columns([
                QuotaBlocks::Subject,
                QuotaBlocks::Model,
                QuotaBlocks::BlockedUntil,
                QuotaBlocks::QuotaWindow,
                QuotaBlocks::QuotaLimit,
                QuotaBlocks::QuotaId,
            ])
            .from(QuotaBlocks::Table)
            .take();
        let states: Vec<StateRow> = self.control.all(&states).await?;
        let blocks: Vec<BlockRow> = self.control.all(&blocks).await?;
        let keys = states.into_iter().filter_map(StateRow::learned);
        let blocks = blocks.into_iter().filter_map(BlockRow::learned);
        Ok(keys.chain(blocks).chain(quota::load(self).await?).collect())
    }

    /// Stores what was learned, all in one transaction. Does not count the revision up: the process
    /// that learned it is the one that serves ([`Store::announce`] is for the others).
    pub async fn save_learned(&self, mut learned: Vec<Learned>) -> Result<(), StoreError> {
        if learned.is_empty() {
            return Ok(());
        }
        // Everybody locks rows in the same order, so that two replicas do not block each other.
        learned.sort_by_cached_key(Learned::subject);
        let mut tx = self.control.begin().await?;
        for entry in learned {
            match entry {
                Learned::Key(key) => save_key(&mut tx, key).await?,
                Learned::Cell(cell) => save_cell(&mut tx, cell).await?,
                Learned::CellOver(name) => delete_cell(&mut tx, &name).await?,
                Learned::Limit(limit) => quota::save_limit(&mut tx, limit).await?,
                Learned::Usage(usage) => quota::save_usage(&mut tx, usage).await?,
            }
        }
        tx.commit().await
    }

    /// Counts the revision up: what was learned here shall be taken up by running servers.
    pub async fn announce(&self) -> Result<(), StoreError> {
        self.change().await?.commit().await
    }
}

/// Forgets that the key is dead.
pub(crate) async fn forget_death(tx: &mut Tx, id: &KeyId) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(KeyStates::Table)
        .and_where(equals(KeyStates::KeyId, id.as_str()))
        .take();
    tx.execute(&delete).await?;
    Ok(())
}

/// Forgets all about a key. What its project has spent stays known.
pub(crate) async fn forget_key(tx: &mut Tx, id: &KeyId) -> Result<(), StoreError> {
    forget_death(tx, id).await?;
    let subject = Domain::Key(id.clone()).to_string();
    let delete = Query::delete()
        .from_table(QuotaBlocks::Table)
        .and_where(equals(QuotaBlocks::Subject, subject.as_str()))
        .take();
    tx.execute(&delete).await?;
    quota::forget(tx, &subject).await
}

#[derive(Iden, Clone, Copy)]
enum KeyStates {
    Table,
    KeyId,
    DeadReason,
    DeadSince,
}

#[derive(Iden, Clone, Copy)]
enum QuotaBlocks {
    Table,
    Subject,
    Model,
    BlockedUntil,
    QuotaWindow,
    QuotaLimit,
    QuotaId,
}

#[derive(FromRow)]
struct StateRow {
    key_id: String,
    dead_reason: String,
    dead_since: i64,
}

#[derive(FromRow)]
struct BlockRow {
    subject: String,
    model: String,
    blocked_until: i64,
    quota_window: String,
    quota_limit: Option<i64>,
    quota_id: Option<String>,
}

impl StateRow {
    fn learned(self) -> Option<Learned> {
        let reason = self.dead_reason.parse().ok()?;
        let since = Timestamp::from_millis(self.dead_since);
        let health = Health::Dead { reason, since };
        Some(Learned::Key(LearnedKey { id: KeyId::from(self.key_id), health }))
    }
}

impl BlockRow {
    fn learned(self) -> Option<Learned> {
        Some(Learned::Cell(LearnedCell {
            name: cell_name(&self.subject, &self.model)?,
            until: Timestamp::from_millis(self.blocked_until),
            window: self.quota_window.parse().ok()?,
            limit: self.quota_limit.and_then(|limit| u64::try_from(limit).ok()),
            quota_id: self.quota_id.map(Into::into),
        }))
    }
}

/// Reads what [`stored_name`] wrote.
fn cell_name(subject: &str, model: &str) -> Option<CellName> {
    let model = match model {
        ALL_MODELS => None,
        "" => Some("".into()),
        name => Some(name.strip_prefix(MODEL_PREFIX)?.into()),
    };
    Some(CellName { domain: subject.parse().ok()?, model })
}

/// Subject and model as they are stored; `None` if they are too long to be anything of Google's.
fn stored_name(name: &CellName) -> Option<(String, String)> {
    let subject = name.domain.to_string();
    let model = match name.model.as_deref() {
        None => ALL_MODELS.to_owned(),
        Some("") => String::new(),
        Some(model) => format!("{MODEL_PREFIX}{model}"),
    };
    let fits = |text: &str| text.chars().count() <= INDEXED && !text.contains('\0');
    (fits(&subject) && fits(&model)).then_some((subject, model))
}

async fn save_key(tx: &mut Tx, key: LearnedKey) -> Result<(), StoreError> {
    let Health::Dead { reason, since } = key.health else {
        return forget_death(tx, &key.id).await;
    };
    let row: [(KeyStates, Expr); 3] = [
        (KeyStates::KeyId, key.id.as_str().into()),
        (KeyStates::DeadReason, reason.as_str().into()),
        (KeyStates::DeadSince, since.millis().into()),
    ];
    let upsert = upsert(KeyStates::Table, row, 1);
    tx.execute(&upsert).await?;
    Ok(())
}

async fn save_cell(tx: &mut Tx, cell: LearnedCell) -> Result<(), StoreError> {
    let Some((subject, model)) = stored_name(&cell.name) else { return Ok(()) };
    let limit = cell.limit.map(|limit| i64::try_from(limit).unwrap_or(i64::MAX));
    let row: [(QuotaBlocks, Expr); 6] = [
        (QuotaBlocks::Subject, subject.into()),
        (QuotaBlocks::Model, model.into()),
        (QuotaBlocks::BlockedUntil, cell.until.millis().into()),
        (QuotaBlocks::QuotaWindow, cell.window.as_str().into()),
        (QuotaBlocks::QuotaLimit, limit.into()),
        (QuotaBlocks::QuotaId, cell.quota_id.as_deref().map(str::to_owned).into()),
    ];
    let upsert = upsert(QuotaBlocks::Table, row, 2);
    tx.execute(&upsert).await?;
    Ok(())
}

async fn delete_cell(tx: &mut Tx, name: &CellName) -> Result<(), StoreError> {
    let Some((subject, model)) = stored_name(name) else { return Ok(()) };
    let delete = Query::delete()
        .from_table(QuotaBlocks::Table)
        .and_where(equals(QuotaBlocks::Subject, subject))
        .and_where(equals(QuotaBlocks::Model, model))
        .take();
    tx.execute(&delete).await?;
    Ok(())
}

//! What pools have learned: `key_states`, `quota_blocks`, and below it limits and counts.
//!
//! Several processes write here, and each wants to know what the others wrote. So every transaction
//! has a number, its rows carry it, and nobody overwrites what is later or longer than its own.

mod quota;

use keypool::{CellName, Domain, Health, KeyId, Learned, LearnedCell, LearnedKey, Timestamp};
use sea_query::{Expr, ExprTrait as _, Iden, Query};
use sqlx::FromRow;

use crate::db::Tx;
use crate::sql::{equals, upsert};
use crate::tables::{api_keys, revision};
use crate::text::INDEXED;
use crate::{Store, StoreError};

/// How a block for all models is stored. No model's name looks so: those have a prefix.
const ALL_MODELS: &str = "*";
const MODEL_PREFIX: &str = "models/";

/// The reason that stands for a key that was dead and is no longer.
const ALIVE: &str = "alive";

impl Store {
    /// All that was learned, blocks that are over included. Rows that this program does not
    /// understand are left out: what they say will be learned anew.
    pub async fn load_learned(&self) -> Result<Vec<Learned>, StoreError> {
        let mut learned = self.learned_since(i64::MIN).await?;
        learned.retain(|entry| !matches!(entry, Learned::Key(key) if !key.health.is_dead()));
        Ok(learned)
    }

    /// What was written after the change of this number ([`Revisions::learned`]), by whatever
    /// process: also that keys are alive again. Blocks that are over are not told; everybody knows
    /// when they end.
    ///
    /// [`Revisions::learned`]: crate::Revisions::learned
    pub async fn learned_since(&self, seen: i64) -> Result<Vec<Learned>, StoreError> {
        let states = Query::select()
            .columns([KeyStates::KeyId, KeyStates::DeadReason, KeyStates::DeadSince])
            .from(KeyStates::Table)
            .and_where(Expr::col(KeyStates::Changed).gt(seen))
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
            .and_where(Expr::col(QuotaBlocks::Changed).gt(seen))
            .take();
        let states: Vec<StateRow> = self.control.all(&states).await?;
        let blocks: Vec<BlockRow> = self.control.all(&blocks).await?;
        let keys = states.into_iter().filter_map(StateRow::learned);
        let blocks = blocks.into_iter().filter_map(BlockRow::learned);
        Ok(keys.chain(blocks).chain(quota::since(self, seen).await?).collect())
    }

    /// Stores what was learned, all in one transaction, for whoever has not followed what others
    /// have learned meanwhile. Does not count the configuration's revision up
    /// ([`Store::announce`] does).
    pub async fn save_learned(&self, learned: Vec<Learned>) -> Result<(), StoreError> {
        self.share_learned(learned, i64::MAX).await.map(drop)
    }

    /// Stores what was learned, all in one transaction, by one who has followed what others have
    /// learned up to the change `seen`. Answers the number of this change, or `seen` if there was
    /// nothing to store.
    ///
    /// What others have found out in the meantime stays where it says more: a block that is longer
    /// than ours, a limit that was met later, that a person has revived a key since it died.
    pub async fn share_learned(
        &self,
        mut learned: Vec<Learned>,
        seen: i64,
    ) -> Result<i64, StoreError> {
        if learned.is_empty() {
            return Ok(seen);
        }
        learned.sort_by_cached_key(Learned::subject);
        let mut tx = self.control.begin().await?;
        // Everybody waits here for the one before, so nobody reads a row that is about to change.
        let number = revision::bump_learned(&mut tx).await?;
        for entry in learned {
            match entry {
                Learned::Key(key) => save_key(&mut tx, key, number).await?,
                Learned::Cell(cell) => save_cell(&mut tx, cell, number).await?,
                Learned::CellOver(name) => delete_cell(&mut tx, &name, seen).await?,
                Learned::Limit(limit) => quota::save_limit(&mut tx, limit, number).await?,
                Learned::Usage(usage) => quota::save_usage(&mut tx, usage, number).await?,
            }
        }
        tx.commit().await?;
        Ok(number)
    }

    /// Counts the revision up: what was learned here shall be taken up by running servers.
    pub async fn announce(&self) -> Result<(), StoreError> {
        self.change().await?.commit().await
    }
}

/// Forgets that the key is dead, and lets everybody know.
pub(crate) async fn forget_death(tx: &mut Tx, id: &KeyId) -> Result<(), StoreError> {
    let number = revision::bump_learned(tx).await?;
    note_alive(tx, id, number).await
}

async fn note_alive(tx: &mut Tx, id: &KeyId, number: i64) -> Result<(), StoreError> {
    let update = Query::update()
        .table(KeyStates::Table)
        .value(KeyStates::DeadReason, ALIVE)
        .value(KeyStates::Changed, number)
        .and_where(equals(KeyStates::KeyId, id.as_str()))
        .take();
    tx.execute(&update).await?;
    Ok(())
}

/// Forgets all about a key. What its project has spent stays known.
pub(crate) async fn forget_key(tx: &mut Tx, id: &KeyId) -> Result<(), StoreError> {
    let state = Query::delete()
        .from_table(KeyStates::Table)
        .and_where(equals(KeyStates::KeyId, id.as_str()))
        .take();
    tx.execute(&state).await?;
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
    Changed,
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
    Changed,
}

#[derive(FromRow)]
struct StateRow {
    key_id: String,
    dead_reason: String,
    dead_since: i64,
}

/// That there is such a row.
#[derive(FromRow)]
struct ChangedRow {
    #[expect(dead_code, reason = "that it exists is what is asked")]
    changed: i64,
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
        let health = if self.dead_reason == ALIVE {
            Health::Alive
        } else {
            let since = Timestamp::from_millis(self.dead_since);
            Health::Dead { reason: self.dead_reason.parse().ok()?, since }
        };
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

async fn save_key(tx: &mut Tx, key: LearnedKey, number: i64) -> Result<(), StoreError> {
    let Health::Dead { reason, since } = key.health else {
        return note_alive(tx, &key.id, number).await;
    };
    if api_keys::revived_at(tx, &key.id).await?.is_some_and(|revived| revived > since) {
        return Ok(());
    }
    let row: [(KeyStates, Expr); 4] = [
        (KeyStates::KeyId, key.id.as_str().into()),
        (KeyStates::DeadReason, reason.as_str().into()),
        (KeyStates::DeadSince, since.millis().into()),
        (KeyStates::Changed, number.into()),
    ];
    let upsert = upsert(KeyStates::Table, row, 1);
    tx.execute(&upsert).await?;
    Ok(())
}

async fn save_cell(tx: &mut Tx, cell: LearnedCell, number: i64) -> Result<(), StoreError> {
    let Some((subject, model)) = stored_name(&cell.name) else { return Ok(()) };
    let longer = Query::select()
        .column(QuotaBlocks::Changed)
        .from(QuotaBlocks::Table)
        .and_where(equals(QuotaBlocks::Subject, subject.as_str()))
        .and_where(equals(QuotaBlocks::Model, model.as_str()))
        .and_where(Expr::col(QuotaBlocks::BlockedUntil).gt(cell.until.millis()))
        .take();
    if tx.optional::<ChangedRow>(&longer).await?.is_some() {
        return Ok(());
    }
    let limit = cell.limit.map(|limit| i64::try_from(limit).unwrap_or(i64::MAX));
    let row: [(QuotaBlocks, Expr); 7] = [
        (QuotaBlocks::Subject, subject.into()),
        (QuotaBlocks::Model, model.into()),
        (QuotaBlocks::BlockedUntil, cell.until.millis().into()),
        (QuotaBlocks::QuotaWindow, cell.window.as_str().into()),
        (QuotaBlocks::QuotaLimit, limit.into()),
        (QuotaBlocks::QuotaId, cell.quota_id.as_deref().map(str::to_owned).into()),
        (QuotaBlocks::Changed, number.into()),
    ];
    let upsert = upsert(QuotaBlocks::Table, row, 2);
    tx.execute(&upsert).await?;
    Ok(())
}

/// Deletes a block that is over, unless somebody has blocked the cell anew since.
async fn delete_cell(tx: &mut Tx, name: &CellName, seen: i64) -> Result<(), StoreError> {
    let Some((subject, model)) = stored_name(name) else { return Ok(()) };
    let delete = Query::delete()
        .from_table(QuotaBlocks::Table)
        .and_where(equals(QuotaBlocks::Subject, subject))
        .and_where(equals(QuotaBlocks::Model, model))
        .and_where(Expr::col(QuotaBlocks::Changed).lte(seen))
        .take();
    tx.execute(&delete).await?;
    Ok(())
}

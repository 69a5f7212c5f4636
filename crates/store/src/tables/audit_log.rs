use keypool::Timestamp;
use sea_query::{Expr, ExprTrait as _, Iden, InsertStatement, Order, Query};
use sqlx::FromRow;
use uuid::Uuid;

use crate::sql::{equals, insert};
use crate::store::now;
use crate::tables::meta;
use crate::text::{INDEXED, cut};
use crate::{Store, StoreError};

/// How much is kept of what an entry says in detail, in characters.
const DETAIL_LENGTH: usize = 16_000;

/// How the log calls the program itself.
const GATEWAY: &str = "gateway";

/// Something that somebody did.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// Its name; newer entries have higher ones.
    pub id: String,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// What was done, such as `keys.disable`.
    pub action: String,
    /// What it was done to: an id or a name, never a secret.
    pub object: String,
    /// What else there is to say, in words or JSON.
    pub detail: String,
}

/// Which entries are wanted; without a condition all.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only entries before the one of this id: where the next page begins.
    pub before: Option<String>,
    /// Only what this one did.
    pub actor: Option<String>,
    /// Only actions that begin so: `keys.` for all about keys.
    pub action: Option<String>,
    /// Only what was done to this.
    pub object: Option<String>,
    /// Only what was done at this moment or later.
    pub since: Option<Timestamp>,
    /// Only what was done before this moment.
    pub until: Option<Timestamp>,
}

impl Store {
    /// Writes down what was done. Callers see to it that no secret is in it.
    pub async fn note(
        &self,
        actor: &str,
        action: &str,
        object: &str,
        detail: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.control.begin().await?;
        tx.execute(&entry(actor, action, object, detail)).await?;
        tx.commit().await
    }

    /// Writes down that a version of the program has begun to serve, if another one did before it.
    pub async fn note_version(&self, version: &str) -> Result<(), StoreError> {
        if meta::read(&self.control, meta::VERSION).await?.as_deref() == Some(version) {
            return Ok(());
        }
        // One after the other: of processes that start together, one tells of it.
        let mut tx = self.change().await?;
        let before = meta::read_in(&mut tx, meta::VERSION).await?;
        if before.as_deref() != Some(version) {
            meta::put(&mut tx, meta::VERSION, version).await?;
            let changes =
                [serde_json::json!({"name": "version", "before": before, "after": version})];
            let detail = serde_json::json!({"changes": changes}).to_string();
            tx.execute(&entry(GATEWAY, "version.start", version, &detail)).await?;
        }
        tx.commit().await
    }

    /// What was done last, newest first, at most `limit` entries.
    pub async fn audit_log(
        &self,
        limit: u32,
        filter: &AuditFilter,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let action = filter.action.as_ref().map(|action| {
            Expr::col(AuditLog::Action).like(format!("{}%", action.replace(['%', '_', '\\'], "")))
        });
        let select = Query::select()
            .columns([
                AuditLog::Id,
                AuditLog::At,
                AuditLog::Actor,
                AuditLog::Action,
                AuditLog::Object,
                AuditLog::Detail,
            ])
            .from(AuditLog::Table)
            .and_where_option(
                filter.before.as_deref().map(|before| Expr::col(AuditLog::Id).lt(before)),
            )
            .and_where_option(filter.actor.as_deref().map(|actor| equals(AuditLog::Actor, actor)))
            .and_where_option(action)
            .and_where_option(
                filter.object.as_deref().map(|object| equals(AuditLog::Object, object)),
            )
            .and_where_option(filter.since.map(|since| Expr::col(AuditLog::At).gte(since.millis())))
            .and_where_option(filter.until.map(|until| Expr::col(AuditLog::At).lt(until.millis())))
            .order_by(AuditLog::Id, Order::Desc)
            .limit(u64::from(limit))
            .take();
        let rows: Vec<Row> = self.control.all(&select).await?;
        Ok(rows.into_iter().map(AuditEntry::from).collect())
    }
}

fn entry(actor: &str, action: &str, object: &str, detail: &str) -> InsertStatement {
    let row: [(AuditLog, Expr); 6] = [
        (AuditLog::Id, Uuid::now_v7().to_string().into()),
        (AuditLog::At, now().millis().into()),
        (AuditLog::Actor, cut(actor, INDEXED).as_ref().into()),
        (AuditLog::Action, cut(action, INDEXED).as_ref().into()),
        (AuditLog::Object, cut(object, INDEXED).as_ref().into()),
        (AuditLog::Detail, cut(detail, DETAIL_LENGTH).as_ref().into()),
    ];
    insert(AuditLog::Table, row)
}

#[derive(Iden, Clone, Copy)]
enum AuditLog {
    Table,
    Id,
    At,
    Actor,
    Action,
    Object,
    Detail,
}

#[derive(FromRow)]
struct Row {
    id: String,
    at: i64,
    actor: String,
    action: String,
    object: String,
    detail: String,
}

impl From<Row> for AuditEntry {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            at: Timestamp::from_millis(row.at),
            actor: row.actor,
            action: row.action,
            object: row.object,
            detail: row.detail,
        }
    }
}

use keypool::Timestamp;
use sea_query::{Expr, ExprTrait as _, Iden, Order, Query};
use sqlx::FromRow;
use uuid::Uuid;

use crate::sql::{equals, insert};
use crate::store::now;
use crate::text::{INDEXED, cut};
use crate::{Store, StoreError};

/// How much is kept of what an entry says in detail, in characters.
const DETAIL_LENGTH: usize = 4_000;

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
        let row: [(AuditLog, Expr); 6] = [
            (AuditLog::Id, Uuid::now_v7().to_string().into()),
            (AuditLog::At, now().millis().into()),
            (AuditLog::Actor, cut(actor, INDEXED).as_ref().into()),
            (AuditLog::Action, cut(action, INDEXED).as_ref().into()),
            (AuditLog::Object, cut(object, INDEXED).as_ref().into()),
            (AuditLog::Detail, cut(detail, DETAIL_LENGTH).as_ref().into()),
        ];
        let mut tx = self.control.begin().await?;
        tx.execute(&insert(AuditLog::Table, row)).await?;
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
            .order_by(AuditLog::Id, Order::Desc)
            .limit(u64::from(limit))
            .take();
        let rows: Vec<Row> = self.control.all(&select).await?;
        Ok(rows.into_iter().map(AuditEntry::from).collect())
    }
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

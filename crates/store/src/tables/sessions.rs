use std::time::Duration;

use keypool::Timestamp;
use sea_query::{DeleteStatement, Expr, ExprTrait as _, Iden, Order, Query, SelectStatement};
use secret::TokenDigest;
use sqlx::FromRow;
use uuid::Uuid;

use crate::sql::{equals, insert};
use crate::store::now;
use crate::text::cut;
use crate::{Role, Store, StoreError};

/// A browser that is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its name in lists; not the cookie's secret.
    pub id: String,
    /// Who signed in.
    pub actor: String,
    /// What they may do.
    pub role: Role,
    /// The address that they signed in from.
    pub address: String,
    /// What their browser called itself.
    pub agent: String,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When they were seen last, to the minute.
    pub seen_at: Timestamp,
    /// When they gave their password last; what reveals secrets asks for a recent one.
    pub confirmed_at: Timestamp,
    /// When the session ends by itself.
    pub expires_at: Timestamp,
}

/// A session that is to begin.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// The digest of the cookie's secret.
    pub digest: TokenDigest,
    /// Who signed in.
    pub actor: &'a str,
    /// What they may do.
    pub role: Role,
    /// Where from.
    pub address: &'a str,
    /// With which browser.
    pub agent: &'a str,
    /// For how long, unless it is ended before.
    pub lifetime: Duration,
}

impl Store {
    /// Begins a session, and forgets those whose time is over.
    pub async fn begin_session(&self, session: NewSession<'_>) -> Result<(), StoreError> {
        let now = now().millis();
        let lifetime = i64::try_from(session.lifetime.as_millis()).unwrap_or(i64::MAX);
        let row: [(Sessions, Expr); 10] = [
            (Sessions::Id, Uuid::now_v7().to_string().into()),
            (Sessions::Digest, session.digest.to_hex().into()),
            (Sessions::Actor, session.actor.into()),
            (Sessions::Role, session.role.as_str().into()),
            (Sessions::Address, cut(session.address, 64).as_ref().into()),
            (Sessions::Agent, cut(session.agent, 300).as_ref().into()),
            (Sessions::CreatedAt, now.into()),
            (Sessions::SeenAt, now.into()),
            (Sessions::ConfirmedAt, now.into()),
            (Sessions::ExpiresAt, now.saturating_add(lifetime).into()),
        ];
        let old = Query::delete()
            .from_table(Sessions::Table)
            .and_where(Expr::col(Sessions::ExpiresAt).lte(now))
            .take();
        let mut tx = self.control.begin().await?;
        tx.execute(&old).await?;
        tx.execute(&insert(Sessions::Table, row)).await?;
        tx.commit().await
    }

    /// The session of this cookie, if its time is not over.
    pub async fn session(&self, digest: &TokenDigest) -> Result<Option<Session>, StoreError> {
        let select = select()
            .and_where(equals(Sessions::Digest, digest.to_hex()))
            .and_where(Expr::col(Sessions::ExpiresAt).gt(now().millis()))
            .take();
        let row: Option<Row> = self.control.optional(&select).await?;
        Ok(row.map(Session::from))
    }

    /// All sessions whose time is not over, the last seen first.
    pub async fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        let select = select()
            .and_where(Expr::col(Sessions::ExpiresAt).gt(now().millis()))
            .order_by(Sessions::SeenAt, Order::Desc)
            .take();
        let rows: Vec<Row> = self.control.all(&select).await?;
        Ok(rows.into_iter().map(Session::from).collect())
    }

    /// Notes that a session was used.
    pub async fn see_session(&self, id: &str) -> Result<(), StoreError> {
        self.stamp_session(id, Sessions::SeenAt).await
    }

    /// Notes that the password was given again.
    pub async fn confirm_session(&self, id: &str) -> Result<(), StoreError> {
        self.stamp_session(id, Sessions::ConfirmedAt).await
    }

    /// Ends a session. `false` if there was none of that id.
    pub async fn end_session(&self, id: &str) -> Result<bool, StoreError> {
        let delete =
            Query::delete().from_table(Sessions::Table).and_where(equals(Sessions::Id, id)).take();
        let mut tx = self.control.begin().await?;
        let ended = tx.execute(&delete).await? > 0;
        tx.commit().await?;
        Ok(ended)
    }

    async fn stamp_session(&self, id: &str, column: Sessions) -> Result<(), StoreError> {
        let update = Query::update()
            .table(Sessions::Table)
            .value(column, now().millis())
            .and_where(equals(Sessions::Id, id))
            .take();
        let mut tx = self.control.begin().await?;
        tx.execute(&update).await?;
        tx.commit().await
    }
}

/// Ends all sessions of somebody, but the one of the id `keep`.
pub(crate) fn of_actor(name: &str, keep: Option<&str>) -> DeleteStatement {
    let mut delete = Query::delete();
    delete.from_table(Sessions::Table).and_where(equals(Sessions::Actor, name));
    if let Some(keep) = keep {
        delete.and_where(Expr::col(Sessions::Id).ne(keep));
    }
    delete
}

#[derive(Iden, Clone, Copy)]
enum Sessions {
    Table,
    Id,
    Digest,
    Actor,
    Role,
    Address,
    Agent,
    CreatedAt,
    SeenAt,
    ConfirmedAt,
    ExpiresAt,
}

#[derive(FromRow)]
struct Row {
    id: String,
    actor: String,
    role: String,
    address: String,
    agent: String,
    created_at: i64,
    seen_at: i64,
    confirmed_at: i64,
    expires_at: i64,
}

impl From<Row> for Session {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            role: Role::from_label(&row.role),
            actor: row.actor,
            address: row.address,
            agent: row.agent,
            created_at: Timestamp::from_millis(row.created_at),
            seen_at: Timestamp::from_millis(row.seen_at),
            confirmed_at: Timestamp::from_millis(row.confirmed_at),
            expires_at: Timestamp::from_millis(row.expires_at),
        }
    }
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            Sessions::Id,
            Sessions::Actor,
            Sessions::Role,
            Sessions::Address,
            Sessions::Agent,
            Sessions::CreatedAt,
            Sessions::SeenAt,
            Sessions::ConfirmedAt,
            Sessions::ExpiresAt,
        ])
        .from(Sessions::Table)
        .take()
}

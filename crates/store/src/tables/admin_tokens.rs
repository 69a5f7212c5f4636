use keypool::Timestamp;
use sea_query::{Expr, ExprTrait as _, Iden, Order, Query, SelectStatement, UpdateStatement};
use secret::{AdminToken, TokenDigest};
use sqlx::FromRow;
use uuid::Uuid;

use crate::sql::{equals, insert};
use crate::store::now;
use crate::text::{INDEXED, fitting};
use crate::{Store, StoreError};

/// What an admin token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Look.
    Read,
    /// Everything.
    Full,
}

impl Scope {
    /// The name that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Full => "full",
        }
    }

    /// The scope of this name.
    pub fn from_label(label: &str) -> Option<Self> {
        [Self::Read, Self::Full].into_iter().find(|scope| scope.as_str() == label)
    }
}

/// An admin token that is to be made.
#[derive(Debug)]
pub struct AdminTokenGrant<'a> {
    /// What it is for.
    pub name: &'a str,
    /// What it may do.
    pub scope: Scope,
    /// Who makes it. It ends with them.
    pub maker: &'a str,
    /// When it expires by itself.
    pub expires_at: Option<Timestamp>,
}

/// What opens the admin API to a script.
#[derive(Debug, Clone)]
pub struct StoredAdminToken {
    /// Its name in the system.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// As it may be shown.
    pub mask: String,
    /// What it may do.
    pub scope: Scope,
    /// Who made it.
    pub maker: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it expires by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl StoredAdminToken {
    /// Whether it opens anything at this moment.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end.millis() > now.millis())
    }
}

impl Store {
    /// All admin tokens, those that open nothing any more included, the newest first.
    pub async fn admin_tokens(&self) -> Result<Vec<StoredAdminToken>, StoreError> {
        let select = select().order_by(AdminTokens::Id, Order::Desc).take();
        let rows: Vec<Row> = self.control.all(&select).await?;
        Ok(rows.into_iter().map(StoredAdminToken::from).collect())
    }

    /// The admin token of this digest, if it opens anything at this moment.
    pub async fn admin_token(
        &self,
        digest: &TokenDigest,
    ) -> Result<Option<StoredAdminToken>, StoreError> {
        let select = select().and_where(equals(AdminTokens::Digest, digest.to_hex())).take();
        let row: Option<Row> = self.control.optional(&select).await?;
        Ok(row.map(StoredAdminToken::from).filter(|token| token.is_good(now())))
    }

    /// Stores a new admin token, whose name must not be in use, and returns its id.
    pub async fn create_admin_token(
        &self,
        token: &AdminToken,
        grant: &AdminTokenGrant<'_>,
    ) -> Result<String, StoreError> {
        let name = fitting("name", grant.name, INDEXED)?;
        let mut tx = self.change().await?;
        let same = select().and_where(equals(AdminTokens::Name, name.as_ref())).take();
        let same: Vec<Row> = tx.all(&same).await?;
        if same.into_iter().map(StoredAdminToken::from).any(|token| token.is_good(now())) {
            return Err(StoreError::NameTaken(name.into_owned()));
        }
        let id = Uuid::now_v7().to_string();
        let row: [(AdminTokens, Expr); 8] = [
            (AdminTokens::Id, id.as_str().into()),
            (AdminTokens::Name, name.as_ref().into()),
            (AdminTokens::Digest, token.digest().to_hex().into()),
            (AdminTokens::Mask, token.mask().into()),
            (AdminTokens::Scope, grant.scope.as_str().into()),
            (AdminTokens::Maker, grant.maker.into()),
            (AdminTokens::CreatedAt, now().millis().into()),
            (AdminTokens::ExpiresAt, grant.expires_at.map(Timestamp::millis).into()),
        ];
        tx.execute(&insert(AdminTokens::Table, row)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Notes that an admin token was used.
    pub async fn see_admin_token(&self, id: &str) -> Result<(), StoreError> {
        let update = Query::update()
            .table(AdminTokens::Table)
            .value(AdminTokens::LastUsedAt, now().millis())
            .and_where(equals(AdminTokens::Id, id))
            .take();
        let mut tx = self.control.begin().await?;
        tx.execute(&update).await?;
        tx.commit().await
    }

    /// Shuts out whoever has this admin token, for good. Returns its name, or `None` if there is
    /// none of that id that is not revoked.
    pub async fn revoke_admin_token(&self, id: &str) -> Result<Option<String>, StoreError> {
        let mut tx = self.change().await?;
        let select = select()
            .and_where(equals(AdminTokens::Id, id))
            .and_where(Expr::col(AdminTokens::RevokedAt).is_null())
            .take();
        let Some(row) = tx.optional::<Row>(&select).await? else { return Ok(None) };
        tx.execute(&revocation(equals(AdminTokens::Id, id))).await?;
        tx.commit().await?;
        Ok(Some(row.name))
    }
}

/// Revokes all admin tokens that somebody made.
pub(crate) fn revocation_of(maker: &str) -> UpdateStatement {
    revocation(equals(AdminTokens::Maker, maker))
}

fn revocation(which: Expr) -> UpdateStatement {
    Query::update()
        .table(AdminTokens::Table)
        .value(AdminTokens::RevokedAt, now().millis())
        .and_where(which)
        .and_where(Expr::col(AdminTokens::RevokedAt).is_null())
        .take()
}

#[derive(Iden, Clone, Copy)]
enum AdminTokens {
    Table,
    Id,
    Name,
    Digest,
    Mask,
    Scope,
    Maker,
    CreatedAt,
    ExpiresAt,
    LastUsedAt,
    RevokedAt,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    mask: String,
    scope: String,
    maker: String,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl From<Row> for StoredAdminToken {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            mask: row.mask,
            // What is unknown may change nothing.
            scope: Scope::from_label(&row.scope).unwrap_or(Scope::Read),
            maker: row.maker,
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: row.expires_at.map(Timestamp::from_millis),
            last_used_at: row.last_used_at.map(Timestamp::from_millis),
            revoked_at: row.revoked_at.map(Timestamp::from_millis),
        }
    }
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            AdminTokens::Id,
            AdminTokens::Name,
            AdminTokens::Mask,
            AdminTokens::Scope,
            AdminTokens::Maker,
            AdminTokens::CreatedAt,
            AdminTokens::ExpiresAt,
            AdminTokens::LastUsedAt,
            AdminTokens::RevokedAt,
        ])
        .from(AdminTokens::Table)
        .take()
}

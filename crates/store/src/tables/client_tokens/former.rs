//! Rotation: a token gets another secret, and the one before opens for a while longer.

use std::collections::HashMap;
use std::time::Duration;

use keypool::Timestamp;
use sea_query::{Expr, Iden, Query, SelectStatement};
use secret::{ClientToken, TokenDigest};
use sqlx::FromRow;

use super::{ClientTokens, StoredToken, meant};
use crate::db::{Db, Tx};
use crate::sql::{equals, insert};
use crate::store::now;
use crate::{Store, StoreError};

/// A secret of a client token that was replaced by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerSecret {
    /// What callers' tokens are compared with.
    pub digest: TokenDigest,
    /// Until when it opens.
    pub valid_until: Timestamp,
}

impl Store {
    /// Gives the client token with this id, or the one in use under this name, another secret. The
    /// one it had opens for `overlap` longer; earlier ones keep their time, or end with it. Returns
    /// the token as it is now, or `None` if there is none that is not revoked.
    pub async fn rotate_token(
        &self,
        reference: &str,
        secret: &ClientToken,
        overlap: Duration,
    ) -> Result<Option<StoredToken>, StoreError> {
        let mut tx = self.change().await?;
        let Some(mut row) = meant(&mut tx, reference).await? else { return Ok(None) };
        refuse_known(&mut tx, secret).await?;
        let before: [(FormerSecrets, Expr); 3] = [
            (FormerSecrets::Digest, row.digest.as_str().into()),
            (FormerSecrets::TokenId, row.id.as_str().into()),
            (FormerSecrets::ValidUntil, (now() + overlap).millis().into()),
        ];
        tx.execute(&insert(FormerSecrets::Table, before)).await?;
        (row.digest, row.mask) = (secret.digest().to_hex(), secret.mask());
        let update = Query::update()
            .table(ClientTokens::Table)
            .value(ClientTokens::Digest, row.digest.as_str())
            .value(ClientTokens::Mask, row.mask.as_str())
            .and_where(equals(ClientTokens::Id, row.id.as_str()))
            .take();
        tx.execute(&update).await?;
        let mut former = grouped(tx.all(&select().take()).await?)?;
        tx.commit().await?;
        let former = former.remove(&row.id).unwrap_or_default();
        Ok(Some(StoredToken { former, ..row.open()? }))
    }
}

#[derive(Iden, Clone, Copy)]
enum FormerSecrets {
    Table,
    Digest,
    TokenId,
    ValidUntil,
}

#[derive(FromRow)]
struct Row {
    digest: String,
    token_id: String,
    valid_until: i64,
}

/// All former secrets, by the ids of their tokens.
pub(super) async fn all(db: &Db) -> Result<HashMap<String, Vec<FormerSecret>>, StoreError> {
    grouped(db.all(&select().take()).await?)
}

/// The digests of all former secrets.
pub(super) async fn digests(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Row> = tx.all(&select().take()).await?;
    Ok(rows.into_iter().map(|row| row.digest).collect())
}

/// A secret that opened something once must not open something else now.
pub(super) async fn refuse_known(tx: &mut Tx, secret: &ClientToken) -> Result<(), StoreError> {
    let same = select().and_where(equals(FormerSecrets::Digest, secret.digest().to_hex())).take();
    match tx.optional::<Row>(&same).await? {
        Some(row) => Err(StoreError::TokenExists(row.token_id)),
        None => Ok(()),
    }
}

fn select() -> SelectStatement {
    Query::select()
        .columns([FormerSecrets::Digest, FormerSecrets::TokenId, FormerSecrets::ValidUntil])
        .from(FormerSecrets::Table)
        .take()
}

fn grouped(rows: Vec<Row>) -> Result<HashMap<String, Vec<FormerSecret>>, StoreError> {
    let mut grouped: HashMap<String, Vec<FormerSecret>> = HashMap::new();
    for row in rows {
        let digest = TokenDigest::from_hex(&row.digest).map_err(|error| StoreError::Damaged {
            table: "former_secrets",
            problem: format!("a digest of {:?} {error}", row.token_id),
        })?;
        let valid_until = Timestamp::from_millis(row.valid_until);
        grouped.entry(row.token_id).or_default().push(FormerSecret { digest, valid_until });
    }
    Ok(grouped)
}

use keypool::Timestamp;
use sea_query::{Cond, Expr, ExprTrait as _, Iden, Order, Query, SelectStatement};
use secret::{ClientToken, TokenDigest};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::Tx;
use crate::sql::{equals, insert};
use crate::store::now;
use crate::text::{INDEXED, fitting};
use crate::{Source, Store, StoreError};

/// A client token as it is stored: its digest, never the token itself.
#[derive(Debug, Clone)]
pub struct StoredToken {
    /// Its name in the system.
    pub id: String,
    /// What people call it. Among tokens that are not revoked, a name is given once.
    pub name: String,
    /// What callers' tokens are compared with.
    pub digest: TokenDigest,
    /// The token as people may see it.
    pub mask: String,
    /// How it came here.
    pub source: Source,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was revoked; such a token opens nothing any more, and stays listed so that the
    /// environment does not bring it back.
    pub revoked_at: Option<Timestamp>,
    /// When it was used last, as far as that was recorded ([`Store::note_token_uses`]).
    pub last_used_at: Option<Timestamp>,
}

/// What became of client tokens that were imported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportedTokens {
    /// New ones.
    pub added: u64,
    /// Those that were there before, or twice in the list.
    pub existing: u64,
    /// Those that an administrator revoked earlier, and which therefore stay revoked.
    pub revoked: u64,
}

impl Store {
    /// All client tokens, revoked ones included, in the order in which they were created.
    pub async fn list_tokens(&self) -> Result<Vec<StoredToken>, StoreError> {
        let rows: Vec<Row> = self.control.all(&select().take()).await?;
        rows.into_iter().map(Row::open).collect()
    }

    /// Stores a new client token and returns its id. The name must not be in use, nor the token
    /// have been stored before.
    pub async fn create_token(
        &self,
        name: &str,
        token: &ClientToken,
    ) -> Result<String, StoreError> {
        let name = fitting("the token's name", name.trim(), INDEXED)?;
        let mut tx = self.change().await?;
        let same = select().and_where(equals(ClientTokens::Digest, token.digest().to_hex())).take();
        if let Some(row) = tx.optional::<Row>(&same).await? {
            return Err(StoreError::TokenExists(row.name));
        }
        let namesake = select()
            .and_where(equals(ClientTokens::Name, name.as_ref()))
            .and_where(Expr::col(ClientTokens::RevokedAt).is_null())
            .take();
        if tx.optional::<Row>(&namesake).await?.is_some() {
            return Err(StoreError::NameTaken(name.into_owned()));
        }
        let id = insert_token(&mut tx, &name, token, Source::Admin).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Adds those client tokens that were never stored before, named `imported-1`, `imported-2` …
    pub async fn import_tokens(
        &self,
        tokens: &[ClientToken],
        source: Source,
    ) -> Result<ImportedTokens, StoreError> {
        let mut counts = ImportedTokens::default();
        if tokens.is_empty() {
            return Ok(counts);
        }
        let mut tx = self.change().await?;
        let mut rows: Vec<Known> =
            tx.all::<Row>(&select().take()).await?.into_iter().map(Known::from).collect();
        let mut number = 0;
        for token in tokens {
            let digest = token.digest().to_hex();
            match rows.iter().find(|row| row.digest == digest) {
                Some(row) if row.revoked => counts.revoked += 1,
                Some(_) => counts.existing += 1,
                None => {
                    let name = free_name(&rows, &mut number);
                    insert_token(&mut tx, &name, token, source).await?;
                    rows.push(Known { name, digest, revoked: false });
                    counts.added += 1;
                }
            }
        }
        if counts.added > 0 {
            tx.commit().await?;
        }
        Ok(counts)
    }

    /// Revokes the client token with this id, or the one in use under this name. Returns it, or
    /// `None` if there is none that could be revoked.
    pub async fn revoke_token(&self, reference: &str) -> Result<Option<StoredToken>, StoreError> {
        let mut tx = self.change().await?;
        let meant = select()
            .and_where(Expr::col(ClientTokens::RevokedAt).is_null())
            .cond_where(
                Cond::any()
                    .add(equals(ClientTokens::Id, reference))
                    .add(equals(ClientTokens::Name, reference)),
            )
            .take();
        let Some(mut row) = tx.optional::<Row>(&meant).await? else { return Ok(None) };
        let moment = now().millis();
        let update = Query::update()
            .table(ClientTokens::Table)
            .value(ClientTokens::RevokedAt, moment)
            .and_where(equals(ClientTokens::Id, row.id.as_str()))
            .take();
        tx.execute(&update).await?;
        tx.commit().await?;
        row.revoked_at = Some(moment);
        row.open().map(Some)
    }

    /// Records when client tokens, given by id, were used last. No change that a server takes up.
    pub async fn note_token_uses(&self, uses: &[(String, Timestamp)]) -> Result<(), StoreError> {
        if uses.is_empty() {
            return Ok(());
        }
        let mut tx = self.control.begin().await?;
        for (id, moment) in uses {
            let update = Query::update()
                .table(ClientTokens::Table)
                .value(ClientTokens::LastUsedAt, moment.millis())
                .and_where(equals(ClientTokens::Id, id.as_str()))
                .take();
            tx.execute(&update).await?;
        }
        tx.commit().await
    }
}

#[derive(Iden, Clone, Copy)]
enum ClientTokens {
    Table,
    Id,
    Name,
    Digest,
    Mask,
    Source,
    CreatedAt,
    RevokedAt,
    LastUsedAt,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    digest: String,
    mask: String,
    source: String,
    created_at: i64,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
}

/// What an import must know of a token that is there.
struct Known {
    name: String,
    digest: String,
    revoked: bool,
}

impl Row {
    fn open(self) -> Result<StoredToken, StoreError> {
        let digest = TokenDigest::from_hex(&self.digest).map_err(|error| StoreError::Damaged {
            table: "client_tokens",
            problem: format!("the digest of {:?} {error}", self.name),
        })?;
        Ok(StoredToken {
            id: self.id,
            name: self.name,
            digest,
            mask: self.mask,
            source: Source::from_label(&self.source),
            created_at: Timestamp::from_millis(self.created_at),
            revoked_at: self.revoked_at.map(Timestamp::from_millis),
            last_used_at: self.last_used_at.map(Timestamp::from_millis),
        })
    }
}

impl From<Row> for Known {
    fn from(row: Row) -> Self {
        Self { name: row.name, digest: row.digest, revoked: row.revoked_at.is_some() }
    }
}

fn free_name(rows: &[Known], number: &mut u32) -> String {
    loop {
        *number += 1;
        let name = format!("imported-{number}");
        if !rows.iter().any(|row| row.name == name) {
            return name;
        }
    }
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            ClientTokens::Id,
            ClientTokens::Name,
            ClientTokens::Digest,
            ClientTokens::Mask,
            ClientTokens::Source,
            ClientTokens::CreatedAt,
            ClientTokens::RevokedAt,
            ClientTokens::LastUsedAt,
        ])
        .from(ClientTokens::Table)
        .order_by(ClientTokens::Id, Order::Asc)
        .take()
}

async fn insert_token(
    tx: &mut Tx,
    name: &str,
    token: &ClientToken,
    source: Source,
) -> Result<String, StoreError> {
    let id = Uuid::now_v7().to_string();
    let row: [(ClientTokens, Expr); 6] = [
        (ClientTokens::Id, id.as_str().into()),
        (ClientTokens::Name, name.into()),
        (ClientTokens::Digest, token.digest().to_hex().into()),
        (ClientTokens::Mask, token.mask().into()),
        (ClientTokens::Source, source.as_str().into()),
        (ClientTokens::CreatedAt, now().millis().into()),
    ];
    tx.execute(&insert(ClientTokens::Table, row)).await?;
    Ok(id)
}

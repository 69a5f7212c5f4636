use std::collections::HashMap;
use std::net::IpAddr;

use keypool::Timestamp;
use sea_query::{Cond, Expr, ExprTrait as _, Iden, Order, Query, SelectStatement};
use secret::{ClientToken, TokenDigest};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::Tx;
use crate::sql::{equals, insert};
use crate::store::now;
use crate::tags::{read_tags, tags_text};
use crate::text::{INDEXED, fitting};
use crate::{Source, Store, StoreError, TokenLimits};

mod former;
mod uses;

pub use former::FormerSecret;
pub use uses::TokenUse;

/// How long a note may be, in characters.
const NOTE_LENGTH: usize = 2_000;

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
    /// Labels, of which a key must have one to serve this token; without any, all keys do.
    pub tags: Vec<String>,
    /// What it may use.
    pub limits: TokenLimits,
    /// When it ends to open anything.
    pub expires_at: Option<Timestamp>,
    /// Secrets that were replaced by another, and that may still open.
    pub former: Vec<FormerSecret>,
    /// How it came here.
    pub source: Source,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was revoked; such a token opens nothing any more, and stays listed so that the
    /// environment does not bring it back.
    pub revoked_at: Option<Timestamp>,
    /// When it was used last, as far as that was recorded ([`Store::note_token_uses`]).
    pub last_used_at: Option<Timestamp>,
    /// The address that it was used from last, as far as that was recorded.
    pub last_used_from: Option<IpAddr>,
    /// What an administrator wants to remember of it.
    pub note: String,
}

/// What is to be changed of a client token; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct TokenUpdate {
    /// The new name, which must not be in use.
    pub name: Option<String>,
    /// The new labels, all of them.
    pub tags: Option<Vec<String>>,
    /// The new limits, all of them.
    pub limits: Option<TokenLimits>,
    /// What is to be remembered of it.
    pub note: Option<String>,
    /// When it expires; `Some(None)` for never.
    pub expires_at: Option<Option<Timestamp>>,
}

/// What a new client token may do.
#[derive(Debug, Clone, Default)]
pub struct TokenGrant {
    /// Labels, of which a key must have one to serve it; without any, all keys do.
    pub tags: Vec<String>,
    /// What it may use.
    pub limits: TokenLimits,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// What is to be remembered of it.
    pub note: String,
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
        let mut former: HashMap<String, Vec<FormerSecret>> = former::all(&self.control).await?;
        let rows = rows.into_iter().map(|row| {
            let former = former.remove(&row.id).unwrap_or_default();
            Ok(StoredToken { former, ..row.open()? })
        });
        rows.collect()
    }

    /// Stores a new client token that may do what `grant` says, and returns its id. The name must
    /// not be in use, nor the token have been stored before.
    pub async fn create_token(
        &self,
        name: &str,
        token: &ClientToken,
        grant: &TokenGrant,
    ) -> Result<String, StoreError> {
        let name = fitting("the token's name", name.trim(), INDEXED)?;
        let granted = Granted::new(grant)?;
        let mut tx = self.change().await?;
        let same = select().and_where(equals(ClientTokens::Digest, token.digest().to_hex())).take();
        if let Some(row) = tx.optional::<Row>(&same).await? {
            return Err(StoreError::TokenExists(row.name));
        }
        former::refuse_known(&mut tx, token).await?;
        if named(&mut tx, &name).await?.is_some() {
            return Err(StoreError::NameTaken(name.into_owned()));
        }
        let id = insert_token(&mut tx, &name, token, granted, Source::Admin).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Adds those client tokens that were never stored before, named `imported-1`, `imported-2` …
    pub async fn import_tokens(
        &self,
        tokens: &[ClientToken],
        source: Source,
    ) -> Result<ImportedTokens, StoreError> {
        if tokens.is_empty() {
            return Ok(ImportedTokens::default());
        }
        let mut tx = self.change().await?;
        let (counts, new) = sort_out(&mut tx, tokens).await?;
        for (name, token) in new {
            let granted = Granted::new(&TokenGrant::default())?;
            insert_token(&mut tx, &name, token, granted, source).await?;
        }
        if counts.added > 0 {
            tx.commit().await?;
        }
        Ok(counts)
    }

    /// What [`Store::import_tokens`] would do; changes nothing.
    pub async fn preview_tokens(
        &self,
        tokens: &[ClientToken],
    ) -> Result<ImportedTokens, StoreError> {
        let mut tx = self.control.begin().await?;
        Ok(sort_out(&mut tx, tokens).await?.0)
    }

    /// Revokes the client token with this id, or the one in use under this name. Returns it, or
    /// `None` if there is none that could be revoked.
    pub async fn revoke_token(&self, reference: &str) -> Result<Option<StoredToken>, StoreError> {
        let mut tx = self.change().await?;
        let Some(mut row) = meant(&mut tx, reference).await? else { return Ok(None) };
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

    /// Changes the client token with this id, or the one in use under this name. Returns it as it is
    /// now, or `None` if there is none that is not revoked.
    pub async fn update_token(
        &self,
        reference: &str,
        changes: TokenUpdate,
    ) -> Result<Option<StoredToken>, StoreError> {
        self.edit_token(reference, |_| changes).await
    }

    /// The same with changes that depend on what the token is like, such as one limit of several.
    pub async fn edit_token(
        &self,
        reference: &str,
        changes: impl FnOnce(&StoredToken) -> TokenUpdate + Send,
    ) -> Result<Option<StoredToken>, StoreError> {
        let mut tx = self.change().await?;
        let Some(mut row) = meant(&mut tx, reference).await? else { return Ok(None) };
        let changes = changes(&row.clone().open()?);
        if let Some(name) = changes.name {
            let name = fitting("the token's name", name.trim(), INDEXED)?.into_owned();
            if named(&mut tx, &name).await?.is_some_and(|other| other.id != row.id) {
                return Err(StoreError::NameTaken(name));
            }
            row.name = name;
        }
        if let Some(tags) = changes.tags {
            row.tags = tags_text(&tags)?;
        }
        if let Some(limits) = changes.limits {
            row.limits = limits.text()?;
        }
        if let Some(note) = changes.note {
            row.note = Some(written_note(&note)?);
        }
        if let Some(expires_at) = changes.expires_at {
            row.expires_at = expires_at.map(Timestamp::millis);
        }
        let update = Query::update()
            .table(ClientTokens::Table)
            .value(ClientTokens::Name, row.name.as_str())
            .value(ClientTokens::Tags, row.tags.as_str())
            .value(ClientTokens::Limits, row.limits.as_deref())
            .value(ClientTokens::ExpiresAt, row.expires_at)
            .value(ClientTokens::Note, row.note.as_deref())
            .and_where(equals(ClientTokens::Id, row.id.as_str()))
            .take();
        tx.execute(&update).await?;
        tx.commit().await?;
        row.open().map(Some)
    }
}

#[derive(Iden, Clone, Copy)]
enum ClientTokens {
    Table,
    Id,
    Name,
    Digest,
    Mask,
    Tags,
    Source,
    CreatedAt,
    RevokedAt,
    LastUsedAt,
    LastUsedFrom,
    Note,
    Limits,
    ExpiresAt,
}

#[derive(Clone, FromRow)]
struct Row {
    id: String,
    name: String,
    digest: String,
    mask: String,
    tags: String,
    source: String,
    created_at: i64,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
    last_used_from: Option<String>,
    note: Option<String>,
    limits: Option<String>,
    expires_at: Option<i64>,
}

/// A grant as it is stored.
struct Granted {
    tags: String,
    limits: Option<String>,
    expires_at: Option<i64>,
    note: String,
}

impl Granted {
    fn new(grant: &TokenGrant) -> Result<Self, StoreError> {
        Ok(Self {
            tags: tags_text(&grant.tags)?,
            limits: grant.limits.text()?,
            expires_at: grant.expires_at.map(Timestamp::millis),
            note: written_note(&grant.note)?,
        })
    }
}

fn written_note(note: &str) -> Result<String, StoreError> {
    Ok(fitting("the token's note", note.trim(), NOTE_LENGTH)?.into_owned())
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
        let limits = self.limits.as_deref().map(serde_json::from_str).transpose();
        let limits = limits.map_err(|error| StoreError::Damaged {
            table: "client_tokens",
            problem: format!("the limits of {:?}: {error}", self.name),
        })?;
        Ok(StoredToken {
            id: self.id,
            name: self.name,
            digest,
            mask: self.mask,
            tags: read_tags(&self.tags),
            limits: limits.unwrap_or_default(),
            expires_at: self.expires_at.map(Timestamp::from_millis),
            former: Vec::new(),
            source: Source::from_label(&self.source),
            created_at: Timestamp::from_millis(self.created_at),
            revoked_at: self.revoked_at.map(Timestamp::from_millis),
            last_used_at: self.last_used_at.map(Timestamp::from_millis),
            last_used_from: self.last_used_from.and_then(|from| from.parse().ok()),
            note: self.note.unwrap_or_default(),
        })
    }
}

impl From<Row> for Known {
    fn from(row: Row) -> Self {
        Self { name: row.name, digest: row.digest, revoked: row.revoked_at.is_some() }
    }
}

/// Those client tokens that an import would add, with their names, and how many it would not.
async fn sort_out<'t>(
    tx: &mut Tx,
    tokens: &'t [ClientToken],
) -> Result<(ImportedTokens, Vec<(String, &'t ClientToken)>), StoreError> {
    let mut rows: Vec<Known> =
        tx.all::<Row>(&select().take()).await?.into_iter().map(Known::from).collect();
    // What was replaced must not come back by the environment, as a token of its own.
    let replaced = former::digests(tx).await?;
    let mut counts = ImportedTokens::default();
    let mut new = Vec::new();
    let mut number = 0;
    for token in tokens {
        let digest = token.digest().to_hex();
        match rows.iter().find(|row| row.digest == digest) {
            Some(row) if row.revoked => counts.revoked += 1,
            Some(_) => counts.existing += 1,
            None if replaced.contains(&digest) => counts.existing += 1,
            None => {
                let name = free_name(&rows, &mut number);
                rows.push(Known { name: name.clone(), digest, revoked: false });
                new.push((name, token));
                counts.added += 1;
            }
        }
    }
    Ok((counts, new))
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
            ClientTokens::Tags,
            ClientTokens::Source,
            ClientTokens::CreatedAt,
            ClientTokens::RevokedAt,
            ClientTokens::LastUsedAt,
            ClientTokens::LastUsedFrom,
            ClientTokens::Note,
            ClientTokens::Limits,
            ClientTokens::ExpiresAt,
        ])
        .from(ClientTokens::Table)
        .order_by(ClientTokens::Id, Order::Asc)
        .take()
}

/// The client token in use under this name.
async fn named(tx: &mut Tx, name: &str) -> Result<Option<Row>, StoreError> {
    in_use(tx, Cond::all().add(equals(ClientTokens::Name, name))).await
}

/// The client token with this id, or the one in use under this name.
async fn meant(tx: &mut Tx, reference: &str) -> Result<Option<Row>, StoreError> {
    let either = Cond::any()
        .add(equals(ClientTokens::Id, reference))
        .add(equals(ClientTokens::Name, reference));
    in_use(tx, either).await
}

async fn in_use(tx: &mut Tx, condition: Cond) -> Result<Option<Row>, StoreError> {
    let select = select()
        .and_where(Expr::col(ClientTokens::RevokedAt).is_null())
        .cond_where(condition)
        .take();
    tx.optional(&select).await
}

async fn insert_token(
    tx: &mut Tx,
    name: &str,
    token: &ClientToken,
    granted: Granted,
    source: Source,
) -> Result<String, StoreError> {
    let id = Uuid::now_v7().to_string();
    let row: [(ClientTokens, Expr); 10] = [
        (ClientTokens::Id, id.as_str().into()),
        (ClientTokens::Name, name.into()),
        (ClientTokens::Digest, token.digest().to_hex().into()),
        (ClientTokens::Mask, token.mask().into()),
        (ClientTokens::Tags, granted.tags.into()),
        (ClientTokens::Limits, granted.limits.into()),
        (ClientTokens::ExpiresAt, granted.expires_at.into()),
        (ClientTokens::Note, granted.note.into()),
        (ClientTokens::Source, source.as_str().into()),
        (ClientTokens::CreatedAt, now().millis().into()),
    ];
    tx.execute(&insert(ClientTokens::Table, row)).await?;
    Ok(id)
}

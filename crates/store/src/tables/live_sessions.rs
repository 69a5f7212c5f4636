//! Live sessions that can go on, by the digests of their handles: `live_sessions`.

use keypool::Timestamp;
use sea_query::{Expr, ExprTrait as _, Iden, Query};
use secret::TokenDigest;
use sqlx::FromRow;

use crate::sql::{equals, upsert};
use crate::{Store, StoreError};

/// What must be known of a session to go on with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSession {
    /// The digest of the handle that Google gave.
    pub digest: TokenDigest,
    /// The key that it runs with.
    pub key_id: String,
    /// The project of that key, if its name is known.
    pub project: Option<String>,
    /// The client token that began it.
    pub token_id: String,
    /// When the handle leads nowhere any more.
    pub expires_at: Timestamp,
}

#[derive(Iden, Clone, Copy)]
enum LiveSessions {
    Table,
    Digest,
    KeyId,
    Project,
    TokenId,
    ExpiresAt,
}

#[derive(FromRow)]
struct Row {
    key_id: String,
    project: Option<String>,
    token_id: String,
    expires_at: i64,
}

impl Store {
    /// Keeps sessions, all in one transaction.
    pub async fn keep_live_sessions(&self, sessions: &[KeptSession]) -> Result<(), StoreError> {
        let mut tx = self.logs.begin().await?;
        for session in sessions {
            let row: [(LiveSessions, Expr); 5] = [
                (LiveSessions::Digest, session.digest.to_hex().into()),
                (LiveSessions::KeyId, session.key_id.as_str().into()),
                (LiveSessions::Project, session.project.as_deref().into()),
                (LiveSessions::TokenId, session.token_id.as_str().into()),
                (LiveSessions::ExpiresAt, session.expires_at.millis().into()),
            ];
            tx.execute(&upsert(LiveSessions::Table, row, 1)).await?;
        }
        tx.commit().await
    }

    /// The session of a handle, unless it has expired by `now`.
    pub async fn find_live_session(
        &self,
        digest: TokenDigest,
        now: Timestamp,
    ) -> Result<Option<KeptSession>, StoreError> {
        let select = Query::select()
            .columns([
                LiveSessions::KeyId,
                LiveSessions::Project,
                LiveSessions::TokenId,
                LiveSessions::ExpiresAt,
            ])
            .from(LiveSessions::Table)
            .and_where(equals(LiveSessions::Digest, digest.to_hex()))
            .and_where(Expr::col(LiveSessions::ExpiresAt).gt(now.millis()))
            .take();
        let row: Option<Row> = self.logs.optional(&select).await?;
        Ok(row.map(|row| KeptSession {
            digest,
            key_id: row.key_id,
            project: row.project,
            token_id: row.token_id,
            expires_at: Timestamp::from_millis(row.expires_at),
        }))
    }

    /// Forgets sessions that cannot go on any more. Returns how many they were.
    pub async fn forget_expired_live_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        let delete = Query::delete()
            .from_table(LiveSessions::Table)
            .and_where(Expr::col(LiveSessions::ExpiresAt).lte(now.millis()))
            .take();
        let mut tx = self.logs.begin().await?;
        let forgotten = tx.execute(&delete).await?;
        tx.commit().await?;
        Ok(forgotten)
    }
}

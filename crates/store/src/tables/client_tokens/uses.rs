//! When client tokens were used last, and from where.

use std::net::IpAddr;

use keypool::Timestamp;
use sea_query::Query;

use super::ClientTokens;
use crate::sql::equals;
use crate::{Store, StoreError};

/// That a client token was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUse {
    /// The token's id.
    pub token_id: String,
    /// When.
    pub at: Timestamp,
    /// From where; none where nobody knows.
    pub from: Option<IpAddr>,
}

impl Store {
    /// Records when client tokens were used last. No change that a server takes up.
    pub async fn note_token_uses(&self, uses: &[TokenUse]) -> Result<(), StoreError> {
        if uses.is_empty() {
            return Ok(());
        }
        let mut tx = self.control.begin().await?;
        for TokenUse { token_id, at, from } in uses {
            let mut update = Query::update()
                .table(ClientTokens::Table)
                .value(ClientTokens::LastUsedAt, at.millis())
                .and_where(equals(ClientTokens::Id, token_id.as_str()))
                .take();
            if let Some(from) = from {
                update.value(ClientTokens::LastUsedFrom, from.to_string());
            }
            tx.execute(&update).await?;
        }
        tx.commit().await
    }
}

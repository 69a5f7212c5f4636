use keypool::Timestamp;
use sea_query::{Expr, ExprTrait as _, Iden, Query};
use sqlx::FromRow;

use super::logs::Dated;
use super::running_responses;
use crate::db::Tx;
use crate::sql::{equals, insert};
use crate::store::now;
use crate::text::{INDEXED, fitting};
use crate::{Store, StoreError};

impl Store {
    /// Keeps a response of the client whose token this is, sealed. The id must be new.
    ///
    /// With SQLite it lies beside the logs: like them it comes in floods.
    pub async fn insert_response(
        &self,
        token_id: &str,
        id: &str,
        body: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.logs.begin().await?;
        self.insert_response_in(&mut tx, token_id, id, body).await?;
        tx.commit().await
    }

    pub(super) async fn insert_response_in(
        &self,
        tx: &mut Tx,
        token_id: &str,
        id: &str,
        body: &str,
    ) -> Result<(), StoreError> {
        let id = fitting("the response's id", id, INDEXED)?.into_owned();
        let token_id = fitting("the token's id", token_id, INDEXED)?.into_owned();
        let sealed = self.vault.seal(&seal_context(&id), body.as_bytes())?;
        let row: [(Responses, Expr); 4] = [
            (Responses::Id, id.into()),
            (Responses::TokenId, token_id.into()),
            (Responses::At, now().millis().into()),
            (Responses::Body, sealed.into()),
        ];
        tx.execute(&insert(Responses::Table, row)).await.map(drop)
    }

    pub(super) async fn update_response_in(
        &self,
        tx: &mut Tx,
        id: &str,
        body: &str,
    ) -> Result<(), StoreError> {
        let sealed = self.vault.seal(&seal_context(id), body.as_bytes())?;
        let update = Query::update()
            .table(Responses::Table)
            .value(Responses::Body, sealed)
            .and_where(equals(Responses::Id, id))
            .take();
        tx.execute(&update).await.map(drop)
    }

    /// What was kept under this id, if it belongs to that token.
    pub async fn find_response(
        &self,
        token_id: &str,
        id: &str,
    ) -> Result<Option<String>, StoreError> {
        let select = Query::select()
            .column(Responses::Body)
            .from(Responses::Table)
            .and_where(belongs(token_id, id))
            .take();
        let row: Option<Row> = self.logs.optional(&select).await?;
        row.map(|row| {
            let plain = self.vault.open(&seal_context(id), &row.body).ok();
            let plain = plain.and_then(|plain| String::from_utf8(plain.to_vec()).ok());
            plain.ok_or_else(|| StoreError::Damaged {
                table: "responses",
                problem: format!("{id} does not open"),
            })
        })
        .transpose()
    }

    /// Deletes a response, if it belongs to that token. Returns whether it was there.
    pub async fn delete_response(&self, token_id: &str, id: &str) -> Result<bool, StoreError> {
        let delete =
            Query::delete().from_table(Responses::Table).and_where(belongs(token_id, id)).take();
        let mut tx = self.logs.begin().await?;
        let found = tx.execute(&delete).await? > 0;
        if found {
            running_responses::give_up(&mut tx, id).await?;
        }
        tx.commit().await?;
        Ok(found)
    }

    /// Deletes the responses that were kept before `moment`, as
    /// [`Store::delete_requests_before`] does.
    pub async fn delete_responses_before(&self, moment: Timestamp) -> Result<u64, StoreError> {
        self.delete_before(Dated::RunningResponses, moment).await?;
        self.delete_before(Dated::Responses, moment).await
    }
}

fn belongs(token_id: &str, id: &str) -> Expr {
    equals(Responses::Id, id).and(equals(Responses::TokenId, token_id))
}

pub(crate) fn seal_context(id: &str) -> String {
    format!("responses:{id}:body")
}

#[derive(Iden, Clone, Copy)]
enum Responses {
    Table,
    Id,
    TokenId,
    At,
    Body,
}

#[derive(FromRow)]
struct Row {
    body: String,
}

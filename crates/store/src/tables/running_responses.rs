//! Responses that are worked on while nobody waits. A row stands for the work; whoever deletes it
//! decides how the response has ended, so that it ends once.

use keypool::Timestamp;
use sea_query::{Expr, ExprTrait as _, Iden, Query};
use sqlx::FromRow;

use crate::db::Tx;
use crate::sql::{equals, insert};
use crate::store::now;
use crate::{Store, StoreError};

impl Store {
    /// Keeps a response as [`Store::insert_response`] does, and that it is being worked on.
    pub async fn begin_response(
        &self,
        token_id: &str,
        id: &str,
        body: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.logs.begin().await?;
        self.insert_response_in(&mut tx, token_id, id, body).await?;
        let row: [(Running, Expr); 2] =
            [(Running::Id, id.into()), (Running::At, now().millis().into())];
        tx.execute(&insert(Running::Table, row)).await?;
        tx.commit().await
    }

    /// Says that somebody still works on a response. Returns whether it has not ended.
    pub async fn renew_response(&self, id: &str) -> Result<bool, StoreError> {
        let mut tx = self.logs.begin().await?;
        let runs = renew(&mut tx, id).await?;
        tx.commit().await?;
        Ok(runs)
    }

    /// Keeps what has become of a response that is worked on. Returns whether it has not ended.
    pub async fn advance_response(&self, id: &str, body: &str) -> Result<bool, StoreError> {
        let mut tx = self.logs.begin().await?;
        let runs = renew(&mut tx, id).await?;
        if runs {
            self.update_response_in(&mut tx, id, body).await?;
        }
        tx.commit().await?;
        Ok(runs)
    }

    /// Keeps how a response has ended. Returns whether it had not ended before.
    pub async fn end_response(&self, id: &str, body: &str) -> Result<bool, StoreError> {
        self.end(id, equals(Running::Id, id), body).await
    }

    /// Ends a response that nobody has worked on since before `moment`. Returns whether that was so.
    pub async fn abandon_response(
        &self,
        id: &str,
        moment: Timestamp,
        body: &str,
    ) -> Result<bool, StoreError> {
        let silent = Expr::col(Running::At).lt(moment.millis());
        self.end(id, equals(Running::Id, id).and(silent), body).await
    }

    /// When somebody said last that a response is worked on; `None` if it has ended.
    pub async fn response_renewed(&self, id: &str) -> Result<Option<Timestamp>, StoreError> {
        let select = Query::select()
            .column(Running::At)
            .from(Running::Table)
            .and_where(equals(Running::Id, id))
            .take();
        let row: Option<Renewed> = self.logs.optional(&select).await?;
        Ok(row.map(|row| Timestamp::from_millis(row.at)))
    }

    async fn end(&self, id: &str, which: Expr, body: &str) -> Result<bool, StoreError> {
        let mut tx = self.logs.begin().await?;
        let ends = tx.execute(&delete(which)).await? > 0;
        if ends {
            self.update_response_in(&mut tx, id, body).await?;
        }
        tx.commit().await?;
        Ok(ends)
    }
}

/// The response is gone, and with it the work.
pub(super) async fn give_up(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    tx.execute(&delete(equals(Running::Id, id))).await.map(drop)
}

fn delete(which: Expr) -> sea_query::DeleteStatement {
    Query::delete().from_table(Running::Table).and_where(which).take()
}

async fn renew(tx: &mut Tx, id: &str) -> Result<bool, StoreError> {
    let update = Query::update()
        .table(Running::Table)
        .value(Running::At, now().millis())
        .and_where(equals(Running::Id, id))
        .take();
    Ok(tx.execute(&update).await? > 0)
}

#[derive(Iden, Clone, Copy)]
enum Running {
    #[iden = "running_responses"]
    Table,
    Id,
    At,
}

#[derive(FromRow)]
struct Renewed {
    at: i64,
}

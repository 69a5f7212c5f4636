//! What client tokens have used, day by day: `token_usage`.

use sea_query::{Asterisk, Expr, ExprTrait as _, Iden, Order, Query};
use sqlx::FromRow;

use crate::sql::upsert;
use crate::{Cost, Store, StoreError};

/// What a client token has used in a day, as one process counted it or as all did together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// The token's id.
    pub token_id: String,
    /// The day, as in `2026-11-26`.
    pub day: String,
    /// Requests.
    pub requests: u64,
    /// Tokens, those read and those written.
    pub tokens: u64,
    /// What they cost by list price.
    pub cost: Cost,
}

#[derive(Iden, Clone, Copy)]
enum TokenUses {
    #[iden = "token_usage"]
    Table,
    TokenId,
    Day,
    Replica,
    Requests,
    Tokens,
    Cost,
}

#[derive(FromRow)]
struct Row {
    token_id: String,
    day: String,
    replica: String,
    requests: i64,
    tokens: i64,
    cost: i64,
}

impl Store {
    /// Writes down what the process named `replica` has counted so far; each count replaces the
    /// earlier one of the same token, day and process.
    pub async fn save_token_usage(
        &self,
        replica: &str,
        usage: &[TokenUsage],
    ) -> Result<(), StoreError> {
        if usage.is_empty() {
            return Ok(());
        }
        let mut tx = self.control.begin().await?;
        for used in usage {
            let row: [(TokenUses, Expr); 6] = [
                (TokenUses::TokenId, used.token_id.as_str().into()),
                (TokenUses::Day, used.day.as_str().into()),
                (TokenUses::Replica, replica.into()),
                (TokenUses::Requests, count(used.requests).into()),
                (TokenUses::Tokens, count(used.tokens).into()),
                (TokenUses::Cost, count(used.cost.nanos()).into()),
            ];
            tx.execute(&upsert(TokenUses::Table, row, 3)).await?;
        }
        tx.commit().await
    }

    /// What tokens have used from a day on, by day and token; what the process named `except`
    /// has counted is left out.
    pub async fn token_usage_since(
        &self,
        day: &str,
        except: Option<&str>,
    ) -> Result<Vec<TokenUsage>, StoreError> {
        let select = Query::select()
            .column(Asterisk)
            .from(TokenUses::Table)
            .and_where(Expr::col(TokenUses::Day).gte(day))
            .order_by(TokenUses::Day, Order::Asc)
            .order_by(TokenUses::TokenId, Order::Asc)
            .take();
        let rows: Vec<Row> = self.control.all(&select).await?;
        let rows = rows.into_iter().filter(|row| except != Some(row.replica.as_str()));
        let mut sums: Vec<TokenUsage> = Vec::new();
        for row in rows {
            match sums.last_mut() {
                Some(sum) if sum.day == row.day && sum.token_id == row.token_id => row.add(sum),
                _ => {
                    let (token_id, day) = (row.token_id.clone(), row.day.clone());
                    let mut sum = TokenUsage { token_id, day, ..TokenUsage::default() };
                    row.add(&mut sum);
                    sums.push(sum);
                }
            }
        }
        Ok(sums)
    }

    /// Deletes what was counted before a day. Returns how many rows there were.
    pub async fn delete_token_usage_before(&self, day: &str) -> Result<u64, StoreError> {
        let delete = Query::delete()
            .from_table(TokenUses::Table)
            .and_where(Expr::col(TokenUses::Day).lt(day))
            .take();
        let mut tx = self.control.begin().await?;
        let deleted = tx.execute(&delete).await?;
        tx.commit().await?;
        Ok(deleted)
    }
}

impl Row {
    fn add(&self, sum: &mut TokenUsage) {
        let positive = |number: i64| u64::try_from(number).unwrap_or(0);
        sum.requests = sum.requests.saturating_add(positive(self.requests));
        sum.tokens = sum.tokens.saturating_add(positive(self.tokens));
        sum.cost = Cost::from_nanos(sum.cost.nanos().saturating_add(positive(self.cost)));
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

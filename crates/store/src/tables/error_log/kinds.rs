//! Failed attempts that are alike: when they happened first and last, and whom they concern.

use keypool::{KeyId, Timestamp};
use sea_query::{Alias, Cond, Expr, ExprTrait as _, Order, Query, SelectStatement};
use sqlx::FromRow;

use super::{COLUMNS, ErrorLog, LoggedError, Row};
use crate::sql::equals;
use crate::text::{INDEXED, cut};
use crate::{Store, StoreError};

/// What failed attempts have in common that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorKind {
    /// The outcome's label.
    pub outcome: String,
    /// The HTTP status that Google answered with, if it answered.
    pub status: Option<u16>,
    /// The model, if there was one.
    pub model: Option<String>,
}

/// Whom failed attempts of a kind concern.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Met {
    /// How many keys.
    pub keys: u64,
    /// How many client tokens.
    pub tokens: u64,
    /// How many attempts were looked at for it.
    pub attempts: u64,
}

/// The label of the sums of a kind, [`Subject::Error`](crate::Subject::Error).
pub(crate) fn label_of(outcome: &str, status: Option<u16>, model: Option<&str>) -> String {
    let model = model.unwrap_or_default();
    let label = match status {
        Some(status) => format!("{outcome}/{status}/{model}"),
        None => format!("{outcome}/-/{model}"),
    };
    cut(&label, INDEXED).into_owned()
}

impl ErrorKind {
    /// Its name: that of its sums, and of what people decided of it.
    pub fn label(&self) -> String {
        label_of(&self.outcome, self.status, self.model.as_deref())
    }

    /// The kind of this name.
    pub fn from_label(label: &str) -> Option<Self> {
        let mut parts = label.splitn(3, '/');
        let outcome = parts.next().filter(|outcome| !outcome.is_empty())?.to_owned();
        let status = match parts.next()? {
            "-" => None,
            status => Some(status.parse().ok()?),
        };
        let model = Some(parts.next()?.to_owned()).filter(|model| !model.is_empty());
        Some(Self { outcome, status, model })
    }

    fn condition(&self) -> Cond {
        let or_nothing = |column: ErrorLog, value: Option<Expr>| match value {
            Some(value) => equals(column, value),
            None => Expr::col(column).is_null(),
        };
        Cond::all()
            .add(equals(ErrorLog::Outcome, self.outcome.as_str()))
            .add(or_nothing(ErrorLog::Status, self.status.map(|status| i64::from(status).into())))
            .add(or_nothing(ErrorLog::Model, self.model.as_deref().map(Into::into)))
    }
}

impl Store {
    /// When the oldest attempt of a kind failed that the log still holds.
    pub async fn first_of_kind(&self, kind: &ErrorKind) -> Result<Option<Timestamp>, StoreError> {
        let select = of_kind(kind).column(ErrorLog::At).order_by(ErrorLog::At, Order::Asc).take();
        let row: Option<At> = self.logs.optional(&select).await?;
        Ok(row.map(|row| Timestamp::from_millis(row.at)))
    }

    /// The newest attempt of a kind.
    pub async fn newest_of_kind(
        &self,
        kind: &ErrorKind,
    ) -> Result<Option<LoggedError>, StoreError> {
        let select = of_kind(kind).columns(COLUMNS).order_by(ErrorLog::At, Order::Desc).take();
        let row: Option<Row> = self.logs.optional(&select).await?;
        Ok(row.map(LoggedError::from))
    }

    /// How many keys and client tokens the attempts of a kind concern since a moment; no more than
    /// `at_most` attempts, the newest, are looked at.
    pub async fn met_by(
        &self,
        kind: &ErrorKind,
        since: Timestamp,
        at_most: u64,
    ) -> Result<Met, StoreError> {
        let select = Query::select()
            .expr_as(Expr::col(ErrorLog::KeyId).count_distinct(), Alias::new("met_keys"))
            .expr_as(Expr::col(ErrorLog::TokenId).count_distinct(), Alias::new("met_tokens"))
            .expr_as(Expr::col(ErrorLog::At).count(), Alias::new("attempts"))
            .from_subquery(newest(kind, since, at_most), Alias::new("newest"))
            .take();
        let row: Option<MetRow> = self.logs.optional(&select).await?;
        let positive = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok(row.map_or_else(Met::default, |row| Met {
            keys: positive(row.met_keys),
            tokens: positive(row.met_tokens),
            attempts: positive(row.attempts),
        }))
    }

    /// The keys that the attempts of a kind were made with since a moment, in no order; no more than
    /// `at_most` attempts, the newest, are looked at.
    pub async fn keys_that_met(
        &self,
        kind: &ErrorKind,
        since: Timestamp,
        at_most: u64,
    ) -> Result<Vec<KeyId>, StoreError> {
        let select = Query::select()
            .distinct()
            .column(ErrorLog::KeyId)
            .from_subquery(newest(kind, since, at_most), Alias::new("newest"))
            .and_where(Expr::col(ErrorLog::KeyId).is_not_null())
            .take();
        let rows: Vec<KeyRow> = self.logs.all(&select).await?;
        Ok(rows.into_iter().map(|row| KeyId::from(row.key_id)).collect())
    }
}

fn of_kind(kind: &ErrorKind) -> SelectStatement {
    Query::select().from(ErrorLog::Table).cond_where(kind.condition()).limit(1).take()
}

fn newest(kind: &ErrorKind, since: Timestamp, at_most: u64) -> SelectStatement {
    Query::select()
        .columns([ErrorLog::At, ErrorLog::KeyId, ErrorLog::TokenId])
        .from(ErrorLog::Table)
        .cond_where(kind.condition())
        .and_where(Expr::col(ErrorLog::At).gte(since.millis()))
        .order_by(ErrorLog::At, Order::Desc)
        .limit(at_most)
        .take()
}

#[derive(FromRow)]
struct At {
    at: i64,
}

#[derive(FromRow)]
struct MetRow {
    met_keys: i64,
    met_tokens: i64,
    attempts: i64,
}

#[derive(FromRow)]
struct KeyRow {
    key_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_a_name_that_is_read_again() {
        for (outcome, status, model) in [
            ("quota_spent", Some(429), Some("gemini-2.5-pro")),
            ("link_broken", None, None),
            ("key_refused", Some(403), Some("tunedModels/mine")),
        ] {
            let (outcome, model) = (outcome.to_owned(), model.map(str::to_owned));
            let kind = ErrorKind { outcome, status, model };
            assert_eq!(ErrorKind::from_label(&kind.label()), Some(kind));
        }
        for wrong in ["", "quota_spent", "quota_spent/429", "/429/m", "quota_spent/x/m"] {
            assert_eq!(ErrorKind::from_label(wrong), None, "{wrong}");
        }
    }
}

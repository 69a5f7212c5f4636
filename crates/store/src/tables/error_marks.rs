//! What people decided of failed attempts that are alike.

use std::collections::BTreeMap;

use keypool::Timestamp;
use sea_query::{Expr, Iden, Query};
use sqlx::FromRow;

use crate::sql::{equals, upsert};
use crate::store::now;
use crate::text::{INDEXED, cut};
use crate::{ErrorKind, Store, StoreError};

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Nobody wants to see them.
    Ignored,
    /// They are dealt with: what fails later is news.
    Resolved,
}

impl Mark {
    /// As it stands in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::Resolved => "resolved",
        }
    }

    fn from_label(label: &str) -> Option<Self> {
        [Self::Ignored, Self::Resolved].into_iter().find(|mark| mark.as_str() == label)
    }
}

/// What was decided, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorMark {
    /// What was decided.
    pub mark: Mark,
    /// Who decided it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// What was decided, by the names of kinds ([`ErrorKind::label`]).
    pub async fn error_marks(&self) -> Result<BTreeMap<String, ErrorMark>, StoreError> {
        let select = Query::select()
            .columns([Marks::Label, Marks::Mark, Marks::Actor, Marks::At])
            .from(Marks::Table)
            .take();
        let rows: Vec<Row> = self.control.all(&select).await?;
        let read = |row: Row| {
            let mark = Mark::from_label(&row.mark)?;
            let at = Timestamp::from_millis(row.at);
            Some((row.label, ErrorMark { mark, actor: row.actor, at }))
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Decides so of a kind, as of now; `None` takes back what was decided.
    pub async fn mark_errors(
        &self,
        kind: &ErrorKind,
        mark: Option<Mark>,
        actor: &str,
    ) -> Result<(), StoreError> {
        let label = kind.label();
        let mut tx = self.control.begin().await?;
        if let Some(mark) = mark {
            let row: [(Marks, Expr); 4] = [
                (Marks::Label, label.into()),
                (Marks::Mark, mark.as_str().into()),
                (Marks::Actor, cut(actor, INDEXED).as_ref().into()),
                (Marks::At, now().millis().into()),
            ];
            tx.execute(&upsert(Marks::Table, row, 1)).await?;
        } else {
            let delete = Query::delete()
                .from_table(Marks::Table)
                .and_where(equals(Marks::Label, label.as_str()))
                .take();
            tx.execute(&delete).await?;
        }
        tx.commit().await
    }
}

#[derive(Iden, Clone, Copy)]
#[iden = "error_marks"]
enum Marks {
    Table,
    Label,
    Mark,
    Actor,
    At,
}

#[derive(FromRow)]
struct Row {
    label: String,
    mark: String,
    actor: String,
    at: i64,
}

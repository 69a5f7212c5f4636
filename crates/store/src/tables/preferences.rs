use std::collections::BTreeMap;

use sea_query::{DeleteStatement, Expr, Iden, Query};
use sqlx::FromRow;

use crate::sql::{equals, upsert};
use crate::text::{INDEXED, fitting};
use crate::{Store, StoreError};

/// The longest value, in characters.
const VALUE_LENGTH: usize = 2_000;

impl Store {
    /// What somebody has set for themselves, by name.
    pub async fn preferences(&self, person: &str) -> Result<BTreeMap<String, String>, StoreError> {
        let select = Query::select()
            .columns([Preferences::Name, Preferences::Value])
            .from(Preferences::Table)
            .and_where(equals(Preferences::Person, person))
            .take();
        let rows: Vec<Row> = self.control.all(&select).await?;
        Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
    }

    /// Keeps what somebody sets for themselves.
    pub async fn set_preference(
        &self,
        person: &str,
        name: &str,
        value: &str,
    ) -> Result<(), StoreError> {
        let row: [(Preferences, Expr); 3] = [
            (Preferences::Person, fitting("the name", person, INDEXED)?.as_ref().into()),
            (Preferences::Name, fitting("the preference", name, INDEXED)?.as_ref().into()),
            (Preferences::Value, fitting("the value", value, VALUE_LENGTH)?.as_ref().into()),
        ];
        let mut tx = self.control.begin().await?;
        tx.execute(&upsert(Preferences::Table, row, 2)).await?;
        tx.commit().await
    }
}

/// Forgets what somebody had set.
pub(crate) fn of_person(person: &str) -> DeleteStatement {
    Query::delete()
        .from_table(Preferences::Table)
        .and_where(equals(Preferences::Person, person))
        .take()
}

#[derive(Iden, Clone, Copy)]
enum Preferences {
    Table,
    Person,
    Name,
    Value,
}

#[derive(FromRow)]
struct Row {
    name: String,
    value: String,
}

use std::collections::HashSet;

use keypool::Timestamp;
use sea_query::{Expr, Iden, Order, Query};
use sqlx::FromRow;

use crate::sql::{equals, insert};
use crate::store::now;
use crate::text::{INDEXED, fitting};
use crate::{Store, StoreError};

/// What Google says of a model is shorter; what is not is left out.
const LISTING_LENGTH: usize = 8_000;

/// No list of models is longer.
const MOST: usize = 2_000;

/// A model that Google lists, or has listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedModel {
    /// Its name without `models/`.
    pub name: String,
    /// When it stood in the list for the first time that anybody looked.
    pub first_seen: Timestamp,
    /// When it stood there last.
    pub last_seen: Timestamp,
    /// What Google says of it, as JSON.
    pub listing: String,
}

impl Store {
    /// Every model that Google has ever listed here, by name.
    pub async fn listed_models(&self) -> Result<Vec<ListedModel>, StoreError> {
        let columns = [
            ListedModels::Name,
            ListedModels::FirstSeen,
            ListedModels::LastSeen,
            ListedModels::Listing,
        ];
        let select = Query::select()
            .columns(columns)
            .from(ListedModels::Table)
            .order_by(ListedModels::Name, Order::Asc)
            .take();
        let rows: Vec<Row> = self.control.all(&select).await?;
        Ok(rows.into_iter().map(ListedModel::from).collect())
    }

    /// Writes down what Google lists now: names, each with what is said of it as JSON. Models that
    /// were listed before keep the moment at which they were seen first.
    pub async fn saw_models(&self, listed: &[(String, String)]) -> Result<(), StoreError> {
        let seen = now();
        let known = self.listed_models().await?;
        let is_known = |name: &str| known.iter().any(|model| model.name == name);
        let mut told = HashSet::new();
        let mut tx = self.control.begin().await?;
        for (name, listing) in listed.iter().take(MOST) {
            let Ok(name) = fitting("the model", name, INDEXED) else { continue };
            if !told.insert(name.clone()) {
                continue;
            }
            let listing = if listing.len() > LISTING_LENGTH { "{}" } else { listing };
            if is_known(&name) {
                let update = Query::update()
                    .table(ListedModels::Table)
                    .value(ListedModels::LastSeen, seen.millis())
                    .value(ListedModels::Listing, listing)
                    .and_where(equals(ListedModels::Name, name.as_ref()))
                    .take();
                tx.execute(&update).await?;
                continue;
            }
            let row: [(ListedModels, Expr); 4] = [
                (ListedModels::Name, name.as_ref().into()),
                (ListedModels::FirstSeen, seen.millis().into()),
                (ListedModels::LastSeen, seen.millis().into()),
                (ListedModels::Listing, listing.into()),
            ];
            tx.execute(&insert(ListedModels::Table, row)).await?;
        }
        tx.commit().await
    }
}

#[derive(Iden, Clone, Copy)]
enum ListedModels {
    Table,
    Name,
    FirstSeen,
    LastSeen,
    Listing,
}

#[derive(FromRow)]
struct Row {
    name: String,
    first_seen: i64,
    last_seen: i64,
    listing: String,
}

impl From<Row> for ListedModel {
    fn from(row: Row) -> Self {
        let Row { name, first_seen, last_seen, listing } = row;
        let (first, last) = (Timestamp::from_millis(first_seen), Timestamp::from_millis(last_seen));
        Self { name, first_seen: first, last_seen: last, listing }
    }
}

//! Resources as an administrator looks at them: all of them, whoever made them.

use std::collections::HashMap;

use keypool::Timestamp;
use sea_query::{
    Alias, Asterisk, CaseStatement, Cond, Expr, ExprTrait as _, Func, Order, Query, SelectStatement,
};
use sqlx::FromRow;

use super::{Resource, Resources, Row};
use crate::sql::equals;
use crate::{Store, StoreError};

/// Values of one `IN`: databases take no more than some ten thousand.
const MOST_AT_ONCE: usize = 10_000;

/// Which resources are wanted; without anything, all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceFilter {
    /// Only these kinds.
    pub kinds: Option<Vec<String>>,
    /// Only those of this client token.
    pub token_id: Option<String>,
    /// Only those that were made with one of these keys, of which 10,000 are looked at.
    pub key_ids: Option<Vec<String>>,
    /// Only those that have expired, or only those that have not.
    pub is_over: Option<bool>,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResourceOrder {
    /// What it goes by.
    pub by: ResourceColumn,
    /// Whether the newest, the latest or the largest come first.
    pub downwards: bool,
}

/// What a list goes by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ResourceColumn {
    /// When they were made.
    #[default]
    Made,
    /// When they expire; those that never do are last either way.
    Expires,
    /// Their bytes; those without are last either way.
    Size,
}

/// Resources that have their key and kind in common, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceGroup {
    /// The key that they were made with.
    pub key_id: String,
    /// Its project when they were made, if it had a name.
    pub project: Option<String>,
    /// The list that they are found in.
    pub kind: String,
    /// How many there are.
    pub count: u64,
    /// How many of those have expired.
    pub over: u64,
    /// The bytes of those that have not.
    pub bytes: u64,
}

#[derive(FromRow)]
struct GroupRow {
    key_id: String,
    project: Option<String>,
    kind: String,
    total: i64,
    ended: i64,
    bytes: i64,
}

#[derive(FromRow)]
struct Place {
    name: String,
}

impl Store {
    /// All resources in numbers, or those of a client token.
    pub async fn survey_resources(
        &self,
        token_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<ResourceGroup>, StoreError> {
        let over = CaseStatement::new().case(is_over(now), 1_i64).finally(0_i64);
        let bytes = CaseStatement::new()
            .case(is_over(now), 0_i64)
            .finally(Func::coalesce([Expr::col(Resources::Size), 0_i64.into()]));
        let columns = [Resources::KeyId, Resources::Project, Resources::Kind];
        let select = Query::select()
            .columns(columns)
            .expr_as(Expr::col(Asterisk).count(), Alias::new("total"))
            .expr_as(self.total(over.into()), Alias::new("ended"))
            .expr_as(self.total(bytes.into()), Alias::new("bytes"))
            .from(Resources::Table)
            .and_where_option(token_id.map(|token_id| equals(Resources::TokenId, token_id)))
            .group_by_columns(columns)
            .take();
        let rows: Vec<GroupRow> = self.control.all(&select).await?;
        let number = |number| u64::try_from(number).unwrap_or(0);
        let groups = rows.into_iter().map(|row| ResourceGroup {
            key_id: row.key_id,
            project: row.project,
            kind: row.kind,
            count: number(row.total),
            over: number(row.ended),
            bytes: number(row.bytes),
        });
        Ok(groups.collect())
    }

    /// A page of the resources that a filter finds.
    pub async fn page_of_resources(
        &self,
        filter: &ResourceFilter,
        order: ResourceOrder,
        offset: u64,
        limit: u64,
        now: Timestamp,
    ) -> Result<Vec<Resource>, StoreError> {
        let mut select = select_places(filter, now);
        let direction = if order.downwards { Order::Desc } else { Order::Asc };
        let column = match order.by {
            ResourceColumn::Made => None,
            ResourceColumn::Expires => Some(Resources::ExpiresAt),
            ResourceColumn::Size => Some(Resources::Size),
        };
        if let Some(column) = column {
            select.order_by_expr(Expr::col(column).is_null(), Order::Asc);
            select.order_by(column, direction.clone());
        }
        let select = select
            .order_by(Resources::CreatedAt, direction.clone())
            .order_by(Resources::Name, direction)
            .offset(offset)
            .limit(limit)
            .take();
        let places: Vec<Place> = self.control.all(&select).await?;
        self.resources_at(places).await
    }

    /// Whole rows, in the order of their places. The places come from an index, and these few rows
    /// are all that is read of the table.
    async fn resources_at(&self, places: Vec<Place>) -> Result<Vec<Resource>, StoreError> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let names = places.iter().map(|place| place.name.as_str());
        let select = Query::select()
            .column(Asterisk)
            .from(Resources::Table)
            .and_where(Expr::col(Resources::Name).is_in(names))
            .take();
        let rows: Vec<Row> = self.control.all(&select).await?;
        let mut rows: HashMap<String, Row> =
            rows.into_iter().map(|row| (row.name.clone(), row)).collect();
        let rows = places.iter().filter_map(|place| rows.remove(&place.name));
        rows.map(|row| self.read_resource(row)).collect()
    }

    /// The names of all that a filter finds, the oldest first. Very long names are told as the
    /// digests by which [`Store::find_resource`] finds them.
    pub async fn names_of_resources(
        &self,
        filter: &ResourceFilter,
        now: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        let select = select_places(filter, now).order_by(Resources::CreatedAt, Order::Asc).take();
        let places: Vec<Place> = self.control.all(&select).await?;
        Ok(places.into_iter().map(|place| place.name).collect())
    }

    fn total(&self, summand: Expr) -> Expr {
        self.control.integer(Func::sum(summand).into())
    }
}

fn select_places(filter: &ResourceFilter, now: Timestamp) -> SelectStatement {
    let ResourceFilter { kinds, token_id, key_ids, is_over: wants_over } = filter;
    let among = |column, values: &Vec<String>| {
        Expr::col(column).is_in(values.iter().take(MOST_AT_ONCE).map(String::as_str))
    };
    let life = wants_over.map(|wants_over| {
        if wants_over {
            return Cond::all().add(is_over(now));
        }
        let expires = || Expr::col(Resources::ExpiresAt);
        Cond::any().add(expires().is_null()).add(expires().gt(now.millis()))
    });
    Query::select()
        .column(Resources::Name)
        .from(Resources::Table)
        .and_where_option(kinds.as_ref().map(|kinds| among(Resources::Kind, kinds)))
        .and_where_option(token_id.as_deref().map(|id| equals(Resources::TokenId, id)))
        .and_where_option(key_ids.as_ref().map(|ids| among(Resources::KeyId, ids)))
        .cond_where(life.unwrap_or_else(Cond::all))
        .take()
}

fn is_over(now: Timestamp) -> Expr {
    Expr::col(Resources::ExpiresAt).lte(now.millis())
}

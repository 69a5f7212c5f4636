use sea_query::{DeleteStatement, Expr, Iden, Order, Query};
use sqlx::FromRow;
use uuid::Uuid;

use crate::sql::{equals, insert};
use crate::store::now;
use crate::text::{INDEXED, fitting};
use crate::{Store, StoreError};

/// The longest query of a view, in characters.
const QUERY_LENGTH: usize = 2_000;

/// So many views of one person are enough.
const MOST: usize = 100;

/// A filter of a page that somebody gave a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its name in the system.
    pub id: String,
    /// The page that it belongs to, such as `keys`.
    pub page: String,
    /// What its owner calls it.
    pub name: String,
    /// The filter, as it stands in addresses.
    pub query: String,
    /// Whether it stands in the navigation.
    pub pinned: bool,
}

impl Store {
    /// The views of somebody, by name.
    pub async fn saved_views(&self, person: &str) -> Result<Vec<SavedView>, StoreError> {
        let select = Query::select()
            .columns([
                SavedViews::Id,
                SavedViews::Page,
                SavedViews::Name,
                SavedViews::Query,
                SavedViews::Pinned,
            ])
            .from(SavedViews::Table)
            .and_where(equals(SavedViews::Person, person))
            .order_by(SavedViews::Name, Order::Asc)
            .order_by(SavedViews::Id, Order::Asc)
            .take();
        let rows: Vec<Row> = self.control.all(&select).await?;
        Ok(rows.into_iter().map(SavedView::from).collect())
    }

    /// Keeps a view of a page; one of the same name gives way to it.
    pub async fn save_view(
        &self,
        person: &str,
        page: &str,
        name: &str,
        query: &str,
        pinned: bool,
    ) -> Result<(), StoreError> {
        let name = fitting("the name", name, INDEXED)?;
        let query = fitting("the filter", query, QUERY_LENGTH)?;
        let views = self.saved_views(person).await?;
        let is_other = |view: &&SavedView| view.page != page || view.name != name;
        if views.iter().filter(is_other).count() >= MOST {
            return Err(StoreError::TooMany { what: "views", maximum: MOST });
        }
        let same = of_person(person)
            .and_where(equals(SavedViews::Page, page))
            .and_where(equals(SavedViews::Name, name.as_ref()))
            .take();
        let row: [(SavedViews, Expr); 7] = [
            (SavedViews::Id, Uuid::now_v7().to_string().into()),
            (SavedViews::Person, person.into()),
            (SavedViews::Page, page.into()),
            (SavedViews::Name, name.as_ref().into()),
            (SavedViews::Query, query.as_ref().into()),
            (SavedViews::Pinned, pinned.into()),
            (SavedViews::CreatedAt, now().millis().into()),
        ];
        let mut tx = self.control.begin().await?;
        tx.execute(&same).await?;
        tx.execute(&insert(SavedViews::Table, row)).await?;
        tx.commit().await
    }

    /// Puts a view of somebody's into the navigation, or takes it out. `false` if it is not theirs.
    pub async fn pin_view(&self, person: &str, id: &str, pinned: bool) -> Result<bool, StoreError> {
        let update = Query::update()
            .table(SavedViews::Table)
            .value(SavedViews::Pinned, pinned)
            .and_where(equals(SavedViews::Person, person))
            .and_where(equals(SavedViews::Id, id))
            .take();
        let mut tx = self.control.begin().await?;
        let found = tx.execute(&update).await? > 0;
        tx.commit().await?;
        Ok(found)
    }

    /// Forgets a view of somebody's. `false` if it is not theirs.
    pub async fn delete_view(&self, person: &str, id: &str) -> Result<bool, StoreError> {
        let delete = of_person(person).and_where(equals(SavedViews::Id, id)).take();
        let mut tx = self.control.begin().await?;
        let found = tx.execute(&delete).await? > 0;
        tx.commit().await?;
        Ok(found)
    }
}

/// Forgets all views of somebody.
pub(crate) fn of_person(person: &str) -> DeleteStatement {
    Query::delete()
        .from_table(SavedViews::Table)
        .and_where(equals(SavedViews::Person, person))
        .take()
}

#[derive(Iden, Clone, Copy)]
enum SavedViews {
    Table,
    Id,
    Person,
    Page,
    Name,
    Query,
    Pinned,
    CreatedAt,
}

#[derive(FromRow)]
struct Row {
    id: String,
    page: String,
    name: String,
    query: String,
    pinned: bool,
}

impl From<Row> for SavedView {
    fn from(row: Row) -> Self {
        let Row { id, page, name, query, pinned } = row;
        Self { id, page, name, query, pinned }
    }
}

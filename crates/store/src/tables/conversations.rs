use keypool::Timestamp;
use sea_query::{DeleteStatement, Expr, ExprTrait as _, Iden, Order, Query};
use sqlx::FromRow;
use uuid::Uuid;

use crate::sql::{equals, insert};
use crate::store::now;
use crate::text::{INDEXED, fitting};
use crate::{Store, StoreError};

/// So many conversations of one person are enough.
const MOST: usize = 200;

/// The largest conversation, in characters.
const LARGEST: usize = 4 * 1024 * 1024;

/// A conversation that somebody has kept, without what was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its name in the system.
    pub id: String,
    /// What its owner calls it.
    pub title: String,
    /// When it was kept first.
    pub created_at: Timestamp,
    /// When it was kept last.
    pub updated_at: Timestamp,
}

impl Store {
    /// The conversations of somebody, the one that was kept last first.
    pub async fn conversations(&self, person: &str) -> Result<Vec<Conversation>, StoreError> {
        let select = Query::select()
            .columns([
                Conversations::Id,
                Conversations::Title,
                Conversations::CreatedAt,
                Conversations::UpdatedAt,
            ])
            .from(Conversations::Table)
            .and_where(equals(Conversations::Person, person))
            .order_by(Conversations::UpdatedAt, Order::Desc)
            .order_by(Conversations::Id, Order::Desc)
            .take();
        let rows: Vec<Row> = self.control.all(&select).await?;
        Ok(rows.into_iter().map(Conversation::from).collect())
    }

    /// Keeps a conversation of somebody's, sealed. Returns its id.
    pub async fn keep_conversation(
        &self,
        person: &str,
        title: &str,
        body: &str,
    ) -> Result<String, StoreError> {
        if self.conversations(person).await?.len() >= MOST {
            return Err(StoreError::TooMany { what: "conversations", maximum: MOST });
        }
        let id = Uuid::now_v7().to_string();
        let (title, sealed) = (title_of(title)?, self.seal_conversation(&id, body)?);
        let now = now().millis();
        let row: [(Conversations, Expr); 6] = [
            (Conversations::Id, id.as_str().into()),
            (Conversations::Person, fitting("the name", person, INDEXED)?.as_ref().into()),
            (Conversations::Title, title.into()),
            (Conversations::Body, sealed.into()),
            (Conversations::CreatedAt, now.into()),
            (Conversations::UpdatedAt, now.into()),
        ];
        let mut tx = self.control.begin().await?;
        tx.execute(&insert(Conversations::Table, row)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps a conversation anew under its id. `false` if it is not theirs.
    pub async fn change_conversation(
        &self,
        person: &str,
        id: &str,
        title: &str,
        body: &str,
    ) -> Result<bool, StoreError> {
        let update = Query::update()
            .table(Conversations::Table)
            .value(Conversations::Title, title_of(title)?)
            .value(Conversations::Body, self.seal_conversation(id, body)?)
            .value(Conversations::UpdatedAt, now().millis())
            .and_where(belongs(person, id))
            .take();
        let mut tx = self.control.begin().await?;
        let found = tx.execute(&update).await? > 0;
        tx.commit().await?;
        Ok(found)
    }

    /// What was said in a conversation of somebody's; nothing if it is not theirs.
    pub async fn conversation(
        &self,
        person: &str,
        id: &str,
    ) -> Result<Option<(Conversation, String)>, StoreError> {
        let select = Query::select()
            .columns([
                Conversations::Id,
                Conversations::Title,
                Conversations::Body,
                Conversations::CreatedAt,
                Conversations::UpdatedAt,
            ])
            .from(Conversations::Table)
            .and_where(belongs(person, id))
            .take();
        let Some(row) = self.control.optional::<Whole>(&select).await? else { return Ok(None) };
        let plain = self.vault.open(&seal_context(id), &row.body).ok();
        let plain = plain.and_then(|plain| String::from_utf8(plain.to_vec()).ok());
        let problem = || format!("{id} does not open");
        let damaged = || StoreError::Damaged { table: "conversations", problem: problem() };
        let body = plain.ok_or_else(damaged)?;
        let Whole { id, title, created_at, updated_at, .. } = row;
        Ok(Some((Row { id, title, created_at, updated_at }.into(), body)))
    }

    /// Forgets a conversation of somebody's. `false` if it is not theirs.
    pub async fn forget_conversation(&self, person: &str, id: &str) -> Result<bool, StoreError> {
        let delete =
            Query::delete().from_table(Conversations::Table).and_where(belongs(person, id)).take();
        let mut tx = self.control.begin().await?;
        let found = tx.execute(&delete).await? > 0;
        tx.commit().await?;
        Ok(found)
    }

    fn seal_conversation(&self, id: &str, body: &str) -> Result<String, StoreError> {
        let body = fitting("the conversation", body, LARGEST)?;
        Ok(self.vault.seal(&seal_context(id), body.as_bytes())?)
    }
}

fn title_of(title: &str) -> Result<String, StoreError> {
    Ok(fitting("the title", title, INDEXED)?.into_owned())
}

fn belongs(person: &str, id: &str) -> Expr {
    equals(Conversations::Id, id).and(equals(Conversations::Person, person))
}

pub(crate) fn seal_context(id: &str) -> String {
    format!("conversations:{id}:body")
}

/// Forgets all conversations of somebody.
pub(crate) fn of_person(person: &str) -> DeleteStatement {
    Query::delete()
        .from_table(Conversations::Table)
        .and_where(equals(Conversations::Person, person))
        .take()
}

#[derive(Iden, Clone, Copy)]
enum Conversations {
    Table,
    Id,
    Person,
    Title,
    Body,
    CreatedAt,
    UpdatedAt,
}

#[derive(FromRow)]
struct Row {
    id: String,
    title: String,
    created_at: i64,
    updated_at: i64,
}

#[derive(FromRow)]
struct Whole {
    id: String,
    title: String,
    body: String,
    created_at: i64,
    updated_at: i64,
}

impl From<Row> for Conversation {
    fn from(row: Row) -> Self {
        let Row { id, title, created_at, updated_at } = row;
        let (created_at, updated_at) =
            (Timestamp::from_millis(created_at), Timestamp::from_millis(updated_at));
        Self { id, title, created_at, updated_at }
    }
}

//! What clients have made at Google, each of it in the project of one key: `resources`.

pub(crate) mod listing;

use std::borrow::Cow;

use keypool::Timestamp;
use sea_query::{Asterisk, Cond, Expr, ExprTrait as _, Iden, Order, Query};
use secret::TokenDigest;
use sqlx::FromRow;

use crate::db::Tx;
use crate::sql::{equals, upsert};
use crate::text::{INDEXED, cut};
use crate::{Store, StoreError};

/// Longer names are stored as their digests.
const LONGEST_NAME: usize = 128;

/// Something that a client has made at Google.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its name at Google, like `files/abc`; of an upload that has begun, a name of our own.
    pub name: String,
    /// The list that it is found in, like `files`.
    pub kind: String,
    /// The key that it was made with.
    pub key_id: String,
    /// The project of that key, if its name is known.
    pub project: Option<String>,
    /// The client token that made it.
    pub token_id: String,
    /// How Google last said it stands, as in `PROCESSING`; empty for unknown.
    pub state: String,
    /// What people call it.
    pub display_name: Option<String>,
    /// The media type of a file.
    pub mime: Option<String>,
    /// The bytes of a file.
    pub size: Option<u64>,
    /// When it was made, as this side saw it.
    pub created_at: Timestamp,
    /// When Google deletes it, if ever.
    pub expires_at: Option<Timestamp>,
    /// What Google last said of it, in JSON.
    pub body: String,
}

/// Where a page of a list begins: behind this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePlace {
    /// When it was made.
    pub created_at: Timestamp,
    /// Its name.
    pub name: String,
}

#[derive(Iden, Clone, Copy)]
enum Resources {
    Table,
    Name,
    Kind,
    KeyId,
    Project,
    TokenId,
    State,
    DisplayName,
    Mime,
    Size,
    CreatedAt,
    ExpiresAt,
    Body,
}

#[derive(FromRow)]
struct Row {
    name: String,
    kind: String,
    key_id: String,
    project: Option<String>,
    token_id: String,
    state: String,
    display_name: Option<String>,
    mime: Option<String>,
    size: Option<i64>,
    created_at: i64,
    expires_at: Option<i64>,
    body: String,
}

impl Store {
    /// Keeps a resource, or what is new about it. Returns whether it is this token's now: a name
    /// that is somebody else's, and has not expired, stays theirs.
    pub async fn keep_resource(
        &self,
        resource: &Resource,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let place = place(&resource.name);
        let mut tx = self.control.begin().await?;
        let select = Query::select()
            .column(Asterisk)
            .from(Resources::Table)
            .and_where(equals(Resources::Name, &*place))
            .take();
        let before: Option<Row> = tx.optional(&select).await?;
        let is_foreign = |row: &Row| {
            let is_over = row.expires_at.is_some_and(|end| end <= now.millis());
            row.token_id != resource.token_id && !is_over
        };
        if before.as_ref().is_some_and(is_foreign) {
            return Ok(false);
        }
        // When it was made does not change with what is new about it.
        let is_same =
            |row: &&Row| row.key_id == resource.key_id && row.token_id == resource.token_id;
        let created_at = before.as_ref().filter(is_same).map(|row| row.created_at);
        let created_at = created_at.unwrap_or(resource.created_at.millis());
        self.write_resource(&mut tx, &place, resource, created_at).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn write_resource(
        &self,
        tx: &mut Tx,
        place: &str,
        resource: &Resource,
        created_at: i64,
    ) -> Result<(), StoreError> {
        let sealed = self.vault.seal(&seal_context(place), resource.body.as_bytes())?;
        let size = resource.size.and_then(|size| i64::try_from(size).ok());
        let text =
            |text: &Option<String>, most| text.as_deref().map(|text| cut(text, most).into_owned());
        let row: [(Resources, Expr); 12] = [
            (Resources::Name, place.into()),
            (Resources::Kind, cut(&resource.kind, INDEXED).into_owned().into()),
            (Resources::KeyId, resource.key_id.as_str().into()),
            (Resources::Project, resource.project.as_deref().into()),
            (Resources::TokenId, resource.token_id.as_str().into()),
            (Resources::State, cut(&resource.state, INDEXED).into_owned().into()),
            (Resources::DisplayName, text(&resource.display_name, 512).into()),
            (Resources::Mime, text(&resource.mime, INDEXED).into()),
            (Resources::Size, size.into()),
            (Resources::CreatedAt, created_at.into()),
            (Resources::ExpiresAt, resource.expires_at.map(Timestamp::millis).into()),
            (Resources::Body, sealed.into()),
        ];
        tx.execute(&upsert(Resources::Table, row, 1)).await.map(drop)
    }

    /// The resource of this name, whoever made it; expired ones too, until they are deleted.
    pub async fn find_resource(&self, name: &str) -> Result<Option<Resource>, StoreError> {
        let select = Query::select()
            .column(Asterisk)
            .from(Resources::Table)
            .and_where(equals(Resources::Name, &*place(name)))
            .take();
        let row: Option<Row> = self.control.optional(&select).await?;
        row.map(|row| self.read_resource(row)).transpose().map(|found| {
            // The row knows a long name by its digest only.
            found.map(|found| Resource { name: name.to_owned(), ..found })
        })
    }

    /// The resources of a kind that have not expired, the newest first, at most `limit` of them:
    /// those of a token, or all.
    pub async fn list_resources(
        &self,
        kind: &str,
        token_id: Option<&str>,
        behind: Option<&ResourcePlace>,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<Resource>, StoreError> {
        let created = || Expr::col(Resources::CreatedAt);
        let is_behind = behind.map(|behind| {
            let at = behind.created_at.millis();
            let later = Expr::col(Resources::Name).gt(&*place(&behind.name));
            created().lt(at).or(created().eq(at).and(later))
        });
        let lives = Cond::any()
            .add(Expr::col(Resources::ExpiresAt).is_null())
            .add(Expr::col(Resources::ExpiresAt).gt(now.millis()));
        let select = Query::select()
            .column(Asterisk)
            .from(Resources::Table)
            .and_where(equals(Resources::Kind, kind))
            .and_where_option(token_id.map(|token_id| equals(Resources::TokenId, token_id)))
            .and_where_option(is_behind)
            .cond_where(lives)
            .order_by(Resources::CreatedAt, Order::Desc)
            .order_by(Resources::Name, Order::Asc)
            .limit(limit)
            .take();
        let rows: Vec<Row> = self.control.all(&select).await?;
        rows.into_iter().map(|row| self.read_resource(row)).collect()
    }

    /// Forgets a resource. Returns whether it was known.
    pub async fn forget_resource(&self, name: &str) -> Result<bool, StoreError> {
        self.delete_resources(equals(Resources::Name, &*place(name))).await.map(|gone| gone > 0)
    }

    /// Forgets what Google has deleted by now. Returns how much that was.
    pub async fn forget_expired_resources(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.delete_resources(Expr::col(Resources::ExpiresAt).lte(now.millis())).await
    }

    async fn delete_resources(&self, which: Expr) -> Result<u64, StoreError> {
        let delete = Query::delete().from_table(Resources::Table).and_where(which).take();
        let mut tx = self.control.begin().await?;
        let deleted = tx.execute(&delete).await?;
        tx.commit().await?;
        Ok(deleted)
    }

    fn read_resource(&self, row: Row) -> Result<Resource, StoreError> {
        let plain = self.vault.open(&seal_context(&row.name), &row.body).ok();
        let body = plain.and_then(|plain| String::from_utf8(plain.to_vec()).ok());
        let body = body.ok_or_else(|| StoreError::Damaged {
            table: "resources",
            problem: format!("{} does not open", row.name),
        })?;
        Ok(Resource {
            name: row.name,
            kind: row.kind,
            key_id: row.key_id,
            project: row.project,
            token_id: row.token_id,
            state: row.state,
            display_name: row.display_name,
            mime: row.mime,
            size: row.size.and_then(|size| u64::try_from(size).ok()),
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: row.expires_at.map(Timestamp::from_millis),
            body,
        })
    }
}

/// The name as it stands in the table.
fn place(name: &str) -> Cow<'_, str> {
    // A token of a session opens one, so its name is a secret.
    let is_secret = name.starts_with("auth_tokens/");
    let is_plain = !is_secret
        && name.len() <= LONGEST_NAME
        && name.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain { name.into() } else { TokenDigest::of(name.as_bytes()).to_hex().into() }
}

pub(crate) fn seal_context(name: &str) -> String {
    format!("resources:{name}:body")
}

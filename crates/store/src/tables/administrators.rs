mod second_factor;

use keypool::Timestamp;
use sea_query::{Expr, Iden, Order, Query, SelectStatement};
use sqlx::FromRow;
use uuid::Uuid;

pub use self::second_factor::NewTotp;
pub(crate) use self::second_factor::totp_context;
use super::{admin_tokens, conversations, preferences, saved_views, sessions};
use crate::db::Tx;
use crate::sql::{equals, insert};
use crate::store::now;
use crate::text::{INDEXED, fitting};
use crate::{Role, Store, StoreError};

/// Somebody who may use the console.
#[derive(Debug, Clone)]
pub struct Administrator {
    /// Their name in the system.
    pub id: String,
    /// What they sign in with.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The password's Argon2id hash, as a PHC string.
    pub password_hash: String,
    /// Whether the password was made for them, so that they have to choose another.
    pub must_change: bool,
    /// The secret of their second factor, if they have one.
    pub totp: Option<String>,
    /// How many recovery codes they have left.
    pub recovery_codes: usize,
    /// When they were added.
    pub created_at: Timestamp,
}

impl Store {
    /// Everybody who may use the console, by name.
    pub async fn administrators(&self) -> Result<Vec<Administrator>, StoreError> {
        let rows: Vec<Row> = self.control.all(&select().take()).await?;
        rows.into_iter().map(|row| self.administrator(row)).collect()
    }

    /// Adds the first administrator. `false` if there is one already: of many that claim a console
    /// at once, one gets it.
    pub async fn claim(&self, name: &str, password_hash: &str) -> Result<bool, StoreError> {
        // The lock that every change takes lets only one look and add at a time.
        let mut tx = self.change().await?;
        if tx.optional::<Row>(&select().limit(1).take()).await?.is_some() {
            return Ok(false);
        }
        tx.execute(&new_row(name, Role::Administrator, password_hash, false)?).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Adds somebody, whose name must not be in use. `must_change`: they have to choose another
    /// password when they sign in.
    pub async fn add_administrator(
        &self,
        name: &str,
        role: Role,
        password_hash: &str,
        must_change: bool,
    ) -> Result<(), StoreError> {
        let mut tx = self.change().await?;
        let same = select().and_where(equals(Administrators::Name, name)).take();
        if tx.optional::<Row>(&same).await?.is_some() {
            return Err(StoreError::NameTaken(name.to_owned()));
        }
        tx.execute(&new_row(name, role, password_hash, must_change)?).await?;
        tx.commit().await
    }

    /// Gives somebody the password that they chose and ends their sessions but `keep`. `false` if
    /// there is nobody of that name.
    pub async fn set_password(
        &self,
        name: &str,
        hash: &str,
        keep: Option<&str>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.change().await?;
        let changed = set(&mut tx, name, Administrators::PasswordHash, hash.into()).await?;
        set(&mut tx, name, Administrators::MustChange, false.into()).await?;
        tx.execute(&sessions::of_actor(name, keep)).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Gives somebody a password that another person chose or had made. Their sessions end, and the
    /// admin tokens that they made: whoever knew the password before may know those, too. `false` if
    /// there is nobody of that name.
    pub async fn reset_password(
        &self,
        name: &str,
        hash: &str,
        must_change: bool,
    ) -> Result<bool, StoreError> {
        let mut tx = self.change().await?;
        let changed = set(&mut tx, name, Administrators::PasswordHash, hash.into()).await?;
        set(&mut tx, name, Administrators::MustChange, must_change.into()).await?;
        tx.execute(&sessions::of_actor(name, None)).await?;
        tx.execute(&admin_tokens::revocation_of(name)).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Lets somebody do more or less, and ends their sessions. Who becomes a viewer loses the admin
    /// tokens that they made. `false` if there is nobody of that name.
    pub async fn set_role(&self, name: &str, role: Role) -> Result<bool, StoreError> {
        let mut tx = self.change().await?;
        if role == Role::Viewer {
            leaves_an_administrator(&mut tx, name).await?;
            tx.execute(&admin_tokens::revocation_of(name)).await?;
        }
        let changed = set(&mut tx, name, Administrators::Role, role.as_str().into()).await?;
        tx.execute(&sessions::of_actor(name, None)).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Removes somebody, with their sessions and the admin tokens that they made. `false` if there
    /// is nobody of that name.
    pub async fn remove_administrator(&self, name: &str) -> Result<bool, StoreError> {
        let mut tx = self.change().await?;
        leaves_an_administrator(&mut tx, name).await?;
        let delete = Query::delete()
            .from_table(Administrators::Table)
            .and_where(equals(Administrators::Name, name))
            .take();
        let removed = tx.execute(&delete).await? > 0;
        tx.execute(&sessions::of_actor(name, None)).await?;
        tx.execute(&admin_tokens::revocation_of(name)).await?;
        tx.execute(&preferences::of_person(name)).await?;
        tx.execute(&saved_views::of_person(name)).await?;
        tx.execute(&conversations::of_person(name)).await?;
        tx.commit().await?;
        Ok(removed)
    }

    fn administrator(&self, row: Row) -> Result<Administrator, StoreError> {
        let totp = row
            .sealed_totp
            .map(|sealed| {
                let plain = self
                    .vault
                    .open(&totp_context(&row.name), &sealed)
                    .map_err(|error| damaged(error.to_string()))?;
                String::from_utf8(plain.to_vec()).map_err(|error| damaged(error.to_string()))
            })
            .transpose()?;
        Ok(Administrator {
            role: Role::from_label(&row.role),
            id: row.id,
            name: row.name,
            password_hash: row.password_hash,
            must_change: row.must_change,
            totp,
            recovery_codes: second_factor::read(row.recovery_codes.as_deref())?.len(),
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}

fn damaged(problem: String) -> StoreError {
    StoreError::Damaged { table: "administrators", problem }
}

/// Refuses to go on where nobody else may administer. The transaction holds the lock of changes.
async fn leaves_an_administrator(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    let administrators =
        select().and_where(equals(Administrators::Role, Role::Administrator.as_str())).take();
    let rows: Vec<Row> = tx.all(&administrators).await?;
    if rows.iter().any(|row| row.name == name) && rows.len() == 1 {
        return Err(StoreError::LastAdministrator(name.to_owned()));
    }
    Ok(())
}

async fn set(
    tx: &mut Tx,
    name: &str,
    column: Administrators,
    value: Expr,
) -> Result<bool, StoreError> {
    let update = Query::update()
        .table(Administrators::Table)
        .value(column, value)
        .and_where(equals(Administrators::Name, name))
        .take();
    Ok(tx.execute(&update).await? > 0)
}

fn new_row(
    name: &str,
    role: Role,
    password_hash: &str,
    must_change: bool,
) -> Result<sea_query::InsertStatement, StoreError> {
    let name = fitting("the name", name, INDEXED)?;
    let row: [(Administrators, Expr); 6] = [
        (Administrators::Id, Uuid::now_v7().to_string().into()),
        (Administrators::Name, name.as_ref().into()),
        (Administrators::Role, role.as_str().into()),
        (Administrators::PasswordHash, password_hash.into()),
        (Administrators::MustChange, must_change.into()),
        (Administrators::CreatedAt, now().millis().into()),
    ];
    Ok(insert(Administrators::Table, row))
}

#[derive(Iden, Clone, Copy)]
enum Administrators {
    Table,
    Id,
    Name,
    Role,
    PasswordHash,
    SealedTotp,
    TotpStep,
    RecoveryCodes,
    CreatedAt,
    MustChange,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    role: String,
    password_hash: String,
    sealed_totp: Option<String>,
    recovery_codes: Option<String>,
    created_at: i64,
    must_change: bool,
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            Administrators::Id,
            Administrators::Name,
            Administrators::Role,
            Administrators::PasswordHash,
            Administrators::SealedTotp,
            Administrators::RecoveryCodes,
            Administrators::CreatedAt,
            Administrators::MustChange,
        ])
        .from(Administrators::Table)
        .order_by(Administrators::Name, Order::Asc)
        .take()
}

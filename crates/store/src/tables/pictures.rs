//! Pictures that answers name by their address.
//!
//! A picture's name holds its id, when it goes, and a signature of both: whoever makes names up does
//! not get as far as the database.

use std::fmt::Write as _;

use keypool::Timestamp;
use sea_query::{Expr, Iden, Query};
use sqlx::FromRow;
use uuid::Uuid;

use super::logs::Dated;
use crate::sql::{equals, insert};
use crate::store::now;
use crate::{Store, StoreError};

/// So many digits of the signature stand in a name.
const SIGNATURE: usize = 32;

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPicture {
    /// Its media type.
    pub mime: String,
    /// All of it.
    pub bytes: Vec<u8>,
    /// When it goes.
    pub until: Timestamp,
}

impl Store {
    /// Keeps a picture. Returns the name that it is found by, which nobody can guess.
    ///
    /// With SQLite it lies beside the logs: like them it comes in floods.
    pub async fn keep_picture(&self, picture: &KeptPicture) -> Result<String, StoreError> {
        let id = Uuid::now_v7().simple().to_string();
        let sealed = self.vault.seal(&seal_context(&id), &picture.bytes)?;
        let row: [(Pictures, Expr); 4] = [
            (Pictures::Id, id.as_str().into()),
            (Pictures::At, picture.until.millis().into()),
            (Pictures::Mime, picture.mime.as_str().into()),
            (Pictures::Body, sealed.into()),
        ];
        let mut tx = self.logs.begin().await?;
        tx.execute(&insert(Pictures::Table, row)).await?;
        tx.commit().await?;
        let mut name = format!("{id}-{:x}-", picture.until.millis());
        let signature = self.signature(&name);
        // Writing into a String cannot fail.
        let _ = write!(name, "{signature}.{}", extension(&picture.mime));
        Ok(name)
    }

    /// The picture of that name, until its time is over.
    pub async fn find_picture(&self, name: &str) -> Result<Option<KeptPicture>, StoreError> {
        let Some((id, until)) = self.meant(name).filter(|(_, until)| *until > now()) else {
            return Ok(None);
        };
        let select = Query::select()
            .columns([Pictures::Mime, Pictures::Body])
            .from(Pictures::Table)
            .and_where(equals(Pictures::Id, id))
            .take();
        let row: Option<Row> = self.logs.optional(&select).await?;
        row.map(|row| {
            let plain = self.vault.open(&seal_context(id), &row.body);
            let plain = plain.map_err(|_| StoreError::Damaged {
                table: "pictures",
                problem: format!("{id} does not open"),
            })?;
            Ok(KeptPicture { mime: row.mime, bytes: plain.to_vec(), until })
        })
        .transpose()
    }

    /// Deletes the pictures whose time was over before `moment`.
    pub async fn delete_pictures_before(&self, moment: Timestamp) -> Result<u64, StoreError> {
        self.delete_before(Dated::Pictures, moment).await
    }

    /// What a name says, if we have signed it.
    fn meant<'n>(&self, name: &'n str) -> Option<(&'n str, Timestamp)> {
        let (stem, extension) = name.rsplit_once('.')?;
        let at = stem.rfind('-')? + 1;
        let (said, signature) = stem.split_at_checked(at)?;
        let is_signed = same(signature, &self.signature(said));
        let (id, until) = said.strip_suffix('-')?.split_once('-')?;
        let until = i64::from_str_radix(until, 16).ok()?;
        let is_plain = extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_signed && is_plain).then_some((id, Timestamp::from_millis(until)))
    }

    fn signature(&self, said: &str) -> String {
        let mut digits = self.vault.fingerprint(format!("pictures:{said}").as_bytes());
        digits.truncate(SIGNATURE);
        digits
    }
}

/// In a time that says nothing about where they differ.
fn same(left: &str, right: &str) -> bool {
    let differences = left.bytes().zip(right.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    left.len() == right.len() && differences == 0
}

fn extension(mime: &str) -> &'static str {
    match mime {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        "image/gif" => "gif",
        "image/avif" => "avif",
        _ => "bin",
    }
}

fn seal_context(id: &str) -> String {
    format!("pictures:{id}:body")
}

#[derive(Iden, Clone, Copy)]
enum Pictures {
    Table,
    Id,
    At,
    Mime,
    Body,
}

#[derive(FromRow)]
struct Row {
    mime: String,
    body: String,
}

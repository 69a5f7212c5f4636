//! Second factors: codes that are good once.

use sea_query::{Expr, ExprTrait as _, Query};
use secret::TokenDigest;

use super::{Administrators, Row, damaged, select};
use crate::sql::equals;
use crate::tables::sessions;
use crate::{Store, StoreError};

/// A second factor that somebody sets up.
#[derive(Debug)]
pub struct NewTotp<'a> {
    /// The secret, in base 32.
    pub secret: &'a str,
    /// The step of time of the code that proved it, which is used up by that.
    pub step: i64,
    /// The digests of the recovery codes.
    pub recovery_codes: &'a [TokenDigest],
}

impl Store {
    /// Gives somebody a second factor, or takes it away, and ends their sessions but `keep`.
    /// `false` if there is nobody of that name.
    pub async fn set_totp(
        &self,
        name: &str,
        totp: Option<NewTotp<'_>>,
        keep: Option<&str>,
    ) -> Result<bool, StoreError> {
        let sealed = totp
            .as_ref()
            .map(|totp| self.vault.seal(&totp_context(name), totp.secret.as_bytes()))
            .transpose()?;
        let codes = totp.as_ref().map(|totp| listed(totp.recovery_codes));
        let update = Query::update()
            .table(Administrators::Table)
            .value(Administrators::SealedTotp, sealed)
            .value(Administrators::TotpStep, totp.map(|totp| totp.step))
            .value(Administrators::RecoveryCodes, codes)
            .and_where(equals(Administrators::Name, name))
            .take();
        let mut tx = self.change().await?;
        let changed = tx.execute(&update).await? > 0;
        tx.execute(&sessions::of_actor(name, keep)).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Uses the code of a step of time. `false` if it, or a later one, was used before: of many
    /// that present one code at once, one gets in.
    pub async fn use_totp_step(&self, name: &str, step: i64) -> Result<bool, StoreError> {
        let update = Query::update()
            .table(Administrators::Table)
            .value(Administrators::TotpStep, step)
            .and_where(equals(Administrators::Name, name))
            .and_where(Expr::col(Administrators::TotpStep).lt(step))
            .take();
        let mut tx = self.control.begin().await?;
        let used = tx.execute(&update).await? > 0;
        tx.commit().await?;
        Ok(used)
    }

    /// Uses a recovery code up. `false` if it is none of theirs, or was used before.
    pub async fn use_recovery_code(
        &self,
        name: &str,
        code: &TokenDigest,
    ) -> Result<bool, StoreError> {
        // The lock that every change takes lets only one look and remove at a time.
        let mut tx = self.change().await?;
        let own = select().and_where(equals(Administrators::Name, name)).take();
        let Some(row) = tx.optional::<Row>(&own).await? else { return Ok(false) };
        let mut left = read(row.recovery_codes.as_deref())?;
        let before = left.len();
        left.retain(|digest| digest != code);
        if left.len() == before {
            return Ok(false);
        }
        let update = Query::update()
            .table(Administrators::Table)
            .value(Administrators::RecoveryCodes, listed(&left))
            .and_where(equals(Administrators::Name, name))
            .take();
        tx.execute(&update).await?;
        tx.commit().await?;
        Ok(true)
    }
}

pub(crate) fn totp_context(name: &str) -> String {
    format!("administrators.totp:{name}")
}

/// The digests that a column lists.
pub(super) fn read(column: Option<&str>) -> Result<Vec<TokenDigest>, StoreError> {
    let Some(column) = column else { return Ok(Vec::new()) };
    let hex: Vec<String> =
        serde_json::from_str(column).map_err(|error| damaged(error.to_string()))?;
    let digests = hex.iter().map(|hex| TokenDigest::from_hex(hex));
    digests.collect::<Result<_, _>>().map_err(|error| damaged(error.to_string()))
}

fn listed(digests: &[TokenDigest]) -> String {
    let hex: Vec<_> = digests.iter().map(TokenDigest::to_hex).collect();
    serde_json::Value::from(hex).to_string()
}

//! What opens the admin API to scripts.

use keypool::Timestamp;
use secret::AdminToken;
use store::{AdminTokenGrant, Scope, Store};

use super::{Made, UNKNOWN_TOKEN};
use crate::access::Identity;
use crate::error::Error;

/// Makes one.
pub(crate) async fn create(
    store: &Store,
    identity: &Identity,
    name: &str,
    scope: &str,
    expires_at: Option<Timestamp>,
) -> Result<Made<AdminToken>, Error> {
    let name = name.trim().to_owned();
    if name.is_empty() {
        return Err(Error::invalid("name", "is empty"));
    }
    let scope = Scope::from_label(scope)
        .ok_or_else(|| Error::invalid("scope", "accepted are read and full"))?;
    if expires_at.is_some_and(|end| end <= relay::now()) {
        return Err(Error::invalid("expires_at", "is over already"));
    }
    let token = AdminToken::generate().map_err(|_| Error::Internal)?;
    let grant = AdminTokenGrant { name: &name, scope, maker: &identity.actor, expires_at };
    let id = store.create_admin_token(&token, &grant).await?;
    let detail = format!("{name}, {}", scope.as_str());
    store.note(&identity.actor, "admin_tokens.create", &id, &detail).await?;
    Ok(Made { id, name, token })
}

/// Shuts out whoever has this token, for good.
pub(crate) async fn revoke(store: &Store, identity: &Identity, id: &str) -> Result<(), Error> {
    let name = store.revoke_admin_token(id).await?;
    let name = name.ok_or(UNKNOWN_TOKEN)?;
    Ok(store.note(&identity.actor, "admin_tokens.revoke", id, &name).await?)
}

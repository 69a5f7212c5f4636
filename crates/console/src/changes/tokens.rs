//! Client tokens made, changed, given another secret and revoked.

use std::time::Duration;

use secret::ClientToken;
use store::{Store, TokenGrant, TokenUpdate};

use super::{Made, UNKNOWN_TOKEN};
use crate::access::Identity;
use crate::error::Error;

/// Makes a token that is served by keys with any of these tags; by all if there are none.
pub(crate) async fn create(
    store: &Store,
    identity: &Identity,
    name: &str,
    tags: Vec<String>,
) -> Result<Made<ClientToken>, Error> {
    let name = name.trim().to_owned();
    if name.is_empty() {
        return Err(Error::invalid("name", "is empty"));
    }
    let token = ClientToken::generate().map_err(|_| Error::Internal)?;
    let grant = TokenGrant { tags, ..TokenGrant::default() };
    let id = store.create_token(&name, &token, &grant).await?;
    store.note(&identity.actor, "tokens.create", &id, &name).await?;
    Ok(Made { id, name, token })
}

/// Changes what a token may do.
pub(crate) async fn edit(
    store: &Store,
    identity: &Identity,
    id: &str,
    changes: TokenUpdate,
) -> Result<(), Error> {
    if changes.name.as_ref().is_some_and(|name| name.trim().is_empty()) {
        return Err(Error::invalid("name", "is empty"));
    }
    let token = store.update_token(id, changes).await?.ok_or(UNKNOWN_TOKEN)?;
    Ok(store.note(&identity.actor, "tokens.edit", &token.id, &token.name).await?)
}

/// Gives a token another secret; the one before opens for `overlap` longer.
pub(crate) async fn rotate(
    store: &Store,
    identity: &Identity,
    id: &str,
    overlap: Duration,
) -> Result<Made<ClientToken>, Error> {
    let token = ClientToken::generate().map_err(|_| Error::Internal)?;
    let rotated = store.rotate_token(id, &token, overlap).await?.ok_or(UNKNOWN_TOKEN)?;
    store.note(&identity.actor, "tokens.rotate", &rotated.id, &rotated.name).await?;
    Ok(Made { id: rotated.id, name: rotated.name, token })
}

/// Shuts out whoever has this token, for good.
pub(crate) async fn revoke(store: &Store, identity: &Identity, id: &str) -> Result<(), Error> {
    let revoked = store.revoke_token(id).await?;
    let revoked = revoked.ok_or(UNKNOWN_TOKEN)?;
    Ok(store.note(&identity.actor, "tokens.revoke", &revoked.id, &revoked.name).await?)
}

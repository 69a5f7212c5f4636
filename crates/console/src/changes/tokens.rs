//! Client tokens made and revoked.

use secret::ClientToken;
use store::{Store, TokenGrant};

use crate::access::Identity;
use crate::error::Error;

/// A token that was made just now: the only moment at which it is known.
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) token: ClientToken,
}

/// Makes a token that is served by keys with any of these tags; by all if there are none.
pub(crate) async fn create(
    store: &Store,
    identity: &Identity,
    name: &str,
    tags: Vec<String>,
) -> Result<Made, Error> {
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

/// Shuts out whoever has this token, for good.
pub(crate) async fn revoke(store: &Store, identity: &Identity, id: &str) -> Result<(), Error> {
    let revoked = store.revoke_token(id).await?;
    let revoked = revoked.ok_or(Error::NotFound("There is no such token that is in use."))?;
    Ok(store.note(&identity.actor, "tokens.revoke", &revoked.id, &revoked.name).await?)
}

//! Client tokens made, changed, given another secret and revoked.

use std::time::Duration;

use secret::{ClientToken, TokenDigest};
use serde_json::{Value, json};
use store::{Store, StoredToken, TokenGrant, TokenUpdate};

use super::difference::{Difference, detail};
use super::{Limits, Made, UNKNOWN_TOKEN};
use crate::State;
use crate::access::Identity;
use crate::connect::{self, Protocol, Told};
use crate::error::Error;

/// Makes a token that may do what is granted.
pub(crate) async fn create(
    store: &Store,
    identity: &Identity,
    name: &str,
    grant: &TokenGrant,
) -> Result<Made<ClientToken>, Error> {
    let name = name.trim().to_owned();
    if name.is_empty() {
        return Err(Error::invalid("name", "is empty"));
    }
    let token = ClientToken::generate().map_err(|_| Error::Internal)?;
    let id = store.create_token(&name, &token, grant).await?;
    store.note(&identity.actor, "tokens.create", &id, &name).await?;
    Ok(Made { id, name, token })
}

/// The token with this id, revoked or not.
pub(crate) async fn find(store: &Store, id: &str) -> Result<StoredToken, Error> {
    let tokens = store.list_tokens().await?;
    let token = tokens.into_iter().find(|token| token.id == id);
    token.ok_or(Error::NotFound("There is no such client token."))
}

/// Makes another token that may do the same; without a name it gets that of the other and a number.
pub(crate) async fn copy(
    store: &Store,
    identity: &Identity,
    id: &str,
    name: Option<String>,
) -> Result<Made<ClientToken>, Error> {
    let tokens = store.list_tokens().await?;
    let copied = tokens.iter().find(|token| token.id == id && token.revoked_at.is_none());
    let copied = copied.ok_or(UNKNOWN_TOKEN)?;
    let is_taken = |name: &String| tokens.iter().any(|token| token.name == *name);
    let mut names = (2_u32..).map(|number| format!("{} {number}", copied.name));
    let name = match name {
        Some(name) if name.trim().is_empty() => return Err(Error::invalid("name", "is empty")),
        Some(name) => name,
        None => names.find(|name| !is_taken(name)).ok_or(Error::Internal)?,
    };
    let token = ClientToken::generate().map_err(|_| Error::Internal)?;
    let grant = TokenGrant {
        tags: copied.tags.clone(),
        limits: copied.limits.clone(),
        expires_at: copied.expires_at,
        note: copied.note.clone(),
    };
    let id = store.create_token(&name, &token, &grant).await?;
    let detail = format!("{name}, like {}", copied.name);
    store.note(&identity.actor, "tokens.create", &id, &detail).await?;
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
    let tokens = store.list_tokens().await?;
    let after = store.update_token(id, changes).await?.ok_or(UNKNOWN_TOKEN)?;
    let before = tokens.iter().find(|token| token.id == after.id).unwrap_or(&after);
    let changes = Difference::between(&told(before), &told(&after));
    let detail = detail(&after.name, &changes);
    Ok(store.note(&identity.actor, "tokens.edit", &after.id, &detail).await?)
}

/// What the audit log may say of a token.
fn told(token: &StoredToken) -> Value {
    let mut told = json!(Limits::from(token.limits.clone()));
    told["name"] = json!(token.name);
    told["tags"] = json!(token.tags);
    told["expires_at"] = json!(token.expires_at.map(crate::format::absolute));
    told
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

/// Whether this is the token's secret, now or for a while still.
pub(crate) fn is_secret_of(token: &StoredToken, secret: &str) -> bool {
    let digest = TokenDigest::of(secret.as_bytes());
    token.digest == digest || token.former.iter().any(|former| former.digest == digest)
}

/// Sends a message to the public API as a client with this token would.
pub(crate) async fn try_out(
    state: &State,
    identity: &Identity,
    token: &StoredToken,
    protocol: &str,
    model: &str,
) -> Result<Told, Error> {
    let protocol = Protocol::of_id(protocol);
    let protocol = protocol.ok_or_else(|| {
        Error::invalid("protocol", "accepted are chat, responses, anthropic and gemini")
    })?;
    let model = model.trim();
    if model.is_empty() {
        return Err(Error::invalid("model", "is empty"));
    }
    state.store.note(&identity.actor, "tokens.try", &token.id, protocol.id()).await?;
    Ok(connect::send(state, &token.id, protocol, model).await)
}

/// Shuts out whoever has this token, for good.
pub(crate) async fn revoke(store: &Store, identity: &Identity, id: &str) -> Result<(), Error> {
    let revoked = store.revoke_token(id).await?;
    let revoked = revoked.ok_or(UNKNOWN_TOKEN)?;
    Ok(store.note(&identity.actor, "tokens.revoke", &revoked.id, &revoked.name).await?)
}

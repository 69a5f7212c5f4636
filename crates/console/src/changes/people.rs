//! Who may use the console: added, changed, removed; and what people change about themselves.

use std::time::Instant;

use secret::Zeroizing;
use store::{Administrator, Role, Store};

use super::difference::{Difference, detail};
use crate::State as Console;
use crate::access::Identity;
use crate::access::password::{self, Password, choose_password};
use crate::error::Error;
use crate::state::Peer;

/// A password that was made for somebody, to be shown once; none where one was typed.
pub(crate) type MadePassword = Option<Zeroizing<String>>;

/// Adds somebody.
pub(crate) async fn add(
    store: &Store,
    identity: &Identity,
    name: &str,
    role: &str,
    typed: Option<&str>,
) -> Result<(Administrator, MadePassword), Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "is empty, or has characters that cannot be seen"));
    }
    if name == Identity::ADMIN {
        return Err(Error::invalid("name", "is that of whoever knows AUTH_TOKEN"));
    }
    let role = role_of(role)?;
    let Password { hash, made } = choose_password(typed).await?;
    store.add_administrator(name, role, &hash, made.is_some()).await?;
    store.note(&identity.actor, "people.add", name, role.as_str()).await?;
    let added = named(store, name).await?.ok_or(Error::Internal)?;
    Ok((added, made))
}

/// Lets somebody do more or less.
pub(crate) async fn set_role(
    store: &Store,
    identity: &Identity,
    id: &str,
    role: &str,
) -> Result<(), Error> {
    let role = role_of(role)?;
    let person = find(store, id).await?;
    if person.role != role {
        store.set_role(&person.name, role).await?;
        let changes = [Difference::of("role", Some(person.role.as_str()), Some(role.as_str()))];
        let detail = detail("", &changes);
        store.note(&identity.actor, "people.role", &person.name, &detail).await?;
    }
    Ok(())
}

/// Removes somebody, with their sessions and admin tokens.
pub(crate) async fn remove(store: &Store, identity: &Identity, id: &str) -> Result<(), Error> {
    let person = find(store, id).await?;
    store.remove_administrator(&person.name).await?;
    Ok(store.note(&identity.actor, "people.remove", &person.name, "").await?)
}

/// Gives somebody another password, ends their sessions, and revokes their admin tokens.
pub(crate) async fn reset_password(
    store: &Store,
    identity: &Identity,
    id: &str,
    typed: Option<&str>,
) -> Result<(Administrator, MadePassword), Error> {
    let person = find(store, id).await?;
    let Password { hash, made } = choose_password(typed).await?;
    store.reset_password(&person.name, &hash, made.is_some()).await?;
    store.note(&identity.actor, "people.reset_password", &person.name, "").await?;
    Ok((person, made))
}

/// Changes one's own password, and ends one's other sessions.
pub(crate) async fn change_password(
    console: &Console,
    identity: &Identity,
    peer: Peer,
    current: &str,
    new: &str,
) -> Result<(), Error> {
    let Confirmed { person, session } = confirm(console, identity, peer, current).await?;
    let hash = choose_password(Some(new)).await?.hash;
    console.store.set_password(&person.name, &hash, Some(&session)).await?;
    Ok(console.store.note(&person.name, "people.password", &person.name, "").await?)
}

/// Turns one's own second factor off.
pub(crate) async fn turn_factor_off(
    console: &Console,
    identity: &Identity,
    peer: Peer,
    current: &str,
) -> Result<(), Error> {
    let Confirmed { person, session } = confirm(console, identity, peer, current).await?;
    console.store.set_totp(&person.name, None, Some(&session)).await?;
    Ok(console.store.note(&person.name, "people.totp_off", &person.name, "").await?)
}

/// Somebody who gave their password just now.
pub(crate) struct Confirmed {
    pub(crate) person: Administrator,
    /// The id of the session that they ask within.
    pub(crate) session: String,
}

/// Asks for the password of whoever is signed in; guesses have to wait as they do at the door.
pub(crate) async fn confirm(
    console: &Console,
    identity: &Identity,
    peer: Peer,
    typed: &str,
) -> Result<Confirmed, Error> {
    let session = identity.session().ok_or_else(nobody)?.to_owned();
    let person = named(&console.store, &identity.actor).await?.ok_or_else(nobody)?;
    if let Some(wait) = console.throttle().wait(peer.0, Instant::now()) {
        return Err(Error::must_wait(wait));
    }
    if !password::matches(typed.to_owned(), Some(person.password_hash.clone())).await? {
        console.throttle().failed(peer.0, Instant::now());
        console.store.note(&person.name, "people.wrong_password", &person.name, "").await?;
        return Err(Error::invalid("current", "is not your password"));
    }
    console.store.confirm_session(&session).await?;
    Ok(Confirmed { person, session })
}

/// The person of this name.
pub(crate) async fn named(store: &Store, name: &str) -> Result<Option<Administrator>, Error> {
    Ok(store.administrators().await?.into_iter().find(|person| person.name == name))
}

async fn find(store: &Store, id: &str) -> Result<Administrator, Error> {
    let people = store.administrators().await?;
    let found = people.into_iter().find(|person| person.id == id);
    found.ok_or(Error::NotFound("There is nobody of this id."))
}

fn nobody() -> Error {
    Error::Conflict(
        "This is for people who are signed in with a password of their own; that of “admin” is AUTH_TOKEN."
            .to_owned(),
    )
}

fn role_of(label: &str) -> Result<Role, Error> {
    [Role::Administrator, Role::Viewer]
        .into_iter()
        .find(|role| role.as_str() == label)
        .ok_or_else(|| Error::invalid("role", "accepted are administrator and viewer"))
}

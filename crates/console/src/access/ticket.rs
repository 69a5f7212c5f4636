//! What a browser brings back between password and code: sealed, so that any gateway on the
//! database can read it, and good for some minutes.

use secret::TokenDigest;
use serde::{Deserialize, Serialize};
use store::{Administrator, Store};

use crate::error::Error;

/// In milliseconds.
const LIFETIME: i64 = 5 * 60_000;

/// Somebody gave the right password.
#[derive(Serialize, Deserialize)]
pub(crate) struct Ticket {
    pub(crate) name: String,
    /// Of the password that was given: another one ends the ticket.
    password: String,
    /// Whether they want to stay signed in.
    pub(crate) keep: bool,
    /// Whether nothing is asked for any more but another password.
    is_proven: bool,
    until: i64,
}

impl Ticket {
    pub(crate) fn new(person: &Administrator, keep: bool) -> Self {
        let until = relay::now().millis().saturating_add(LIFETIME);
        Self { name: person.name.clone(), password: of(person), keep, is_proven: false, until }
    }

    /// Of somebody who has given all that is asked for, and has yet to choose another password.
    pub(crate) fn proven(person: &Administrator, keep: bool) -> Self {
        Self { is_proven: true, ..Self::new(person, keep) }
    }

    pub(crate) fn seal(&self, store: &Store) -> Result<String, Error> {
        let text = serde_json::to_string(self).map_err(|_| Error::Internal)?;
        Ok(store.seal_ticket(&text)?)
    }

    /// The ticket, unless it is none or its time is over.
    pub(crate) fn open(store: &Store, sealed: &str) -> Option<Self> {
        let ticket: Self = serde_json::from_str(&store.open_ticket(sealed)?).ok()?;
        (ticket.until > relay::now().millis()).then_some(ticket)
    }

    /// Whether it lets somebody choose another password.
    pub(crate) fn is_proven(&self) -> bool {
        self.is_proven
    }

    /// Whether they still have the password that was given.
    pub(crate) fn is_of(&self, person: &Administrator) -> bool {
        self.name == person.name && self.password == of(person)
    }
}

fn of(person: &Administrator) -> String {
    TokenDigest::of(person.password_hash.as_bytes()).to_hex()
}

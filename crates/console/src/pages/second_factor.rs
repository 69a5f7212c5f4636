//! `/admin/people/second-factor`: one's own second factor, set up and turned off.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::Redirect;
use secret::TotpSecret;
use serde::Deserialize;

use super::people::{ShownPage, back};
use crate::State as Console;
use crate::access::{Identity, second_factor};
use crate::changes::people::{Confirmed, confirm, turn_factor_off};
use crate::error::Error;
use crate::page::Page;
use crate::qr::Picture;
use crate::shell::Shell;
use crate::state::Peer;
use crate::words::people::PeopleWords;

#[derive(Template)]
#[template(path = "second_factor.html")]
pub(crate) struct SecondFactorPage {
    shell: Shell,
    w: &'static PeopleWords,
    /// In base 32; the form brings it back.
    secret: String,
    uri: String,
    picture: Picture,
}

#[derive(Deserialize)]
pub(crate) struct Proof {
    secret: String,
    code: String,
    current: String,
}

#[derive(Deserialize)]
pub(crate) struct Password {
    current: String,
}

pub(crate) async fn show(
    shell: Shell,
    identity: Identity,
) -> Result<Page<SecondFactorPage>, Error> {
    let secret = second_factor::propose().map_err(|_| Error::Internal)?;
    let uri = second_factor::uri(&identity.actor, &secret).to_string();
    let picture =
        Picture::of(&uri).ok_or_else(|| Error::invalid("name", "is too long for a QR code"))?;
    let w = PeopleWords::of(shell.language);
    let secret = secret.expose().to_string();
    Ok(Page(SecondFactorPage { shell, w, secret, uri, picture }))
}

/// Sets it up, and shows the recovery codes this once.
pub(crate) async fn set_up(
    State(console): State<Console>,
    shell: Shell,
    identity: Identity,
    peer: Peer,
    proof: Result<Form<Proof>, FormRejection>,
) -> Result<Page<ShownPage>, Error> {
    let Form(Proof { secret, code, current }) = proof?;
    let secret = TotpSecret::parse(&secret)
        .ok_or_else(|| Error::invalid("secret", "is not what this page proposed"))?;
    let Confirmed { person, session } = confirm(&console, &identity, peer, &current).await?;
    let codes = second_factor::enrol(&console.store, &person, &secret, &code, &session).await?;
    let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    let w = PeopleWords::of(shell.language);
    let (title, text) = (w.recovery_codes.to_owned(), codes.join("\n"));
    Ok(Page(ShownPage { shell, w, title, about: w.recovery_once, text }))
}

pub(crate) async fn turn_off(
    State(console): State<Console>,
    identity: Identity,
    peer: Peer,
    password: Result<Form<Password>, FormRejection>,
) -> Result<Redirect, Error> {
    let Form(Password { current }) = password?;
    turn_factor_off(&console, &identity, peer, &current).await?;
    Ok(back())
}

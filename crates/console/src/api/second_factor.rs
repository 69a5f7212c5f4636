//! `/api/admin/people/second-factor`: one's own second factor.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use http::StatusCode;
use secret::TotpSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ErrorBody;
use crate::State as Console;
use crate::access::{Identity, second_factor};
use crate::changes::people::{self as changes, Confirmed, confirm};
use crate::error::Error;
use crate::state::Peer;

/// A secret that may become a second factor. Nothing is kept of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecondFactorProposal {
    /// In base 32, for an authenticator app.
    secret: String,
    /// The same as an address that such apps open.
    uri: String,
}

/// That an authenticator has the secret, and that it is oneself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecondFactorProof {
    /// The one that was proposed.
    secret: String,
    /// The code that the app shows at this moment.
    code: String,
    /// One's password.
    current: String,
}

/// What opens once each in place of the app.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// One's password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CurrentPassword {
    current: String,
}

/// Proposes the secret of a second factor to whoever is signed in.
#[utoipa::path(
    get, path = "/api/admin/people/second-factor", tag = "People",
    operation_id = "proposeSecondFactor",
    responses((status = 200, description = "A new secret", body = SecondFactorProposal, example = json!({
        "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "uri": "otpauth://totp/gemini-balance:ann?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=gemini-balance&algorithm=SHA1&digits=6&period=30"
    })))
)]
pub(crate) async fn propose(identity: Identity) -> Result<Json<SecondFactorProposal>, Error> {
    let secret = second_factor::propose().map_err(|_| Error::Internal)?;
    let uri = second_factor::uri(&identity.actor, &secret).to_string();
    Ok(Json(SecondFactorProposal { secret: secret.expose().to_string(), uri }))
}

/// Sets up the second factor of whoever is signed in, and ends their other sessions.
#[utoipa::path(
    post, path = "/api/admin/people/second-factor", tag = "People",
    operation_id = "setUpSecondFactor",
    request_body(content = SecondFactorProof, example = json!({
        "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "code": "123456",
        "current": "correct horse battery"
    })),
    responses(
        (status = 200, description = "It is on; the codes are shown this once", body = RecoveryCodes),
        (status = 400, description = "The secret, the code or the password is wrong", body = ErrorBody),
        (status = 409, description = "Whoever asks has no password of their own", body = ErrorBody),
        (status = 429, description = "Too many were wrong", body = ErrorBody),
    )
)]
pub(crate) async fn set_up(
    State(console): State<Console>,
    identity: Identity,
    peer: Peer,
    proof: Result<Json<SecondFactorProof>, JsonRejection>,
) -> Result<Json<RecoveryCodes>, Error> {
    let Json(SecondFactorProof { secret, code, current }) = proof?;
    let secret = TotpSecret::parse(&secret)
        .ok_or_else(|| Error::invalid("secret", "is not what was proposed"))?;
    let Confirmed { person, session } = confirm(&console, &identity, peer, &current).await?;
    let codes = second_factor::enrol(&console.store, &person, &secret, &code, &session).await?;
    let recovery_codes = codes.iter().map(|code| code.to_string()).collect();
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// Turns off the second factor of whoever is signed in.
#[utoipa::path(
    post, path = "/api/admin/people/second-factor/off", tag = "People",
    operation_id = "turnOffSecondFactor",
    request_body(content = CurrentPassword, example = json!({"current": "correct horse battery"})),
    responses(
        (status = 204, description = "It is off"),
        (status = 400, description = "The password is wrong", body = ErrorBody),
        (status = 409, description = "Whoever asks has no password of their own", body = ErrorBody),
        (status = 429, description = "Too many were wrong", body = ErrorBody),
    )
)]
pub(crate) async fn turn_off(
    State(console): State<Console>,
    identity: Identity,
    peer: Peer,
    password: Result<Json<CurrentPassword>, JsonRejection>,
) -> Result<StatusCode, Error> {
    let Json(CurrentPassword { current }) = password?;
    changes::turn_factor_off(&console, &identity, peer, &current).await?;
    Ok(StatusCode::NO_CONTENT)
}

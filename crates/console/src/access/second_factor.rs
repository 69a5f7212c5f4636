//! Second factors: a code that changes every 30 seconds, or one of ten that are kept for the day
//! when the phone is gone.

use secret::{NoRandomness, TotpSecret, Zeroizing};
use store::{Administrator, NewTotp, Store};

use super::code;
use crate::error::Error;

/// So many recovery codes there are.
const RECOVERY_CODES: usize = 10;

/// Whether this code is one of theirs and was not used before. It is used up by that.
pub(crate) async fn accepts(
    store: &Store,
    person: &Administrator,
    typed: &str,
) -> Result<bool, Error> {
    let secret = person.totp.as_deref().and_then(TotpSecret::parse);
    if let Some(step) = secret.and_then(|secret| step_of(&secret, typed)) {
        return Ok(store.use_totp_step(&person.name, step).await?);
    }
    let Some(digest) = code::digest(typed) else { return Ok(false) };
    let is_used = store.use_recovery_code(&person.name, &digest).await?;
    if is_used {
        store.note(&person.name, "people.recovery_code", &person.name, "").await?;
    }
    Ok(is_used)
}

/// A secret that is to be set up.
pub(crate) fn propose() -> Result<TotpSecret, NoRandomness> {
    TotpSecret::generate()
}

/// Sets it up for somebody whose authenticator shows the code, and returns their recovery codes.
pub(crate) async fn enrol(
    store: &Store,
    person: &Administrator,
    secret: &TotpSecret,
    typed: &str,
    session: &str,
) -> Result<Vec<Zeroizing<String>>, Error> {
    let step = step_of(secret, typed)
        .ok_or_else(|| Error::invalid("code", "is not the one that is shown at this moment"))?;
    let codes = (0..RECOVERY_CODES).map(|_| code::readable()).collect::<Result<Vec<_>, _>>()?;
    let digests: Vec<_> = codes.iter().filter_map(|code| code::digest(code)).collect();
    let secret = secret.expose();
    let totp = NewTotp { secret: &secret, step, recovery_codes: &digests };
    store.set_totp(&person.name, Some(totp), Some(session)).await?;
    store.note(&person.name, "people.totp_on", &person.name, "").await?;
    Ok(codes)
}

fn step_of(secret: &TotpSecret, typed: &str) -> Option<i64> {
    let code: String = typed.chars().filter(|digit| !digit.is_whitespace()).collect();
    secret.step_of(&code, relay::now().millis() / 1000)
}

/// The address that authenticators read.
pub(crate) fn uri(name: &str, secret: &TotpSecret) -> Zeroizing<String> {
    const ISSUER: &str = "gemini-balance";
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let name = name.replace('+', "%20");
    Zeroizing::new(format!(
        "otpauth://totp/{ISSUER}:{name}?secret={}&issuer={ISSUER}&algorithm=SHA1&digits=6&period=30",
        secret.expose().as_str()
    ))
}

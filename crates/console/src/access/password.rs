//! Passwords of administrators: Argon2id, off the event loop.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

use secret::Zeroizing;

use super::code;
use crate::error::Error;

/// A shorter password can be guessed.
pub(crate) const SHORTEST: usize = 12;

/// A password for somebody.
#[derive(Debug)]
pub struct Password {
    /// What is stored of it.
    pub hash: String,
    /// The password itself, to be shown once, if it was made here.
    pub made: Option<Zeroizing<String>>,
}

/// Why somebody cannot have a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// It can be guessed.
    #[error("has fewer than {SHORTEST} characters")]
    TooShort,
    /// The system gives no randomness, or too little memory.
    #[error("could not be made")]
    Failed,
}

/// The password that was typed; one that is made, if nothing was.
pub async fn choose_password(typed: Option<&str>) -> Result<Password, PasswordError> {
    let made = match typed {
        Some(typed) if typed.chars().count() < SHORTEST => return Err(PasswordError::TooShort),
        Some(_) => None,
        None => Some(code::readable().map_err(|_| PasswordError::Failed)?),
    };
    let password = typed.or(made.as_ref().map(|made| made.as_str())).unwrap_or_default();
    let hash = hash(password.to_owned()).await.map_err(|_| PasswordError::Failed)?;
    Ok(Password { hash, made })
}

/// A hash of a password that nobody has: checking it takes as long as checking a real one, so that
/// the time taken does not tell which names exist.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$Z2VtaW5pLWJhbGFuY2Uh$7Oo3yk8k0Fzqj9zD6Qm1TzvQJvW0F6yCMvX3Q5k2v2M";

/// The hash that is stored of a password, as a PHC string.
pub(crate) async fn hash(password: String) -> Result<String, Error> {
    aside(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|_| Error::Internal)
    })
    .await?
}

/// Whether this is the password that the hash was made of; with `None` it never is.
pub(crate) async fn matches(password: String, hash: Option<String>) -> Result<bool, Error> {
    aside(move || {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let Ok(hash) = PasswordHash::new(&hash) else { return false };
        Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && exists
    })
    .await
}

/// Hashing takes tens of milliseconds by design.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_hash_and_nothing_else() {
        let hash = hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(matches("correct horse".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!matches("wrong horse".to_owned(), Some(hash)).await.unwrap());
        assert!(!matches("correct horse".to_owned(), None).await.unwrap());
        assert!(PasswordHash::new(NOBODY).is_ok(), "checked as long as a real one");
    }

    #[tokio::test]
    async fn passwords_are_typed_or_made_and_long_enough() {
        let short = choose_password(Some("eleven char")).await;
        assert!(matches!(short, Err(PasswordError::TooShort)), "{short:?}");
        assert!(choose_password(Some("twelve chars")).await.unwrap().made.is_none());
        let made = choose_password(None).await.unwrap();
        let password = made.made.unwrap();
        assert!(password.len() >= SHORTEST);
        assert!(matches(password.to_string(), Some(made.hash)).await.unwrap());
    }
}

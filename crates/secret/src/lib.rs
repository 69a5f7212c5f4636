//! Pool keys, client tokens, and what keeps them secret.
//!
//! * [`PoolKey`] and [`ClientToken`]: the two kinds of credential, as types that cannot be printed,
//!   cloned or serialized by accident.
//! * [`AdminToken`] and [`TotpSecret`]: what opens the admin API to scripts, and the second factor of
//!   people.
//! * [`mask()`]: the only form in which a credential is ever shown.
//! * [`TokenDigest`]: what is stored of a client token.
//! * [`Vault`]: seals secrets for storage under a [`MasterKey`], and makes keyed fingerprints to
//!   find them again.
//! * [`Passphrase`]: what a person types to seal what leaves the database.
//! * [`redact()`] and [`Redactor`]: remove credentials from text by what they look like, and by the
//!   values that are known.
//!
//! Pure: no files, no clock, no logging. The only thing drawn from outside is randomness of the
//! operating system, by the cryptography library.

mod admin_token;
mod client_token;
mod hex;
mod invalid_secret;
mod mask;
mod master_key;
mod passphrase;
mod pool_key;
mod randomness;
mod redact;
mod redactor;
mod secret_code;
mod token_digest;
mod totp;
mod vault;

pub use admin_token::AdminToken;
pub use client_token::ClientToken;
pub use invalid_secret::InvalidSecret;
pub use mask::mask;
pub use master_key::MasterKey;
pub use passphrase::{Passphrase, Salt};
pub use pool_key::PoolKey;
pub use randomness::NoRandomness;
pub use redact::{redact, redact_bytes};
pub use redactor::{Redactor, TooManySecrets};
pub use secret_code::SecretCode;
pub use token_digest::{InvalidDigest, TokenDigest};
pub use totp::TotpSecret;
pub use vault::{OpenError, SealError, Vault};
// Named in the signature of `Vault::open`.
pub use zeroize::Zeroizing;

//! What administrators change, the same for pages and for the JSON API: checked, done in one step,
//! and written into the audit log.

pub(crate) mod admin_tokens;
mod difference;
pub(crate) mod errors;
pub(crate) mod files;
pub(crate) mod keys;
mod limits;
pub(crate) mod logs;
mod made;
pub(crate) mod models;
pub(crate) mod people;
pub(crate) mod proxies;
pub(crate) mod settings;
pub(crate) mod tokens;

pub(crate) use difference::Difference;
pub(crate) use limits::Limits;
pub(crate) use made::Made;

use crate::error::Error;

/// What is told of a token that nobody has, or no longer.
const UNKNOWN_TOKEN: Error = Error::NotFound("There is no such token that is in use.");

/// The labels in a text, separated by commas or spaces.
pub(crate) fn labels(text: &str) -> Vec<String> {
    text.split([',', ' ']).filter(|label| !label.is_empty()).map(str::to_owned).collect()
}

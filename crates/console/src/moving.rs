//! Moving in: what somebody brings is looked at first, and taken over when they confirm.
//!
//! A [`Delivery`] belongs to whoever brought it and lives in this process only, as does its file,
//! until it is taken over, forgotten, or left alone for a while.

mod brought;
mod deliveries;
mod delivery;
mod file;
mod taking;

use axum::extract::DefaultBodyLimit;

pub(crate) use brought::{Brought, PASTED, Wishes};
pub(crate) use deliveries::Deliveries;
pub(crate) use delivery::{Contents, Delivery, Stage};
pub(crate) use file::{LARGEST, ReceivedFile};

/// The longest text that can be pasted: some hundred thousand keys. Longer ones are files.
pub(crate) fn text_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(16 * 1024 * 1024)
}

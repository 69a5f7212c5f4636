//! The pool as pages show it: keys with their standing, found, sorted and cut into pages.

mod filter;
mod key;
mod listing;
mod why;

pub(crate) use filter::Filter;
pub(crate) use key::{Key, Standing};
pub(crate) use listing::{Listing, each, find};
pub(crate) use why::{Check, Step, why};

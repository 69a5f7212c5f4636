//! The pool as pages show it: keys with their standing, found, sorted and cut into pages.

mod filter;
mod key;

pub(crate) use filter::{Filter, Listing};
pub(crate) use key::{Key, Standing};

//! What clients have made at Google, as administrators look at it.

mod filter;
mod kinds;
mod listing;
mod losses;
mod register;

pub(crate) use filter::{Filter, State};
pub(crate) use listing::{File, Listing, Standing};
pub(crate) use losses::{Losses, losses};
pub(crate) use register::{Counts, ProjectUse, Register};

//! The ways out to Google, as administrators look at them.

mod bound;
mod fleet;
mod pasted;
mod tested;

pub(crate) use bound::{choices, way};
pub(crate) use fleet::{Fleet, Proxy, Shares, worse};
pub(crate) use pasted::addresses;
pub(crate) use tested::{Test, Tests};

//! The ways out to Google, as administrators look at them.

mod bound;
mod fleet;
mod moves;
mod pasted;
mod rebalance;
mod tested;

pub(crate) use bound::{choices, open_choices, open_way, way};
pub(crate) use fleet::{Fleet, Proxy, Shares, worse};
pub(crate) use moves::Moves;
pub(crate) use pasted::addresses;
pub(crate) use rebalance::{Rebalance, keys_at_home};
pub(crate) use tested::{Test, Tests};

//! Long work that goes on at the server while browsers come and go: jobs over many keys, with their
//! progress and results.

mod adding;
mod job;
mod keys;
mod pasted;

pub(crate) use adding::{add, restore};
pub(crate) use job::{Done, Job, Jobs, Outcome};
pub(crate) use keys::{Action, run};
pub(crate) use pasted::find as find_keys;

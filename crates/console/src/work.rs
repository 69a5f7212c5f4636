//! Long work that goes on at the server while browsers come and go: jobs over many keys, with their
//! progress and results.

mod adding;
mod files;
mod job;
mod keys;
mod pasted;
mod proxies;
mod requests;
mod trial;
mod undoing;

pub(crate) use adding::add;
pub(crate) use files::{FileAction, run_files};
pub(crate) use job::{Done, Job, Jobs, Outcome, Subject};
pub(crate) use keys::{Action, run};
pub(crate) use pasted::find as find_keys;
pub(crate) use proxies::test_proxies;
pub(crate) use requests::delete_requests;
pub(crate) use trial::{ACTION as TEST_MODEL, test_model};
pub(crate) use undoing::undo;

//! Responses that are worked on whether or not anybody waits for them.

mod follower;
mod tape;
mod work;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use follower::{Follower, Source};
pub(crate) use tape::Tape;
pub(crate) use work::Work;

/// The background responses that this process works on.
#[derive(Default)]
pub(crate) struct Background {
    jobs: Mutex<HashMap<Arc<str>, Arc<Job>>>,
    pub(crate) tasks: TaskTracker,
}

/// A response that is worked on.
#[derive(Default)]
pub(crate) struct Job {
    pub(crate) tape: Tape,
    /// Cancelled when nobody wants the response any more.
    pub(crate) unwanted: CancellationToken,
}

/// Room for one response, given back when it is dropped.
pub(crate) struct Place {
    background: Arc<Background>,
    pub(crate) id: Arc<str>,
    pub(crate) job: Arc<Job>,
}

impl Background {
    /// A place for the response of this id, if fewer than `most` are worked on.
    pub(crate) fn place(self: &Arc<Self>, id: &str, most: usize) -> Option<Place> {
        let mut jobs = self.jobs();
        if jobs.len() >= most {
            return None;
        }
        let (id, job) = (Arc::<str>::from(id), Arc::<Job>::default());
        jobs.insert(Arc::clone(&id), Arc::clone(&job));
        Some(Place { background: Arc::clone(self), id, job })
    }

    /// The work on a response, if it is done in this process.
    pub(crate) fn job(&self, id: &str) -> Option<Arc<Job>> {
        self.jobs().get(id).cloned()
    }

    /// Waits until no work is left. More may begin while a connection is open.
    pub(crate) async fn idle(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Job>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.background.jobs().remove(&self.id);
        self.job.tape.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_so_many_at_a_time() {
        let background = Arc::new(Background::default());
        let one = background.place("1", 2).unwrap();
        let two = background.place("2", 2).unwrap();
        assert!(background.place("3", 2).is_none());
        assert!(Arc::ptr_eq(&background.job("1").unwrap(), &one.job));
        let job = Arc::clone(&one.job);
        drop(one);
        assert!(background.job("1").is_none() && job.tape.follow().borrow().has_ended());
        assert!(background.place("3", 2).is_some());
        drop(two);
    }
}

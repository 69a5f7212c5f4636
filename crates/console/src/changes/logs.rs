//! Taking requests out of the log.

use std::sync::Arc;

use keypool::Timestamp;
use store::RequestFilter;

use crate::State;
use crate::access::Identity;
use crate::error::Error;
use crate::work::{self, Job};

/// Deletes the requests that a filter finds now, with their failed attempts, as a job; `said` is the
/// filter as people wrote it. What is summed up stays.
pub(crate) async fn delete(
    state: &State,
    identity: &Identity,
    filter: RequestFilter,
    said: &str,
    now: Timestamp,
) -> Result<Arc<Job>, Error> {
    if said.is_empty() {
        return Err(Error::invalid("filter", "says nothing, and would mean every request"));
    }
    // Not what comes while it is deleted.
    let until = Some(filter.until.map_or(now, |until| until.min(now)));
    work::delete_requests(state, RequestFilter { until, ..filter }, said, &identity.actor).await
}

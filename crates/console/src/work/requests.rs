//! Taking requests out of the log, all that a filter finds.

use std::sync::Arc;

use serde_json::json;
use store::{RequestFilter, Store};

use super::job::{Done, Job, Outcome};
use crate::State;
use crate::error::Error;
use crate::format::count;

/// What the audit log calls the log of requests.
const OBJECT: &str = "requests";

/// Deletes the requests that a filter finds, in the background, a piece of the log at a time.
/// `said` is the filter as people wrote it.
pub(crate) async fn delete_requests(
    state: &State,
    filter: RequestFilter,
    said: &str,
    actor: &str,
) -> Result<Arc<Job>, Error> {
    let pieces = state.store.pieces_of_requests(&filter).await?;
    if pieces.is_empty() {
        return Err(Error::invalid("filter", "finds no request"));
    }
    let job = state.jobs.begin("delete_requests", actor, pieces.len());
    let detail = json!({"filter": said, "job": job.id}).to_string();
    state.store.note(actor, "logs.delete", OBJECT, &detail).await?;
    let (store, working) = (state.store.clone(), Arc::clone(&job));
    let stop = state.gateway.stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = all(&store, &filter, pieces, &working) => {}
            () = working.cancel.cancelled() => {}
            () = stop.cancelled() => {}
        }
        working.finish();
    });
    Ok(job)
}

async fn all(store: &Store, filter: &RequestFilter, pieces: Vec<(i64, i64)>, job: &Job) {
    let mut deleted = 0;
    for piece in pieces {
        let done = store.delete_requests(filter, piece).await;
        deleted += done.as_ref().copied().unwrap_or_default();
        let (outcome, code, message) = match done {
            Ok(0) => (Outcome::Skipped, "nothing", String::new()),
            Ok(some) => (Outcome::Ok, "deleted", count(some)),
            Err(error) => (Outcome::Failed, "database", error.to_string()),
        };
        let mask = format!("{} – {}", piece.0, piece.1);
        job.add(Done { id: piece.1.to_string(), mask, outcome, code, message });
    }
    let detail = json!({"count": deleted, "job": job.id}).to_string();
    if let Err(error) = store.note(&job.actor, "logs.deleted", OBJECT, &detail).await {
        tracing::error!(%error, deleted, "it cannot be written down that requests were deleted");
    }
}

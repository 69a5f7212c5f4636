//! Adding keys, many at once.

use std::sync::Arc;

use store::{AddKey, NewKey, Source};

use super::job::{Done, Job, Outcome};
use crate::State;
use crate::error::Error;

/// Adds the keys in the background; those that are there already are skipped.
pub(crate) async fn add(
    state: &State,
    keys: Vec<NewKey>,
    actor: &str,
    action: &'static str,
) -> Result<Arc<Job>, Error> {
    let job = state.jobs.begin(action, actor, keys.len());
    let detail = serde_json::json!({"count": keys.len(), "job": job.id}).to_string();
    state.store.note(actor, &format!("keys.{action}"), "", &detail).await?;
    let (store, working) = (state.store.clone(), Arc::clone(&job));
    let stop = state.gateway.stop.clone();
    tokio::spawn(async move {
        for key in keys {
            if working.cancel.is_cancelled() || stop.is_cancelled() {
                break;
            }
            let mask = key.secret.mask();
            let (id, outcome, code, message) = match store.add_key(key, Source::Admin).await {
                Ok(AddKey::Added(id)) => (id.to_string(), Outcome::Ok, "added", String::new()),
                Ok(AddKey::Exists(id)) => {
                    (id.to_string(), Outcome::Skipped, "exists", String::new())
                }
                Err(error) => (String::new(), Outcome::Failed, "refused", error.to_string()),
            };
            working.add(Done { id, mask, outcome, code, message });
        }
        working.finish();
    });
    Ok(job)
}

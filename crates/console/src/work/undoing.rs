//! Taking back what a job did: keys that were removed come back, those that were disabled serve again,
//! labels that were added go.

use std::sync::Arc;

use store::{KeyUpdate, Store, StoreError, StoredKey};

use super::adding::{begin, done};
use super::job::{Done, Job, Outcome};
use crate::State;
use crate::error::Error;

/// What is taken back.
#[derive(Debug, Clone)]
enum Undoing {
    Removal,
    Disabling,
    /// Of this label.
    Tagging(String),
}

/// Takes back what a job did, as a job; one that still goes on is stopped first.
pub(crate) async fn undo(state: &State, job: &Job, actor: &str) -> Result<Arc<Job>, Error> {
    let undoing = match job.action {
        "remove" => Undoing::Removal,
        "disable" => Undoing::Disabling,
        "tag" => Undoing::Tagging(job.about.clone()),
        _ => return Err(Error::invalid("id", "this job cannot be undone")),
    };
    job.cancel.cancel();
    job.end().await;
    let keys = job.take_before();
    let job = begin(state, undoing.name(), keys.len(), actor).await?;
    let (store, working) = (state.store.clone(), Arc::clone(&job));
    let stop = state.gateway.stop.clone();
    tokio::spawn(async move {
        for key in keys {
            if working.cancel.is_cancelled() || stop.is_cancelled() {
                break;
            }
            working.add(undoing.of(&store, key).await);
        }
        working.finish();
    });
    Ok(job)
}

impl Undoing {
    fn name(&self) -> &'static str {
        match self {
            Self::Removal => "restore",
            Self::Disabling => "enable_again",
            Self::Tagging(_) => "untag",
        }
    }

    async fn of(&self, store: &Store, key: StoredKey) -> Done {
        let found = match self {
            Self::Removal => {
                let added = store.restore_key(&key).await;
                return done(key.mask, added);
            }
            Self::Disabling => store.set_key_enabled(&key.id, true).await,
            Self::Tagging(label) => untag(store, &key, label).await,
        };
        let (outcome, code, message) = match found {
            Ok(true) => (Outcome::Ok, "done", String::new()),
            Ok(false) => (Outcome::Skipped, "gone", String::new()),
            Err(error) => (Outcome::Failed, "database", error.to_string()),
        };
        Done { id: key.id.to_string(), mask: key.mask, outcome, code, message }
    }
}

/// Takes a label away, whatever else was changed meanwhile.
async fn untag(store: &Store, key: &StoredKey, label: &str) -> Result<bool, StoreError> {
    let Some(now) = store.key(&key.id).await? else { return Ok(false) };
    let tags = now.tags.into_iter().filter(|tag| tag != label).collect();
    store.update_key(&key.id, KeyUpdate { tags: Some(tags), ..KeyUpdate::default() }).await
}

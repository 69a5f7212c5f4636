//! Adding keys, many at once.

use std::sync::Arc;

use jobs::{Checker, Finding};
use keypool::KeyId;
use store::{AddKey, NewKey, Source, Store, StoreError};

use super::job::{Done, Job, Outcome};
use super::keys::{checker, finding_of};
use crate::State;
use crate::error::Error;

/// So many keys are added in one step: ten thousand in some seconds, and still told of as they come.
const TOGETHER: usize = 100;

/// Adds the keys in the background; those that are there already are skipped. With `verify` they
/// serve only once Google has accepted them.
pub(crate) async fn add(
    state: &State,
    mut keys: Vec<NewKey>,
    verify: bool,
    actor: &str,
) -> Result<Arc<Job>, Error> {
    let checker = if verify { Some(checker(state)?) } else { None };
    let job = begin(state, "add", keys.len(), actor).await?;
    for key in &mut keys {
        key.batch = Some(job.id.clone());
    }
    let work = Work { store: state.store.clone(), job: Arc::clone(&job), checker };
    let stop = state.gateway.stop.clone();
    tokio::spawn(async move {
        for some in keys.chunks(TOGETHER) {
            if work.job.cancel.is_cancelled() || stop.is_cancelled() {
                break;
            }
            work.add(some).await;
        }
        work.job.finish();
    });
    Ok(job)
}

pub(super) async fn begin(
    state: &State,
    action: &'static str,
    count: usize,
    actor: &str,
) -> Result<Arc<Job>, Error> {
    let job = state.jobs.begin(action, actor, count);
    let detail = serde_json::json!({"count": count, "job": job.id}).to_string();
    state.store.note(actor, &format!("keys.{action}"), "", &detail).await?;
    Ok(job)
}

struct Work {
    store: Store,
    job: Arc<Job>,
    /// Of those that are asked about before they serve.
    checker: Option<Checker>,
}

impl Work {
    async fn add(&self, some: &[NewKey]) {
        let keys: Vec<NewKey> = match self.checker {
            Some(_) => some.iter().map(|key| NewKey { enabled: false, ..key.clone() }).collect(),
            None => some.to_vec(),
        };
        let Ok(added) = self.store.add_keys(&keys, Source::Admin).await else {
            // One of them is refused: the others shall not suffer for it.
            return self.one_by_one(&keys).await;
        };
        let mut unknown = Vec::new();
        for (key, added) in keys.iter().zip(added) {
            match added {
                AddKey::Added(id) if self.checker.is_some() => unknown.push(id),
                added => self.job.add(done(key.secret.mask(), Ok(added))),
            }
        }
        if let Some(checker) = self.checker.as_ref().filter(|_| !unknown.is_empty()) {
            self.verify(checker, &unknown).await;
        }
    }

    async fn one_by_one(&self, keys: &[NewKey]) {
        for key in keys {
            let mask = key.secret.mask();
            let added = self.store.add_key(key.clone(), Source::Admin).await;
            self.job.add(done(mask, added));
        }
    }

    /// Asks Google about keys that were added, and lets those serve that it accepts.
    async fn verify(&self, checker: &Checker, ids: &[KeyId]) {
        let mut keys = Vec::with_capacity(ids.len());
        for id in ids {
            if let Ok(Some(key)) = self.store.key(id).await {
                keys.push(key);
            }
        }
        let findings = match checker.check(&self.store, &keys).await {
            Ok(findings) => findings,
            Err(error) => vec![Finding::Unclear { why: error.to_string() }; keys.len()],
        };
        for (key, finding) in keys.into_iter().zip(findings) {
            let is_alive = matches!(finding, Finding::Alive { .. });
            let (mut outcome, mut code, mut message) = finding_of(finding);
            if is_alive && let Err(error) = self.store.set_key_enabled(&key.id, true).await {
                (outcome, code, message) = (Outcome::Failed, "database", error.to_string());
            }
            self.job.add(Done { id: key.id.to_string(), mask: key.mask, outcome, code, message });
        }
    }
}

/// What became of a key that was to be added.
pub(super) fn done(mask: String, added: Result<AddKey, StoreError>) -> Done {
    let (id, outcome, code, message) = match added {
        Ok(AddKey::Added(id)) => (id.to_string(), Outcome::Ok, "added", String::new()),
        Ok(AddKey::Exists(id)) => (id.to_string(), Outcome::Skipped, "exists", String::new()),
        Err(error) => (String::new(), Outcome::Failed, "refused", error.to_string()),
    };
    Done { id, mask, outcome, code, message }
}

//! What can be done to many keys at once.

use std::sync::Arc;
use std::time::Duration;

use jobs::{Checker, Finding};
use keypool::KeyId;
use relay::Gateway;
use store::{KeyUpdate, Store, StoreError, StoredKey};

use super::job::{Done, Job, Outcome};
use crate::State;
use crate::error::Error;
use crate::files::{Losses, losses};

/// So many keys are asked about at a time.
const TOGETHER: usize = 32;

/// The most minutes for which keys are left alone: a day.
const LONGEST: u64 = 24 * 60;

/// What is to be done to keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    Verify,
    Enable,
    Disable,
    Remove,
    /// Adds a label.
    Tag(String),
    /// Forgets what speaks against them.
    Reset,
    /// Leaves them and their projects alone for a while.
    Pause(Duration),
}

impl Action {
    pub(crate) fn of_name(name: &str, tag: &str, minutes: &str) -> Result<Self, Error> {
        Ok(match name {
            "verify" => Self::Verify,
            "enable" => Self::Enable,
            "disable" => Self::Disable,
            "remove" => Self::Remove,
            "tag" if tag.trim().is_empty() => return Err(Error::invalid("tag", "is empty")),
            "tag" => Self::Tag(tag.trim().to_owned()),
            "reset" => Self::Reset,
            "pause" => Self::Pause(pause(minutes)?),
            _ => {
                let accepted = "accepted are verify, enable, disable, remove, tag, reset and pause";
                return Err(Error::invalid("action", accepted));
            }
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Remove => "remove",
            Self::Tag(_) => "tag",
            Self::Reset => "reset",
            Self::Pause(_) => "pause",
        }
    }

    /// Whether it can be taken back for a while.
    pub(crate) fn can_be_undone(&self) -> bool {
        matches!(self, Self::Remove | Self::Disable | Self::Tag(_))
    }
}

/// For how long keys are to be left alone.
fn pause(minutes: &str) -> Result<Duration, Error> {
    let minutes = minutes.trim().parse().ok().filter(|minutes| (1..=LONGEST).contains(minutes));
    let wrong = || Error::invalid("minutes", format!("is no number from 1 to {LONGEST}"));
    minutes.map(Duration::from_mins).ok_or_else(wrong)
}

/// Does it to the keys of these ids, in the background; the job tells how far it is.
pub(crate) async fn run(
    state: &State,
    action: Action,
    ids: Vec<KeyId>,
    actor: &str,
) -> Result<Arc<Job>, Error> {
    let checker = if action == Action::Verify { Some(checker(state)?) } else { None };
    let losses = match action {
        Action::Remove => losses(state, &ids).await?,
        _ => Losses::default(),
    };
    let about = if let Action::Tag(label) = &action { label.as_str() } else { "" };
    let job = state.jobs.begin_about(action.name(), about, actor, ids.len());
    let mut detail = serde_json::json!({"count": ids.len(), "job": job.id});
    match &action {
        Action::Tag(tag) => detail["tag"] = tag.as_str().into(),
        Action::Pause(duration) => detail["minutes"] = (duration.as_secs() / 60).into(),
        _ => {}
    }
    let verb = format!("keys.{}", action.name());
    let object = match ids.as_slice() {
        [one] => one.as_str(),
        _ => "",
    };
    state.store.note(actor, &verb, object, &detail.to_string()).await?;
    let (store, gateway) = (state.store.clone(), Arc::clone(&state.gateway));
    let work = Work { store, gateway, checker, action, losses, job: Arc::clone(&job) };
    let stop = state.gateway.stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = work.all(ids) => {}
            () = work.job.cancel.cancelled() => {}
            () = stop.cancelled() => {}
        }
        work.job.finish();
    });
    Ok(job)
}

pub(super) fn checker(state: &State) -> Result<Checker, Error> {
    let configuration = state.gateway.configuration();
    Checker::new(&configuration.settings).map_err(|error| {
        tracing::warn!(%error, "keys cannot be checked");
        Error::Internal
    })
}

/// What became of a key that Google was asked about.
pub(super) fn finding_of(finding: Finding) -> (Outcome, &'static str, String) {
    match finding {
        Finding::Alive { remark } => (Outcome::Ok, "alive", remark.unwrap_or_default()),
        Finding::Dead { reason, words } => (Outcome::Failed, reason.as_str(), words),
        Finding::Unclear { why } => (Outcome::Failed, "unclear", why),
    }
}

struct Work {
    store: Store,
    gateway: Arc<Gateway>,
    /// Of those that verify.
    checker: Option<Checker>,
    action: Action,
    /// What goes out of reach with keys that are removed.
    losses: Losses,
    job: Arc<Job>,
}

impl Work {
    async fn all(&self, ids: Vec<KeyId>) {
        let stored = match self.store.list_keys().await {
            Ok(stored) => stored,
            Err(error) => return self.give_up(&ids, &error),
        };
        let mut stored: std::collections::HashMap<KeyId, StoredKey> =
            stored.into_iter().map(|key| (key.id.clone(), key)).collect();
        for chunk in ids.chunks(TOGETHER) {
            let (mut keys, mut gone) = (Vec::new(), Vec::new());
            for id in chunk {
                match stored.remove(id) {
                    Some(key) => keys.push(key),
                    None => gone.push(id),
                }
            }
            for id in gone {
                self.skipped(id);
            }
            if let Some(checker) = &self.checker {
                self.verify(checker, &keys).await;
            } else {
                for key in keys {
                    self.change(key).await;
                }
            }
        }
    }

    async fn verify(&self, checker: &Checker, keys: &[StoredKey]) {
        match checker.check(&self.store, keys).await {
            Ok(findings) => {
                for (key, finding) in keys.iter().zip(findings) {
                    let (outcome, code, message) = finding_of(finding);
                    self.done(key, outcome, code, message);
                }
            }
            Err(error) => {
                for key in keys {
                    self.done(key, Outcome::Failed, "database", error.to_string());
                }
            }
        }
    }

    async fn change(&self, key: StoredKey) {
        if self.is_undoable(&key) {
            // Before it is done: whoever stops the job in between can undo it all the same.
            self.job.remember(key.clone());
        }
        match self.try_change(&key).await {
            Ok(true) => {
                let message = match self.losses.of(&key.id) {
                    0 => String::new(),
                    lost => format!("{lost} files, caches and so on are out of reach now"),
                };
                self.done(&key, Outcome::Ok, "done", message);
            }
            Ok(false) => self.skipped(&key.id),
            Err(error) => self.done(&key, Outcome::Failed, "database", error.to_string()),
        }
    }

    /// Whether what is done to a key changes it, and can be taken back.
    fn is_undoable(&self, key: &StoredKey) -> bool {
        match &self.action {
            Action::Remove => true,
            Action::Disable => key.enabled,
            Action::Tag(label) => !key.tags.contains(label),
            _ => false,
        }
    }

    async fn try_change(&self, key: &StoredKey) -> Result<bool, StoreError> {
        match &self.action {
            // One that is enabled already is declared alive again.
            Action::Enable if key.enabled => self.store.revive_key(&key.id).await,
            Action::Enable => self.store.set_key_enabled(&key.id, true).await,
            Action::Disable => self.store.set_key_enabled(&key.id, false).await,
            Action::Remove => self.store.remove_key(&key.id).await,
            Action::Tag(tag) => {
                let mut tags = key.tags.clone();
                if !tags.contains(tag) {
                    tags.push(tag.clone());
                }
                let changes = KeyUpdate { tags: Some(tags), ..KeyUpdate::default() };
                self.store.update_key(&key.id, changes).await
            }
            Action::Reset => {
                let found = self.store.revive_key(&key.id).await?;
                self.gateway.pool(key.platform).reset(&key.id, relay::now());
                self.gateway.learned.notify_one();
                Ok(found)
            }
            Action::Pause(duration) => {
                let now = relay::now();
                let found = self.gateway.pool(key.platform).pause(&key.id, now + *duration, now);
                self.gateway.learned.notify_one();
                Ok(found)
            }
            Action::Verify => Ok(true),
        }
    }

    fn done(&self, key: &StoredKey, outcome: Outcome, code: &'static str, message: String) {
        let (id, mask) = (key.id.to_string(), key.mask.clone());
        self.job.add(Done { id, mask, outcome, code, message });
    }

    fn skipped(&self, id: &KeyId) {
        let (id, mask) = (id.to_string(), String::new());
        let (outcome, code) = (Outcome::Skipped, "gone");
        self.job.add(Done { id, mask, outcome, code, message: String::new() });
    }

    fn give_up(&self, ids: &[KeyId], error: &StoreError) {
        for id in ids {
            let (id, mask, message) = (id.to_string(), String::new(), error.to_string());
            let (outcome, code) = (Outcome::Failed, "database");
            self.job.add(Done { id, mask, outcome, code, message });
        }
    }
}

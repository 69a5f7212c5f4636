//! Looking at what was brought, and taking it over.

use std::sync::Arc;

use import::{Report, Target};
use secret::Passphrase;
use store::{AddKey, BackupError, BackupOptions, NewKey, Restored, Source};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::brought::{Brought, PASTED};
use super::delivery::{Contents, Delivery, Stage};
use crate::State;
use crate::access::Identity;
use crate::changes::settings as changes;
use crate::error::Error;
use crate::words::moving::Spoken;

impl State {
    /// Keeps what somebody brought, and begins to look at it.
    pub(crate) fn receive(&self, identity: &Identity, brought: Brought) -> Arc<Delivery> {
        let delivery = self.deliveries.keep(&identity.actor, brought);
        self.look(&delivery);
        delivery
    }

    /// Tries a passphrase on a backup.
    pub(crate) async fn unlock(
        &self,
        delivery: &Arc<Delivery>,
        passphrase: Passphrase,
    ) -> Result<(), Error> {
        delivery.unlock(passphrase).await?;
        self.look(delivery);
        Ok(())
    }

    fn look(&self, delivery: &Arc<Delivery>) {
        let (state, delivery) = (self.clone(), Arc::clone(delivery));
        tokio::spawn(async move {
            let reached = tokio::select! {
                looked = look(&state, &delivery) => looked,
                () = delivery.gone.cancelled() => return,
            };
            delivery.set_stage(reached);
        });
    }

    /// Takes it over; whoever waits for it knows when that has ended.
    pub(crate) fn take(
        &self,
        delivery: &Arc<Delivery>,
        identity: &Identity,
    ) -> Result<JoinHandle<()>, Error> {
        delivery.begin_taking()?;
        let (state, delivery) = (self.clone(), Arc::clone(delivery));
        let actor = identity.actor.clone();
        Ok(tokio::spawn(async move {
            let reached = take(&state, &delivery).await;
            if let Stage::Done(contents) = &reached
                && let Err(error) = note(&state, &actor, contents).await
            {
                tracing::warn!(%error, "an import is not in the audit log");
            }
            delivery.set_stage(reached);
        }))
    }
}

async fn look(state: &State, delivery: &Delivery) -> Stage {
    let brought = delivery.brought.lock().await;
    match run(state, delivery, &brought, false).await {
        Ok(contents) => Stage::Ready(contents),
        Err(reached) => reached,
    }
}

async fn take(state: &State, delivery: &Delivery) -> Stage {
    let brought = delivery.brought.lock().await;
    match run(state, delivery, &brought, true).await {
        Ok(contents) => Stage::Done(contents),
        Err(reached) => reached,
    }
}

/// What would happen, or with `write` what has.
async fn run(
    state: &State,
    delivery: &Delivery,
    brought: &Brought,
    write: bool,
) -> Result<Contents, Stage> {
    match brought {
        Brought::Keys { keys, repeated, malformed } => {
            let mut report = Report::default();
            PASTED.clone_into(&mut report.place);
            report.applied = write;
            report.keys.found = (keys.len() + repeated + malformed) as u64;
            report.keys.malformed = *malformed as u64;
            let new = new_keys(state, keys, write).await;
            let failed =
                |error: store::StoreError| Spoken::with(|w| crate::words::fill(w.database, &error));
            report.keys.new = new.map_err(|error| Stage::Failed(failed(error)))?;
            report.keys.duplicate = (keys.len() + repeated) as u64 - report.keys.new;
            Ok(Contents::Import(Box::new(report)))
        }
        Brought::Project(project) => {
            let failed =
                |said: Spoken| Stage::Failed(said.map(|text| brought.in_the_words_of(text)));
            let resolved = changes::resolved(state).await;
            let resolved = resolved.map_err(|error| failed(Spoken::only(error.to_string())))?;
            let target = Target { store: &state.store, resolved: &resolved };
            let tell = |progress| delivery.progress(progress);
            let report = if write {
                project.import.apply(&target, &tell).await
            } else {
                project.import.plan(&target, &tell).await
            };
            let mut report =
                report.map_err(|error| failed(Spoken::with(|w| w.import_error(&error))))?;
            report.place = brought.in_the_words_of(&report.place);
            Ok(Contents::Import(Box::new(report)))
        }
        Brought::Backup { file, passphrase } => {
            let unread =
                |error: std::io::Error| Spoken::with(|w| crate::words::fill(w.no_file, &error));
            let reader = file.reader().map_err(|error| Stage::Failed(unread(error)))?;
            let restored = restore(state, reader, passphrase.clone(), write).await;
            restored.map(Contents::Backup).map_err(|error| match error {
                BackupError::PassphraseNeeded => Stage::Locked { was_wrong: false },
                BackupError::WrongPassphrase => Stage::Locked { was_wrong: true },
                error => Stage::Failed(Spoken::with(|w| w.backup_error(&error))),
            })
        }
    }
}

/// How many of the keys are new; a person who pastes a key wants it, also if it was removed once.
async fn new_keys(state: &State, keys: &[NewKey], write: bool) -> Result<u64, store::StoreError> {
    if !write {
        let preview = state.store.preview_keys(keys.to_vec()).await?;
        return Ok(preview.added + preview.removed);
    }
    let mut added = 0;
    for key in keys {
        let outcome = state.store.add_key(key.clone(), Source::Admin).await?;
        added += u64::from(matches!(outcome, AddKey::Added(_)));
    }
    Ok(added)
}

/// Reads the backup to its end, on a thread that may wait for the disk.
async fn restore(
    state: &State,
    mut reader: std::io::BufReader<std::fs::File>,
    passphrase: Option<Passphrase>,
    write: bool,
) -> Result<Restored, BackupError> {
    let store = state.store.clone();
    let work = tokio::task::spawn_blocking(move || {
        Handle::current().block_on(async {
            let looking = BackupOptions { logs: true, passphrase, ..BackupOptions::default() };
            let found = store.look_into_backup(&looking, &mut reader).await?;
            if !write {
                return Ok(found);
            }
            let writing = BackupOptions {
                replace: true,
                keeps_administrators: found.contents.administrators == 0,
                ..looking
            };
            std::io::Seek::rewind(&mut reader)?;
            store.restore(&writing, &mut reader).await
        })
    });
    work.await.unwrap_or(Err(BackupError::Sealing))
}

async fn note(state: &State, actor: &str, contents: &Contents) -> Result<(), store::StoreError> {
    let (action, object, detail) = match contents {
        Contents::Import(report) => {
            let detail = serde_json::json!({
                "keys": report.keys, "tokens": report.tokens, "requests": report.requests,
                "errors": report.errors,
                "settings": report.settings.iter()
                    .filter(|line| line.verdict == import::Verdict::New)
                    .map(|line| line.name.as_str()).collect::<Vec<_>>(),
            });
            ("import", report.place.clone(), detail)
        }
        Contents::Backup(restored) => {
            ("restore", String::new(), serde_json::json!(restored.contents))
        }
    };
    state.store.note(actor, action, &object, &detail.to_string()).await
}

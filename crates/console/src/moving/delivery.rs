use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use import::{Progress, Report};
use secret::Passphrase;
use store::Restored;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::brought::Brought;
use crate::error::Error;
use crate::words::moving::Spoken;

/// What somebody brought, and how far it is.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    /// Who brought it; nobody else gets to see it.
    pub(crate) actor: String,
    /// Cancelled when it was forgotten.
    pub(super) gone: CancellationToken,
    pub(super) brought: tokio::sync::Mutex<Brought>,
    stage: Mutex<Stage>,
    rows: AtomicU64,
    touched: Mutex<Instant>,
}

/// How far it is.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// It is being read; nothing is written.
    Looking,
    /// A backup that only its passphrase opens; the second says that one was wrong.
    Locked { was_wrong: bool },
    /// This would happen.
    Ready(Contents),
    /// It is being taken over.
    Taking,
    /// This has happened.
    Done(Contents),
    /// It cannot be read, or not be taken over.
    Failed(Spoken),
}

/// What it holds, and what becomes of it.
#[derive(Debug, Clone)]
pub(crate) enum Contents {
    /// Keys and another project's data.
    Import(Box<Report>),
    /// A backup of this program.
    Backup(Restored),
}

impl Delivery {
    pub(super) fn new(actor: &str, brought: Brought) -> Self {
        Self {
            // Not to be guessed, though it is asked for who brought it, too.
            id: Uuid::now_v7().to_string(),
            actor: actor.to_owned(),
            gone: CancellationToken::new(),
            brought: tokio::sync::Mutex::new(brought),
            stage: Mutex::new(Stage::Looking),
            rows: AtomicU64::new(0),
            touched: Mutex::new(Instant::now()),
        }
    }

    pub(crate) fn stage(&self) -> Stage {
        lock(&self.stage).clone()
    }

    pub(super) fn set_stage(&self, stage: Stage) {
        *lock(&self.stage) = stage;
        self.touch();
    }

    /// Somebody confirms; only the first one does.
    pub(super) fn begin_taking(&self) -> Result<(), Error> {
        let mut stage = lock(&self.stage);
        match *stage {
            Stage::Ready(_) => {
                *stage = Stage::Taking;
                Ok(())
            }
            _ => Err(Error::Conflict("There is nothing to confirm at present.".to_owned())),
        }
    }

    /// Somebody says the passphrase of a backup.
    pub(super) async fn unlock(&self, passphrase: Passphrase) -> Result<(), Error> {
        if !matches!(self.stage(), Stage::Locked { .. }) {
            return Err(Error::Conflict("No passphrase is asked for at present.".to_owned()));
        }
        if let Brought::Backup { passphrase: known, .. } = &mut *self.brought.lock().await {
            *known = Some(passphrase);
        }
        self.set_stage(Stage::Looking);
        Ok(())
    }

    /// Rows of logs that were looked at so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    pub(super) fn progress(&self, progress: Progress) {
        self.rows.store(progress.done, Ordering::Relaxed);
    }

    pub(super) fn touch(&self) {
        *lock(&self.touched) = Instant::now();
    }

    /// For how long nobody has looked at it.
    pub(super) fn idle(&self) -> Duration {
        lock(&self.touched).elapsed()
    }

    /// Work on it goes on, whoever looks.
    pub(super) fn is_busy(&self) -> bool {
        matches!(*lock(&self.stage), Stage::Looking | Stage::Taking)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

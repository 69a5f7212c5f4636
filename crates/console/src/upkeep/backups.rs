use keypool::Timestamp;
use serde::{Deserialize, Serialize};
use store::Chore;
use utoipa::ToSchema;

use crate::State;
use crate::changes::settings::resolved;
use crate::error::Error;

/// Backups by the clock: when, where, and how the last one went.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Backups {
    /// Hours between two; nothing if none are made.
    pub(crate) every_hours: Option<u64>,
    /// So many are kept.
    pub(crate) keep: usize,
    /// Where they lie.
    pub(crate) folder: String,
    /// Whether their secrets are sealed with a passphrase, not only under the master key.
    pub(crate) has_passphrase: bool,
    /// How the last one went, by the clock or on demand.
    pub(crate) last: Option<LastBackup>,
    /// When the next one is due.
    pub(crate) next_at: Option<Timestamp>,
    /// What lies in the folder of this machine, newest first; nothing if it cannot be read.
    pub(crate) files: Vec<BackupFile>,
}

/// How a backup went.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LastBackup {
    pub(crate) at: Timestamp,
    pub(crate) ok: bool,
    /// The file's name.
    pub(crate) file: Option<String>,
    pub(crate) bytes: Option<u64>,
    /// Why there is none.
    pub(crate) error: Option<String>,
}

/// A file in the folder.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackupFile {
    pub(crate) name: String,
    pub(crate) at: Timestamp,
    pub(crate) bytes: u64,
}

/// What is written down of one that was made.
#[derive(Deserialize)]
struct Made {
    file: String,
    bytes: u64,
}

impl Backups {
    pub(crate) async fn read(state: &State) -> Result<Self, Error> {
        let settings = resolved(state).await?.settings.backups;
        let report = state.store.chore(Chore::Backup).await?;
        let begun_at = report.as_ref().map(|report| report.begun_at);
        let next_at = settings.every.map(|every| begun_at.map_or_else(relay::now, |at| at + every));
        let last = report.and_then(|report| {
            let made: Option<Made> = serde_json::from_str(&report.detail).ok();
            let made = made.filter(|_| report.is_done);
            Some(LastBackup {
                at: report.ended_at?,
                ok: report.is_done,
                bytes: made.as_ref().map(|made| made.bytes),
                file: made.map(|made| made.file),
                error: (!report.is_done).then_some(report.detail),
            })
        });
        let folder = settings.folder.clone();
        let files = tokio::task::spawn_blocking(move || jobs::backup_files(&folder)).await;
        let files = files.map_err(|_| Error::Internal)?.unwrap_or_default().into_iter();
        let shown =
            |file: jobs::BackupFile| BackupFile { name: file.name, at: file.at, bytes: file.bytes };
        Ok(Self {
            every_hours: settings.every.map(|every| every.as_secs() / 3600),
            keep: settings.keep,
            folder: settings.folder,
            has_passphrase: settings.passphrase.is_some(),
            last,
            next_at,
            files: files.map(shown).collect(),
        })
    }

    /// Makes one now.
    pub(crate) async fn make(state: &State, actor: &str) -> Result<Self, Error> {
        let settings = resolved(state).await?.settings.backups;
        let made = jobs::back_up_now(&settings, &state.store).await;
        let made = made.map_err(|error| Error::Conflict(error.to_string()))?;
        let detail = serde_json::to_string(&made).unwrap_or_default();
        state.store.note(actor, "backup", &made.file, &detail).await?;
        Self::read(state).await
    }

    /// Whether the last one failed while they are to be made.
    pub(crate) async fn have_failed(state: &State) -> Result<bool, Error> {
        if state.gateway.configuration().settings.backups.every.is_none() {
            return Ok(false);
        }
        let report = state.store.chore(Chore::Backup).await?;
        Ok(report.is_some_and(|report| report.ended_at.is_some() && !report.is_done))
    }
}

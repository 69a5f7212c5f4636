//! Backups by the clock: one file after the other in a folder, the oldest taken away.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keypool::Timestamp;
use relay::Gateway;
use secret::{InvalidSecret, Passphrase};
use serde::Serialize;
use settings::BackupSettings;
use store::{BackupError, BackupOptions, Chore, Contents, Store};
use tempfile::NamedTempFile;

/// How often it is looked whether the time has come.
const GLANCE: Duration = Duration::from_secs(30);

/// One that failed, or was cut off, is made up for so soon.
const AGAIN: Duration = Duration::from_hours(1);

const START: &str = "gemini-balance-";
const END: &str = ".backup";
/// As in `2026-11-26T174500Z`.
const SHAPE: &str = "%Y-%m-%dT%H%M%SZ";

/// A backup in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupFile {
    /// Its name in the folder.
    pub name: String,
    /// When it was made.
    pub at: Timestamp,
    /// Its size.
    pub bytes: u64,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackedUp {
    /// The file's name in the folder.
    pub file: String,
    /// How large it is.
    pub bytes: u64,
    /// What it holds.
    pub contents: Contents,
    /// How many old ones were taken away.
    pub removed: usize,
}

/// Why there is no new backup.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoBackup {
    /// The database or the file failed.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The folder cannot be used.
    #[error("BACKUP_FOLDER: {folder}: {error}")]
    Folder {
        /// Which.
        folder: String,
        /// Why.
        error: std::io::Error,
    },
    /// A backup of this second is there already.
    #[error("{0} is there already, and stays as it is")]
    Exists(String),
    /// What the secrets are to be sealed with is none.
    #[error("BACKUP_PASSPHRASE: {0}")]
    Passphrase(#[from] InvalidSecret),
}

/// Makes a backup every `BACKUP_INTERVAL_HOURS` until the gateway stops; of several processes on one
/// database, one does.
pub async fn keep_backups(gateway: Arc<Gateway>, store: Store) {
    while !gateway.stop.is_cancelled() {
        let settings = gateway.configuration().settings.backups.clone();
        if let Some(every) = settings.every {
            match store.claim_chore(Chore::Backup, relay::now(), every, AGAIN).await {
                Ok(true) => drop(back_up(&settings, &store).await),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "whether a backup is due is not known"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(GLANCE) => {}
            () = gateway.stop.cancelled() => return,
        }
    }
}

/// Makes a backup now, whether one is due or not.
pub async fn back_up_now(settings: &BackupSettings, store: &Store) -> Result<BackedUp, NoBackup> {
    store.begin_chore(Chore::Backup, relay::now()).await.map_err(BackupError::from)?;
    back_up(settings, store).await
}

/// Makes a backup, takes old ones away, and writes down how it went.
async fn back_up(settings: &BackupSettings, store: &Store) -> Result<BackedUp, NoBackup> {
    let made = make(settings, store, relay::now()).await;
    let (is_done, detail) = match &made {
        Ok(made) => (true, serde_json::to_string(made).unwrap_or_default()),
        Err(error) => {
            tracing::error!(%error, "no backup could be made");
            (false, error.to_string())
        }
    };
    if let Err(error) = store.end_chore(Chore::Backup, relay::now(), is_done, &detail).await {
        tracing::warn!(%error, "how the backup went could not be written down");
    }
    made
}

async fn make(
    settings: &BackupSettings,
    store: &Store,
    now: Timestamp,
) -> Result<BackedUp, NoBackup> {
    let folder = Path::new(&settings.folder);
    let wrong = |error| NoBackup::Folder { folder: folder.display().to_string(), error };
    create(folder).map_err(wrong)?;
    let passphrase = settings.passphrase.as_ref().map(|text| Passphrase::parse(text.expose()));
    let options = BackupOptions { passphrase: passphrase.transpose()?, ..BackupOptions::default() };
    // Of this process's own, with a name that is no backup's until it is whole.
    let draft = NamedTempFile::new_in(folder).map_err(wrong)?;
    let mut out = BufWriter::new(draft);
    let contents = store.backup(&options, &mut out).await?;
    out.flush().map_err(BackupError::from)?;
    let draft = out.into_inner().map_err(|error| BackupError::from(error.into_error()))?;
    draft.as_file().sync_all().map_err(BackupError::from)?;
    let name = name_at(now);
    let file = draft.persist_noclobber(folder.join(&name));
    let file: File = file.map_err(|error| match error.error.kind() {
        std::io::ErrorKind::AlreadyExists => NoBackup::Exists(name.clone()),
        _ => wrong(error.error),
    })?;
    let bytes = file.metadata().map_err(BackupError::from)?.len();
    let removed = remove_old(folder, settings.keep).map_err(wrong)?;
    tracing::info!(file = name, bytes, removed, "a backup was made");
    Ok(BackedUp { file: name, bytes, contents, removed })
}

/// For nobody else to look into.
fn create(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The backups in a folder, newest first. What has another name is none of ours.
pub fn backup_files(folder: &str) -> std::io::Result<Vec<BackupFile>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some((name, at)) = name.to_str().and_then(|name| Some((name, made_at(name)?))) else {
            continue;
        };
        files.push(BackupFile { name: name.to_owned(), at, bytes: entry.metadata()?.len() });
    }
    files.sort_by(|one, other| other.name.cmp(&one.name));
    Ok(files)
}

/// Takes away all but the newest.
fn remove_old(folder: &Path, keep: usize) -> std::io::Result<usize> {
    let files = backup_files(&folder.to_string_lossy())?;
    let old: Vec<PathBuf> = files.iter().skip(keep).map(|file| folder.join(&file.name)).collect();
    old.iter().try_for_each(std::fs::remove_file)?;
    Ok(old.len())
}

fn name_at(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    format!("{START}{}{END}", at.strftime(SHAPE))
}

fn made_at(name: &str) -> Option<Timestamp> {
    let at = name.strip_prefix(START)?.strip_suffix(END)?;
    let at = jiff::civil::DateTime::strptime(SHAPE, at).ok()?;
    let at = at.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp::from_millis(at.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_old_files_are_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let at = |second: i64| name_at(Timestamp::from_millis(1_795_000_000_000 + second * 1000));
        for name in [&at(0), &at(1), &at(2), "notes.txt", "gemini-balance-mine.backup"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        assert_eq!(remove_old(folder.path(), 2).unwrap(), 1);
        assert_eq!(remove_old(folder.path(), 2).unwrap(), 0);
        let files = backup_files(&folder.path().to_string_lossy()).unwrap();
        let names: Vec<_> = files.iter().map(|file| file.name.clone()).collect();
        assert_eq!(names, [at(2), at(1)]);
        assert_eq!(files[0].at, Timestamp::from_millis(1_795_000_002_000));
        assert!(folder.path().join("notes.txt").exists());
        assert!(folder.path().join("gemini-balance-mine.backup").exists());
    }
}

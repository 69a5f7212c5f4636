//! The arguments of `backup` and `restore`.

use std::path::PathBuf;

use clap::Args;

pub(crate) const BACKUP_EXAMPLES: &str = "\
Examples:
  gemini-balance backup gemini-balance.backup
  gemini-balance backup --logs - | gzip > everything.backup.gz
  gemini-balance backup away.backup --passphrase-file passphrase.txt

Keys, client tokens, settings, administrators, what was learned and the audit log, as they are at one
moment, also while the server runs. Secrets in the file are sealed with the master key, which is not in
it: keep it elsewhere, or seal them with a passphrase.";

pub(crate) const RESTORE_EXAMPLES: &str = "\
Examples:
  gemini-balance restore gemini-balance.backup
  gunzip < everything.backup.gz | gemini-balance restore --force -
  DATABASE_URL=postgres://… gemini-balance restore away.backup --passphrase-file passphrase.txt

A backup of SQLite can be restored into PostgreSQL or MySQL, and the other way round. A running server
takes up the change within 2 seconds; everybody has to sign in to the console anew.";

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file; - for standard output
    pub(crate) file: PathBuf,
    /// Also the logs of requests and failed attempts, and the responses that are kept
    #[arg(long)]
    pub(crate) logs: bool,
    /// Seal the secrets with the passphrase in this file, to open them under another master key
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Put it in the place of a file that is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The file; - for standard input
    pub(crate) file: PathBuf,
    /// The file with the passphrase that the secrets were sealed with
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Put the backup in the place of what is in the database
    #[arg(long)]
    pub(crate) force: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

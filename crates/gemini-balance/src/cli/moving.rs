//! The arguments of `import`.

use clap::{Args, ValueEnum};

pub(crate) const IMPORT_EXAMPLES: &str = "\
Examples:
  gemini-balance import data/default_db --dry-run
  gemini-balance import mysql://user:password@host:3306/database
  gemini-balance import --url-stdin < url.txt
  gemini-balance import prisma/dev.db
  gemini-balance import .env

What is here already stays, so an import can be repeated. The source is only read. The old project's
database goes before its .env file, as it did there: import it first.
Other users of this machine can see what stands on a command line: a URL with a password is better
given with --url-stdin.";

/// Arguments of `import`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is there or not")]
pub(crate) struct Import {
    /// A database (file or URL), a .env file, or a list of keys
    #[arg(value_name = "SOURCE", required_unless_present = "url_stdin")]
    pub(crate) source: Option<String>,
    /// Read the database's URL from standard input
    #[arg(long, conflicts_with = "source")]
    pub(crate) url_stdin: bool,
    /// Which project the database must belong to; otherwise it is found out
    #[arg(long, value_name = "PROJECT")]
    pub(crate) from: Option<Project>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Let settings that were saved here give way
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Leave the logs behind
    #[arg(long)]
    pub(crate) without_logs: bool,
    /// Time zone of the Python project's clock [default: Asia/Shanghai, as in its container]
    #[arg(long, value_name = "NAME")]
    pub(crate) timezone: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The projects whose databases are understood.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Project {
    /// gemini-balance, in Python
    Python,
    /// gemini-balance-nextjs
    Nextjs,
}

//! The arguments of `admin`.

use clap::{Args, Subcommand, ValueEnum};
use store::Role;

const ADD_EXAMPLES: &str = "\
Examples:
  gemini-balance admin add ann
  gemini-balance admin add vic --role viewer --stdin < password.txt

Without --stdin a password is made, and printed this once. Whoever knows AUTH_TOKEN is \"admin\" and
stands in no list.";

const RESET_EXAMPLES: &str = "\
Examples:
  gemini-balance admin reset-password ann
  gemini-balance admin reset-password ann --stdin < password.txt

Ends all sessions of that person. Their second factor stays: totp-off turns it off.";

/// Who may use the console.
#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// Show everybody
    #[command(visible_alias = "ls")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Add an administrator or a viewer
    #[command(after_help = ADD_EXAMPLES)]
    Add {
        /// What they sign in with
        name: String,
        /// What they may do
        #[arg(long, value_enum, default_value = "administrator")]
        role: AsRole,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Remove somebody, with their sessions and admin tokens; not the last administrator
    #[command(visible_alias = "rm")]
    Remove {
        /// Their name
        name: String,
    },
    /// Give somebody another password
    #[command(after_help = RESET_EXAMPLES)]
    ResetPassword {
        /// Their name
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Turn somebody's second factor off, and end their sessions
    TotpOff {
        /// Their name
        name: String,
    },
}

/// Where a password comes from.
#[derive(Debug, Args)]
pub(crate) struct PasswordSource {
    /// Read the password from standard input: its first line
    #[arg(long)]
    pub(crate) stdin: bool,
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AsRole {
    /// Everything
    Administrator,
    /// See everything but secrets, change nothing
    Viewer,
}

impl From<AsRole> for Role {
    fn from(role: AsRole) -> Self {
        match role {
            AsRole::Administrator => Self::Administrator,
            AsRole::Viewer => Self::Viewer,
        }
    }
}

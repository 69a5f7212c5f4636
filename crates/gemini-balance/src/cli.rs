//! The command line: every command and argument, with the help that teaches it.

mod admin;
mod attributes;
mod backup;
mod limits;
mod moving;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use self::admin::{Admin, PasswordSource};
pub(crate) use self::attributes::{EditKeys, EditToken, KeyAttributes};
pub(crate) use self::backup::{Backup, Restore};
pub(crate) use self::limits::{Change, Count, LimitArguments, RotateToken};
pub(crate) use self::moving::{Import, Project};

/// One address for several Gemini API keys: OpenAI and Gemini clients talk to it, and it picks a
/// key that works.
#[derive(Debug, Parser)]
#[command(name = "gemini-balance", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  gemini-balance demo                       try everything, with a simulated Google inside
  gemini-balance keys add --stdin < keys    fill the pool
  gemini-balance tokens create laptop       let a client in
  gemini-balance                            serve on 0.0.0.0:8000

Settings come from the environment, from a file .env in the working directory, and from
`config set`; `gemini-balance config list` shows all. Wrong settings end with exit code 2.
The commands work on the database directly: a running server takes up a change within 2 seconds.";

/// What to do; without any, serve.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve clients (the default)
    #[command(after_help = SERVE_EXAMPLES)]
    Serve,
    /// Serve with a simulated Google, sample keys and some traffic: no account needed
    Demo,
    /// The keys of the pool
    #[command(subcommand)]
    Keys(Keys),
    /// The tokens that let clients in
    #[command(subcommand)]
    Tokens(Tokens),
    /// Who may use the console, for whoever is locked out of it
    #[command(subcommand)]
    Admin(Admin),
    /// The settings: see them, save them, go back
    #[command(subcommand)]
    Config(Config),
    /// What the owner of the gateway is told
    #[command(subcommand)]
    Notify(Notify),
    /// Move in from the Python or the Next.js project: keys, tokens, settings, logs
    #[command(after_help = moving::IMPORT_EXAMPLES)]
    Import(Import),
    /// Write everything that the database knows into one file
    #[command(after_help = backup::BACKUP_EXAMPLES)]
    Backup(Backup),
    /// Read a backup into a database of any kind, all of it or nothing
    #[command(after_help = backup::RESTORE_EXAMPLES)]
    Restore(Restore),
    /// Look for what is wrong, and say what to do about it: exit code 1 if something does not work
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask a running server whether it lives, for containers: exit code 0 or 1
    #[command(after_help = HEALTHCHECK_EXAMPLES)]
    Healthcheck(Healthcheck),
    /// Print the OpenAPI 3.1 document of the admin API
    #[command(after_help = OPENAPI_EXAMPLES)]
    Openapi,
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        shell: Shell,
    },
}

const SERVE_EXAMPLES: &str = "\
Examples:
  gemini-balance serve
  LISTEN=127.0.0.1:9000 API_KEYS=AIza…,AIza… ALLOWED_TOKENS=my-token gemini-balance serve

SIGTERM ends it: running streams may finish within SHUTDOWN_GRACE.";

const DOCTOR_EXAMPLES: &str = "\
Examples:
  gemini-balance doctor
  gemini-balance doctor --json | jq '.[] | select(.verdict != \"ok\")'

Looks at settings, data folder, database, master key, keys, tokens, the administrator's password,
Google through each proxy, the clock, and Redis. Changes nothing.";

const HEALTHCHECK_EXAMPLES: &str = "\
Examples:
  gemini-balance healthcheck
  gemini-balance healthcheck --url http://10.0.0.7:8000/readyz";

const OPENAPI_EXAMPLES: &str = "\
Examples:
  gemini-balance openapi > openapi.json

A running gateway serves the same at /api/openapi.json, and shows it at /admin/api.";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  gemini-balance completions bash > /etc/bash_completion.d/gemini-balance
  gemini-balance completions fish > ~/.config/fish/completions/gemini-balance.fish";

/// The keys of the pool.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Add keys to the pool
    #[command(after_help = KEYS_ADD_EXAMPLES)]
    Add(AddKeys),
    /// Change what is known of keys: their name, project, tier, weight and tags
    #[command(after_help = attributes::KEYS_EDIT_EXAMPLES)]
    Edit(EditKeys),
    /// Show all keys and how they stand
    #[command(visible_alias = "ls")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask Google about keys: dead ones are taken out, those that live again come back
    #[command(after_help = KEYS_CHECK_EXAMPLES)]
    Check {
        /// Id, name, mask, or the whole key; all keys if none is given
        #[arg(value_name = "KEY")]
        keys: Vec<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Let keys serve, also those that Google refused earlier
    #[command(after_help = KEYS_REFERENCE)]
    Enable(KeyReferences),
    /// Keep keys, but do not use them
    #[command(after_help = KEYS_REFERENCE)]
    Disable(KeyReferences),
    /// Remove keys for good: `API_KEYS` does not bring them back, only `keys add` does
    #[command(visible_alias = "rm", after_help = KEYS_REFERENCE)]
    Remove(KeyReferences),
    /// Add the keys of a file, except those that were removed earlier
    #[command(after_help = KEYS_IMPORT_EXAMPLES)]
    Import {
        /// The file; - for standard input
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print all keys in clear
    #[command(after_help = KEYS_EXPORT_EXAMPLES)]
    Export {
        /// Yes, print secrets
        #[arg(long)]
        reveal: bool,
        /// Print JSON, with names, projects, tiers, weights and tags
        #[arg(long)]
        json: bool,
    },
}

const KEYS_ADD_EXAMPLES: &str = "\
Examples:
  gemini-balance keys add --stdin < keys.txt
  gemini-balance keys add --file keys.txt --project my-project
  gemini-balance keys add AIza… --name laptop
  gemini-balance keys add --file paid.txt --tier 1 --tag paid --tag eu
  gemini-balance keys add --vertex --stdin < vertex.txt

Keys are separated by commas, spaces or line ends, or are a JSON list; lines that begin with # are
passed over. Other users of this machine can see what stands on a command line: prefer --stdin.
Google counts quota by project: naming the project of keys that share one makes better choices.";

const KEYS_CHECK_EXAMPLES: &str = "\
Examples:
  gemini-balance keys check
  gemini-balance keys check laptop --json

Each check counts the tokens of one word with TEST_MODEL, which costs no quota. A key that is out
of quota is alive.";

const KEYS_REFERENCE: &str = "\
A key is meant by its id, its name, its mask as `keys list` shows it (AIzaSy…wxyz; three dots will
do), or by the whole key.

Examples:
  gemini-balance keys disable laptop
  gemini-balance keys enable AIzaSy...wxyz";

const KEYS_IMPORT_EXAMPLES: &str = "\
Examples:
  gemini-balance keys import keys.txt
  gemini-balance keys export --reveal --json | ssh other gemini-balance keys import -";

const KEYS_EXPORT_EXAMPLES: &str = "\
Examples:
  gemini-balance keys export --reveal > keys.txt
  gemini-balance keys export --reveal --json > keys.json";

/// Arguments of `keys add`.
#[derive(Debug, Args)]
pub(crate) struct AddKeys {
    /// Keys
    #[arg(value_name = "KEY", required_unless_present_any = ["stdin", "file"])]
    pub(crate) keys: Vec<String>,
    /// Read keys from standard input
    #[arg(long)]
    pub(crate) stdin: bool,
    /// Read keys from a file
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// What people call the key (one key only)
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The keys are for Vertex AI in express mode, which has a pool of its own
    #[arg(long)]
    pub(crate) vertex: bool,
    /// The Google project that the keys belong to
    #[arg(long)]
    pub(crate) project: Option<String>,
    #[command(flatten)]
    pub(crate) attributes: KeyAttributes,
    /// Keep the keys, but do not use them yet
    #[arg(long)]
    pub(crate) disabled: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which keys are meant.
#[derive(Debug, Args)]
pub(crate) struct KeyReferences {
    /// Id, name, mask, or the whole key
    #[arg(value_name = "KEY", required = true)]
    pub(crate) keys: Vec<String>,
}

/// The tokens that let clients in.
#[derive(Debug, Subcommand)]
pub(crate) enum Tokens {
    /// Make a new token, and print it: this once, since only its digest is kept
    #[command(after_help = TOKENS_CREATE_EXAMPLES)]
    Create {
        /// What it is for
        name: String,
        /// Only keys with this tag serve it; repeat it for keys with any of several tags
        #[arg(long = "tag", value_name = "TAG")]
        tags: Vec<String>,
        #[command(flatten)]
        limits: Box<LimitArguments>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a token's name, limits or expiry, or the tags of the keys that serve it
    #[command(visible_alias = "update", after_help = attributes::TOKENS_EDIT_EXAMPLES)]
    Edit(Box<EditToken>),
    /// Give a token another secret, and print it; the old one opens for a while longer
    #[command(after_help = limits::TOKENS_ROTATE_EXAMPLES)]
    Rotate(RotateToken),
    /// Show all tokens, revoked ones included
    #[command(visible_alias = "ls")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token: whoever has it stays outside from now on
    Revoke {
        /// Its id or name
        token: String,
    },
}

const TOKENS_CREATE_EXAMPLES: &str = "\
Examples:
  gemini-balance tokens create laptop
  export OPENAI_API_KEY=$(gemini-balance tokens create laptop)
  gemini-balance tokens create batch --tag free
  gemini-balance tokens create guest --requests-per-minute 10 --budget-per-day 2.50 \
    --model 'gemini-*-flash' --expires 30d

Tokens and money are counted by what Google says was used; docs/tokens.md tells how.";

/// The settings.
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Show all settings, and where each value comes from
    #[command(visible_alias = "ls", after_help = CONFIG_LIST_EXAMPLES)]
    List(ListSettings),
    /// Show one setting, with what it does and what it accepts
    Get {
        /// The setting's name
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Save a value; it goes before the environment
    #[command(after_help = CONFIG_SET_EXAMPLES)]
    Set {
        /// The setting's name
        name: String,
        /// The value
        #[arg(required_unless_present = "stdin", allow_hyphen_values = true)]
        value: Option<String>,
        /// Read the value from standard input, as is better for secrets
        #[arg(long, conflicts_with = "value")]
        stdin: bool,
    },
    /// Go back to the environment's value, or to the default
    Unset {
        /// The setting's name
        name: String,
    },
}

/// What the owner of the gateway is told.
#[derive(Debug, Subcommand)]
pub(crate) enum Notify {
    /// Send a test message through every channel, and tell how each went: exit code 0 or 1
    #[command(after_help = NOTIFY_TEST_EXAMPLES)]
    Test {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

const NOTIFY_TEST_EXAMPLES: &str = "\
Examples:
  gemini-balance config set NOTIFY_BARK_URL --stdin < address.txt
  gemini-balance notify test

docs/notifications.md tells which channels there are, and what is told.";

const CONFIG_LIST_EXAMPLES: &str = "\
Examples:
  gemini-balance config list
  gemini-balance config list --group pool
  gemini-balance config list --changed --json";

const CONFIG_SET_EXAMPLES: &str = "\
Examples:
  gemini-balance config set POOL_WAIT 10s
  gemini-balance config set FILTERED_MODELS '[]'
  gemini-balance config set AUTH_TOKEN --stdin < password.txt";

/// Arguments of `config list`.
#[derive(Debug, Args)]
pub(crate) struct ListSettings {
    /// Only settings of this group
    #[arg(long)]
    pub(crate) group: Option<String>,
    /// Only settings whose value is not the default
    #[arg(long)]
    pub(crate) changed: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `healthcheck`.
#[derive(Debug, Args)]
pub(crate) struct Healthcheck {
    /// What to ask; else /healthz at the port of LISTEN
    #[arg(long)]
    pub(crate) url: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nothing_means_serve() {
        assert!(Cli::parse_from(["gemini-balance"]).command.is_none());
    }
}

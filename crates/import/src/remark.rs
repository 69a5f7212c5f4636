//! What an import has to say, as what it is: whoever shows it has words of their own. Displayed, it is
//! English.

use secret::InvalidSecret;
use serde::{Serialize, Serializer};
use thiserror::Error;

/// Why a setting becomes what it becomes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// It was cleared there, and has a value here.
    #[error("is empty there")]
    EmptyThere,
    /// Nothing can be saved here.
    #[error("SETTINGS_READONLY is true here, so the environment is final")]
    Readonly,
    /// It has another name here.
    #[error("is called {0} here")]
    CalledHere(&'static str),
    /// It is about the old project.
    #[error("names the old project's repository")]
    OldRepository,
    /// It is about the old project.
    #[error("names the old project's own database")]
    OldDatabase,
    /// It cannot be saved, only set.
    #[error("is read at start, from the environment only")]
    EnvironmentOnly,
    /// Whoever administers this gateway keeps their password.
    #[error("the administrator has a password here already")]
    HasPassword,
    /// A password that nobody can read.
    #[error("is kept as a hash there; save a new one with `config set AUTH_TOKEN --stdin`")]
    Hashed,
    /// A password that clients know.
    #[error(
        "is a client token too, so that every client would be an administrator; save another one \
         with `config set AUTH_TOKEN --stdin`"
    )]
    ClientsPassword,
    /// The value is not accepted here, as the settings say.
    #[error("{0}")]
    NotAccepted(String),
}

/// What whoever moves in should know.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Remark {
    /// A key that is none.
    #[error("key number {number}: {why}")]
    NoKey {
        /// Which, from 1.
        number: usize,
        /// Why not.
        why: NoCredential,
    },
    /// A client token that is none.
    #[error("client token number {number}: {why}")]
    NoToken {
        /// Which, from 1.
        number: usize,
        /// Why not.
        why: NoCredential,
    },
    /// A list that cannot be read.
    #[error("{name}: {problem}")]
    Unreadable {
        /// Which list.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Rows of a log without a time.
    #[error("{log}: {count} without a time that can be read")]
    NoTime {
        /// Of which log.
        log: OldLogName,
        /// How many.
        count: u64,
    },
    /// A client token that everybody knows.
    #[error(
        "a client token is one from an example file, which anybody may guess: make another with \
         `tokens create`, and revoke it"
    )]
    SampleToken,
    /// Counts that say little here.
    #[error(
        "failure counts ({0} keys had some) are not taken over: `keys check` finds out which keys \
         are dead"
    )]
    FailureCounts(u64),
    /// Logs were not wanted.
    #[error("logs stay behind, as was asked for")]
    LogsStay,
    /// Rows that will not be there for long.
    #[error(
        "{log} older than {days} days are deleted by the clock (AUTO_DELETE_{}_LOGS_DAYS, \
         AUTO_DELETE_{}_LOGS_ENABLED)",
        log.setting(),
        log.setting()
    )]
    SoonDeleted {
        /// Of which log.
        log: OldLogName,
        /// Days that they are kept.
        days: u32,
    },
    /// The password does not open the API.
    #[error(
        "AUTH_TOKEN is the administrator's password only: clients that used it need a token of \
         their own (`tokens create`)"
    )]
    PasswordOnly,
    /// A token is no password.
    #[error(
        "the old project took its first client token for the administrator's password where \
         AUTH_TOKEN was not set; here it opens nothing but the API"
    )]
    TokenIsNoPassword,
    /// By which clock times were read.
    #[error(
        "times in the logs are read as the clock of {0} showed them, as in the project's \
         container; --timezone names another zone"
    )]
    TimesOf(String),
}

/// Why a text is no key or client token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoCredential {
    /// It cannot be one.
    #[error(transparent)]
    Invalid(#[from] InvalidSecret),
    /// It stands in an example file.
    #[error("is a sample from an example file")]
    Sample,
}

/// Why nothing can be imported from what was named.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoSource {
    /// The system does not open it.
    #[error("{0}")]
    Unopened(String),
    /// It is a directory.
    #[error(
        "is a directory; name the .env file or the database in it (the Python project keeps its \
         SQLite database below data/, the Next.js project below prisma/)"
    )]
    Directory,
    /// It is something else.
    #[error(
        "holds nothing that can be imported; accepted: a database of the Python or the Next.js \
         project, its .env file, or a list of keys"
    )]
    Nothing,
    /// It is not the project's that was named.
    #[error("is the database of the other project; leave --from away")]
    OtherProject,
    /// It is a database of this program.
    #[error("is a database of this very program, which needs no import: DATABASE_URL names it")]
    OwnDatabase,
    /// It is a database of neither project.
    #[error(
        "is no database of the Python project (t_settings …) or of the Next.js project (ApiKey …)"
    )]
    OtherDatabase,
    /// Nobody knows the time zone.
    #[error("there is no such time zone; accepted: a name like Asia/Shanghai or UTC")]
    NoTimeZone,
}

/// A log of the old project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OldLogName {
    /// Of requests.
    #[error("requests")]
    Requests,
    /// Of errors.
    #[error("errors")]
    Errors,
}

impl OldLogName {
    /// As the names of settings have it.
    pub(crate) const fn setting(self) -> &'static str {
        match self {
            Self::Requests => "REQUEST",
            Self::Errors => "ERROR",
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Remark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

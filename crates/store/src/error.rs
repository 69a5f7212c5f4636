use std::path::PathBuf;

/// Why a database could not be opened. Each displays as one plain line; no line holds a password.
///
/// Whatever the reason, nothing was overwritten, recreated or downgraded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is none that this program understands.
    #[error(
        "{url}: {problem}; accepted are sqlite://path, postgres://user:password@host/name and mysql://user:password@host/name"
    )]
    Url {
        /// The URL without its password.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A file or directory may not be read, written or created.
    #[error("{}: {problem}", path.display())]
    File {
        /// What was to be opened or created.
        path: PathBuf,
        /// What the operating system or SQLite said.
        problem: String,
    },
    /// The file is damaged, or no SQLite database at all.
    #[error("{}: the database file is damaged or no SQLite database ({problem}); restore a backup, or move the file away to start anew", path.display())]
    Corrupt {
        /// The damaged file.
        path: PathBuf,
        /// What SQLite found first.
        problem: String,
    },
    /// The server does not answer in time, or the connection to it broke.
    #[error("{url}: the database server cannot be reached: {problem}")]
    Unreachable {
        /// The URL without its password.
        url: String,
        /// What the driver said.
        problem: String,
    },
    /// The server answers, and does not let us in.
    #[error("{url}: the database server refuses access: {problem}")]
    Denied {
        /// The URL without its password.
        url: String,
        /// What the server said.
        problem: String,
    },
    /// A newer version of this program has been here.
    #[error(
        "{url}: the database has schema version {found}, this program knows versions up to {known}; start the newer program, or restore a backup"
    )]
    NewerSchema {
        /// The URL without its password.
        url: String,
        /// The newest migration in the database.
        found: i64,
        /// The newest migration of this program.
        known: i64,
    },
    /// There is no database yet, or an older program made it, and it was not to be migrated.
    #[error("{url}: there is no database yet, or an older version of this program made it")]
    NotMigrated {
        /// The URL without its password.
        url: String,
    },
    /// The schema was changed by something else, or a migration was cut off half-way.
    #[error("{url}: {problem}; restore a backup")]
    BrokenSchema {
        /// The URL without its password.
        url: String,
        /// Which migration, and what is wrong with it.
        problem: String,
    },
    /// The secrets in the database were sealed with another master key.
    #[error(
        "{url}: the secrets in this database were sealed with another master key; give the right one as MASTER_KEY or in the key file"
    )]
    WrongMasterKey {
        /// The URL without its password.
        url: String,
    },
    /// Another process holds the database for longer than a start may wait.
    #[error("{url}: the database is held by another process: {problem}")]
    Busy {
        /// The URL without its password.
        url: String,
        /// What was waited for.
        problem: String,
    },
    /// The database failed in another way.
    #[error("{url}: {problem}")]
    Database {
        /// The URL without its password.
        url: String,
        /// What the database said.
        problem: String,
    },
}

/// Why an operation on an open store failed. Nothing of a failed operation was kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The database did not answer in time.
    #[error("the database did not answer within {0} seconds")]
    TimedOut(u64),
    /// A client token of this name is in use.
    #[error("there is a client token named {0:?} already")]
    NameTaken(String),
    /// Nobody else could administer.
    #[error("{0:?} is the last administrator, who can be neither removed nor made a viewer")]
    LastAdministrator(String),
    /// This very client token is stored already, perhaps revoked.
    #[error("this client token is stored already, as {0:?}")]
    TokenExists(String),
    /// A text is longer than its column.
    #[error("{field} is longer than {maximum} characters")]
    TooLong {
        /// What was too long.
        field: &'static str,
        /// How many characters fit.
        maximum: usize,
    },
    /// A number is larger than it may be.
    #[error("{field} is larger than {maximum}")]
    TooLarge {
        /// What was too large.
        field: &'static str,
        /// The largest number.
        maximum: u32,
    },
    /// There are as many of these as there may be.
    #[error("there are {maximum} {what} already, and no more are kept")]
    TooMany {
        /// What there are.
        what: &'static str,
        /// How many may be.
        maximum: usize,
    },
    /// A tag cannot be one, or there are too many.
    #[error("{0}")]
    Tag(String),
    /// A text cannot be the name of a model, nor a pattern of such names.
    #[error("{0:?} is no model; accepted are letters, digits and - _ . / : @, and * for anything")]
    Model(String),
    /// A secret could not be sealed.
    #[error(transparent)]
    Seal(#[from] secret::SealError),
    /// A stored value is none that this program wrote.
    #[error("{table}: {problem}")]
    Damaged {
        /// The table that holds it.
        table: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl StoreError {
    /// Whether the database works and refuses what it was given: trying again is pointless.
    pub(crate) fn is_about_the_data(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Encode(_)) => true,
            Self::Database(sqlx::Error::Database(answer)) => {
                answer.code().is_some_and(|code| is_data_code(&code))
            }
            _ => false,
        }
    }
}

/// SQLSTATE has five characters: class 22 is for data, 23 for constraints, 54 for limits. SQLite has
/// numbers, whose lowest byte tells the kind: too big, constraint, mismatch, range.
fn is_data_code(code: &str) -> bool {
    match code.parse::<i32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 18 | 19 | 20 | 25),
        _ => ["22", "23", "54"].iter().any(|class| code.starts_with(class)),
    }
}

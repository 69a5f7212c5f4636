//! What a setting is.

use crate::kind::Kind;

/// One setting as the table defines it. Everything else (reading the environment, `config list`,
/// validation, forms, documentation) follows from this.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Definition {
    /// The variable's name, the same in the environment and in the store.
    pub name: &'static str,
    /// The chapter it belongs to.
    pub group: Group,
    /// What values it takes.
    pub kind: Kind,
    /// The default in canonical text; empty means unset.
    pub default: &'static str,
    /// What it does, in a sentence or two.
    pub help: &'static str,
    /// A change takes effect at the next start only.
    pub restart: bool,
    /// Who may set it.
    pub scope: Scope,
    /// False for a name that is accepted and validated, but does nothing in this version.
    pub effective: bool,
    /// Other names that are read from the environment when this one is not set there.
    pub aliases: &'static [&'static str],
    /// The setting whose value this one helps to compose when that one is not given.
    pub part_of: Option<&'static str>,
}

/// Who may set a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The environment, and an administrator over it.
    Anyone,
    /// The environment only, because it is needed before the store is open.
    Environment,
    /// The environment only, at start; afterwards the named command is the way.
    Imported(&'static str),
}

impl Definition {
    pub(crate) const fn new(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            name,
            group: Group::Server,
            kind,
            default,
            help,
            restart: false,
            scope: Scope::Anyone,
            effective: true,
            aliases: &[],
            part_of: None,
        }
    }

    pub(crate) const fn restart(self) -> Self {
        Self { restart: true, ..self }
    }

    /// Needed before the store is open: from the environment only, read once.
    pub(crate) const fn boot(self) -> Self {
        Self { restart: true, scope: Scope::Environment, ..self }
    }

    /// Taken over into the store at start; `command` manages it from then on.
    pub(crate) const fn imported(self, command: &'static str) -> Self {
        Self { restart: true, scope: Scope::Imported(command), ..self }
    }

    /// Understood, without an effect in this version.
    pub(crate) const fn idle(self) -> Self {
        Self { effective: false, ..self }
    }

    pub(crate) const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    pub(crate) const fn part_of(self, whole: &'static str) -> Self {
        Self { part_of: Some(whole), ..self }
    }

    pub(crate) const fn in_group(self, group: Group) -> Self {
        Self { group, ..self }
    }

    /// Whether an administrator may store a value for it.
    pub fn storable(&self) -> bool {
        self.scope == Scope::Anyone
    }

    /// Whether its value must not be shown, and must be sealed where it is stored.
    pub fn is_secret(&self) -> bool {
        self.kind.is_secret()
    }
}

/// A chapter of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Group {
    /// The listening side.
    Server,
    /// Database and sealing.
    Storage,
    /// Passwords and permissions.
    Security,
    /// Keys and retries.
    Pool,
    /// The connection to Google.
    Upstream,
    /// Names of models.
    Models,
    /// What is added to or taken from requests and answers.
    Generation,
    /// How streams are delivered.
    Stream,
    /// Speech, images, files.
    Media,
    /// What runs by the clock.
    Jobs,
    /// What the owner is told.
    Notifications,
    /// Logs and records.
    Logging,
}

impl Group {
    /// All chapters, in reading order.
    pub const ALL: [Self; 12] = [
        Self::Server,
        Self::Storage,
        Self::Security,
        Self::Pool,
        Self::Upstream,
        Self::Models,
        Self::Generation,
        Self::Stream,
        Self::Media,
        Self::Jobs,
        Self::Notifications,
        Self::Logging,
    ];

    /// The chapter's name in lower case: `server`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Storage => "storage",
            Self::Security => "security",
            Self::Pool => "pool",
            Self::Upstream => "upstream",
            Self::Models => "models",
            Self::Generation => "generation",
            Self::Stream => "stream",
            Self::Media => "media",
            Self::Jobs => "jobs",
            Self::Notifications => "notifications",
            Self::Logging => "logging",
        }
    }

    /// The chapter's heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Server => "Server",
            Self::Storage => "Storage",
            Self::Security => "Security",
            Self::Pool => "Key pool",
            Self::Upstream => "Upstream",
            Self::Models => "Models",
            Self::Generation => "Generation",
            Self::Stream => "Streams",
            Self::Media => "Speech, images and files",
            Self::Jobs => "Scheduled work",
            Self::Notifications => "Notifications",
            Self::Logging => "Logging",
        }
    }
}

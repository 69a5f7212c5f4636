use std::fmt;

/// How a key or client token came into the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// From the environment, at a start.
    Env,
    /// By a person: console, admin API or command line.
    Admin,
    /// From another program's database or file.
    Import,
}

impl Source {
    /// The label that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Env => "env",
            Self::Admin => "admin",
            Self::Import => "import",
        }
    }

    /// Reads a stored label; what a newer program wrote counts as an import.
    pub(crate) fn from_label(label: &str) -> Self {
        match label {
            "env" => Self::Env,
            "admin" => Self::Admin,
            _ => Self::Import,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

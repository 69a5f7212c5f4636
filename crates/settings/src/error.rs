//! What can be wrong with a setting, said in one line.

use thiserror::Error;

/// Why a setting cannot be used. The text names the variable, what is wrong with its value and what
/// is accepted; it never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingError {
    /// The value cannot be read, or lies outside its bounds.
    #[error("{name}: {problem}; accepted: {accepted}")]
    Invalid {
        /// The variable's name.
        name: String,
        /// What is wrong with the value.
        problem: String,
        /// What would have been right.
        accepted: String,
    },
    /// No setting has this name.
    #[error("{name}: there is no such setting{}", suggestion(.nearest.as_deref()))]
    Unknown {
        /// The name as it was given.
        name: String,
        /// The setting whose name is most alike, if one is alike enough.
        nearest: Option<String>,
    },
    /// The setting is read at start only, from the environment.
    #[error("{name}: {reason}")]
    EnvironmentOnly {
        /// The variable's name.
        name: String,
        /// Why it cannot be stored, and what to do instead.
        reason: String,
    },
}

impl SettingError {
    /// The name of the setting that the error is about.
    pub fn name(&self) -> &str {
        match self {
            Self::Invalid { name, .. }
            | Self::Unknown { name, .. }
            | Self::EnvironmentOnly { name, .. } => name,
        }
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; `gemini-balance config list` shows all".to_owned(),
        |name| format!("; did you mean {name}?"),
    )
}

//! Why a command ends early, and the exit code that goes with it.

use std::io::{self, Write as _};
use std::process::ExitCode;

use settings::SettingError;
use store::StoreError;

const WRONG_CONFIGURATION: u8 = 2;

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Settings or arguments are wrong: one line each, exit code 2.
    Configuration(Vec<String>),
    /// Anything else: exit code 1.
    Failed(anyhow::Error),
    /// Something is wrong and was told already: exit code 1.
    Told,
    /// Whoever read the output has gone, as `head` does: no failure at all.
    ReaderGone,
}

impl Failure {
    /// One line about wrong settings or arguments.
    pub(crate) fn configuration(line: impl Into<String>) -> Self {
        Self::Configuration(vec![line.into()])
    }

    /// Says on standard error why the command ended, and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        let (lines, code) = match self {
            Self::Configuration(lines) => (lines, ExitCode::from(WRONG_CONFIGURATION)),
            Self::Failed(error) => (vec![format!("{error:#}")], ExitCode::FAILURE),
            Self::Told => return ExitCode::FAILURE,
            Self::ReaderGone => return ExitCode::SUCCESS,
        };
        let mut stderr = io::stderr().lock();
        for line in lines {
            // Nobody is left to be told that standard error cannot be written.
            let _ = writeln!(stderr, "error: {line}");
        }
        code
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        Self::configuration(error.to_string())
    }
}

impl From<Vec<SettingError>> for Failure {
    fn from(errors: Vec<SettingError>) -> Self {
        Self::Configuration(errors.iter().map(ToString::to_string).collect())
    }
}

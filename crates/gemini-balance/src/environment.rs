//! The process environment and the `.env` file: the only place that reads them.

use std::collections::BTreeMap;
use std::env;
use std::io::ErrorKind;
use std::path::Path;

use settings::Source;

use crate::failure::Failure;

const FILE: &str = ".env";

/// What the environment said when the process started. The real environment goes before the file.
#[derive(Clone, Default)]
pub(crate) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Reads the process environment and the `.env` file in the working directory, if there is one.
    pub(crate) fn load() -> Result<Self, Failure> {
        let mut variables = file(Path::new(FILE))?;
        for (name, value) in env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            // An empty variable counts as not set and must not hide the file's.
            if !value.is_empty() {
                variables.insert(name, value.to_string_lossy().into_owned());
            }
        }
        Ok(Self(variables))
    }

    /// Sets a variable over whatever the environment said.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// Sets a variable that the environment does not have.
    pub(crate) fn set_default(&mut self, name: &str, value: &str) {
        self.0.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
}

impl Source for Environment {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

fn file(path: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let entries = match dotenvy::from_path_iter(path) {
        Ok(entries) => entries,
        Err(dotenvy::Error::Io(error)) if error.kind() == ErrorKind::NotFound => {
            return Ok(BTreeMap::new());
        }
        Err(error) => return Err(unreadable(path, &error)),
    };
    entries
        .map(|entry| entry.map_err(|error| unreadable(path, &error)))
        // Of two lines for the same variable the first one counts, as everywhere with such files.
        .try_fold(BTreeMap::new(), |mut variables, entry| {
            let (name, value) = entry?;
            variables.entry(name).or_insert(value);
            Ok(variables)
        })
}

/// The line itself is not quoted: it may hold a secret.
fn unreadable(path: &Path, error: &dotenvy::Error) -> Failure {
    let problem = match error {
        dotenvy::Error::LineParse(line, position) => {
            let name = line.split('=').next().filter(|name| name.len() < line.len());
            let place = name.map_or_else(String::new, |name| format!(" of {}", name.trim()));
            format!("cannot read the line{place} (at character {position}); accepted: NAME=value")
        }
        dotenvy::Error::Io(error) => format!("cannot be read: {error}"),
        _ => "cannot be read".to_owned(),
    };
    Failure::configuration(format!("{}: {problem}", path.display()))
}

//! The layers put together: default, then environment, then what an administrator stored.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher;

use crate::definition::Definition;
use crate::error::SettingError;
use crate::layers::{Findings, Values};
use crate::row::Row;
use crate::snapshot::Settings;

/// Where values by name come from: the process environment in the binary, a map in tests.
pub trait Source {
    /// The value of `name`, if it is set.
    fn get(&self, name: &str) -> Option<String>;
}

/// All settings, resolved, with where each came from. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The typed values.
    pub settings: Settings,
    /// Stored values that could not be used; the layer below was taken instead.
    pub warnings: Vec<SettingError>,
    values: Values,
}

impl Resolved {
    /// Puts the layers together. A wrong value in the environment is an error; a wrong stored value
    /// is only a warning, so that an administrator's slip cannot stop the next start.
    pub fn new(
        environment: &dyn Source,
        stored: &BTreeMap<String, String>,
    ) -> Result<Self, Vec<SettingError>> {
        let mut findings = Findings::default();
        let values = Values::read(environment, stored, &mut findings);
        if !findings.errors.is_empty() {
            return Err(findings.errors);
        }
        let settings = Settings::read(&values);
        Ok(Self { settings, warnings: findings.warnings, values })
    }

    /// Tells of saved values which of them an import has brought: those of these names.
    #[must_use]
    pub fn with_imported(mut self, names: &BTreeSet<String>) -> Self {
        self.values.mark_imported(names);
        self
    }

    /// Every setting with its value as it may be shown, in reading order.
    pub fn rows(&self) -> Vec<Row> {
        self.values.entries().map(Row::new).collect()
    }

    /// One setting as it may be shown.
    pub fn row(&self, name: &str) -> Result<Row, SettingError> {
        let definition = crate::validate::known(name)?;
        self.values
            .entry(definition.name)
            .map(Row::new)
            .ok_or_else(|| SettingError::Unknown { name: name.to_owned(), nearest: None })
    }

    /// The settings whose value differs from `before`: what a reload has to say.
    pub fn changes_since(&self, before: &Self) -> Vec<Definition> {
        self.values
            .entries()
            .filter(|now| {
                let then = before.values.entry(now.definition.name);
                then.and_then(|then| then.value.as_ref()) != now.value.as_ref()
            })
            .map(|entry| entry.definition)
            .collect()
    }
}

impl Source for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<String> {
        BTreeMap::get(self, name).cloned()
    }
}

impl<S: BuildHasher> Source for HashMap<String, String, S> {
    fn get(&self, name: &str) -> Option<String> {
        HashMap::get(self, name).cloned()
    }
}

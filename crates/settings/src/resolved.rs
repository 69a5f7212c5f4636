//! The layers put together: default, then environment, then what an administrator stored.

use std::collections::{BTreeMap, HashMap};

use crate::error::SettingError;
use crate::snapshot::Settings;

/// Where values by name come from: the process environment in the binary, a map in tests.
pub trait Source {
    /// The value of `name`, if it is set.
    fn get(&self, name: &str) -> Option<String>;
}

impl Source for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<String> {
        BTreeMap::get(self, name).cloned()
    }
}

impl<S: std::hash::BuildHasher> Source for HashMap<String, String, S> {
    fn get(&self, name: &str) -> Option<String> {
        HashMap::get(self, name).cloned()
    }
}

/// All settings, resolved, with where each came from.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The typed values.
    pub settings: Settings,
    /// Stored values that could not be used; the layer below was taken instead.
    pub warnings: Vec<SettingError>,
}

impl Resolved {
    /// Puts the layers together. A wrong value in the environment is an error; a wrong stored value
    /// is only a warning, so that an administrator's slip cannot stop the next start.
    pub fn new(
        _environment: &dyn Source,
        _stored: &BTreeMap<String, String>,
    ) -> Result<Self, Vec<SettingError>> {
        Err(Vec::new())
    }
}

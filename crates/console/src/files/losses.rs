//! What goes out of reach when keys go.

use std::collections::{HashMap, HashSet};

use keypool::KeyId;

use super::register::Register;
use crate::State;
use crate::error::Error;

/// How many live resources of each key nobody can reach without these keys.
#[derive(Debug, Default)]
pub(crate) struct Losses(HashMap<String, u64>);

impl Losses {
    pub(crate) fn of(&self, key: &KeyId) -> u64 {
        self.0.get(key.as_str()).copied().unwrap_or(0)
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// What only these keys reach. Another key that is known to be of the same project takes over.
pub(crate) async fn losses(state: &State, keys: &[KeyId]) -> Result<Losses, Error> {
    let register = Register::read(state, "", relay::now()).await?;
    let gone: HashSet<String> = keys.iter().map(|key| key.as_str().to_owned()).collect();
    let mut losses = HashMap::new();
    for (key, project, live) in register.living() {
        if live > 0 && gone.contains(key) && !register.keys.others_reach(project, &gone) {
            *losses.entry(key.to_owned()).or_default() += live;
        }
    }
    Ok(Losses(losses))
}

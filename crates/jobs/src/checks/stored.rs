//! Checking keys in the database, whether a gateway runs on it or not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keypool::{Domain, Health, KeyId, Learned, LearnedKey};
use relay::InvalidUpstream;
use settings::Settings;
use store::{Store, StoreError, StoredKey};

use super::asker::{Asker, Finding};
use super::examination::{Examinee, Standing, examine};

/// Asks Google about stored keys.
pub struct Checker(Asker);

impl Checker {
    /// Asks as the settings say.
    pub fn new(settings: &Settings) -> Result<Self, InvalidUpstream> {
        Ok(Self(Asker::new(settings)?))
    }

    /// Finds out about each of the keys, in their order, and writes down which are alive and which
    /// are dead; running gateways are told.
    pub async fn check(
        &self,
        store: &Store,
        keys: &[StoredKey],
    ) -> Result<Vec<Finding>, StoreError> {
        let known = Known::new(store.load_learned().await?);
        let examinees: Vec<_> = keys.iter().filter_map(|key| known.examinee(key)).collect();
        let findings = examine(&self.0, &examinees).await;
        let found = examinees.iter().zip(findings);
        let found: BTreeMap<_, _> =
            found.map(|(key, finding)| (&key.id, (key.standing, finding))).collect();
        remember(store, &found).await?;
        let finding = |key: &StoredKey| found.get(&key.id).map(|(_, finding)| finding.clone());
        Ok(keys.iter().map(|key| finding(key).unwrap_or_else(unreadable)).collect())
    }
}

/// Takes dead keys out, and those that live again back in.
async fn remember(
    store: &Store,
    found: &BTreeMap<&KeyId, (Standing, Finding)>,
) -> Result<(), StoreError> {
    let mut died = Vec::new();
    for (id, (standing, finding)) in found {
        match finding {
            Finding::Alive { .. } if *standing == Standing::Dead => {
                store.revive_key(id).await?;
            }
            Finding::Dead { reason, .. } if *standing != Standing::Dead => {
                let health = Health::Dead { reason: *reason, since: relay::now() };
                died.push(Learned::Key(LearnedKey { id: (*id).clone(), health }));
            }
            _ => {}
        }
    }
    if died.is_empty() {
        return Ok(());
    }
    store.save_learned(died).await?;
    store.announce().await
}

fn unreadable() -> Finding {
    Finding::Unclear { why: "its row does not open under the master key".to_owned() }
}

/// What the database knows of keys.
#[derive(Default)]
struct Known {
    dead: BTreeSet<KeyId>,
    /// Those that have served within the last day.
    served: BTreeSet<Domain>,
}

impl Known {
    fn new(learned: Vec<Learned>) -> Self {
        let mut known = Self::default();
        for entry in learned {
            match entry {
                Learned::Key(key) if key.health.is_dead() => {
                    known.dead.insert(key.id);
                }
                Learned::Usage(usage) if usage.day.requests > 0 => {
                    known.served.insert(usage.name.domain);
                }
                _ => {}
            }
        }
        known
    }

    /// `None` if the key cannot be read.
    fn examinee(&self, key: &StoredKey) -> Option<Examinee> {
        let domain = Domain::of(&key.id, key.project.as_deref(), key.platform);
        let standing = if self.dead.contains(&key.id) {
            Standing::Dead
        } else if self.served.contains(&domain) {
            Standing::Proven
        } else {
            Standing::Unproven
        };
        let (id, platform) = (key.id.clone(), key.platform);
        Some(Examinee { id, platform, secret: Arc::clone(key.secret.as_ref()?), standing })
    }
}

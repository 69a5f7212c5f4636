//! What was asked for lately, in memory of a bounded size.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Known;

/// How many are remembered for certain; up to twice as many may be.
const MOST: usize = 10_000;

/// Another process may have made a name anew meanwhile.
const LASTS: Duration = Duration::from_mins(1);

/// Two generations: when the young one is full it becomes the old one, which is forgotten.
#[derive(Debug, Default)]
pub(super) struct Recent {
    young: HashMap<Arc<str>, (Known, Instant)>,
    old: HashMap<Arc<str>, (Known, Instant)>,
}

impl Recent {
    pub(super) fn get(&mut self, name: &str) -> Option<Known> {
        if let Some((name, found)) = self.old.remove_entry(name) {
            self.insert(name, found);
        }
        let (known, at) = self.young.get(name)?;
        (at.elapsed() < LASTS).then(|| known.clone())
    }

    pub(super) fn put(&mut self, name: &str, known: Known) {
        self.old.remove(name);
        self.insert(name.into(), (known, Instant::now()));
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.young.remove(name);
        self.old.remove(name);
    }

    fn insert(&mut self, name: Arc<str>, found: (Known, Instant)) {
        if self.young.len() >= MOST {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(name, found);
    }
}

#[cfg(test)]
mod tests {
    use keypool::{Bond, KeyId};

    use super::*;

    fn known(owner: &str) -> Known {
        let bond = Bond { key: KeyId::from("k"), project: None };
        Known { owner: owner.into(), bond, expires: None, state: "".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn it_forgets_what_is_old_or_too_much() {
        let mut recent = Recent::default();
        recent.put("first", known("a"));
        recent.put("second", known("b"));
        for number in 0..MOST * 2 {
            recent.put(&number.to_string(), known("x"));
            assert!(recent.get("first").is_some(), "{number}");
        }
        assert!(recent.get("second").is_none());
        assert!(recent.young.len() + recent.old.len() <= 2 * MOST);
        recent.remove("first");
        assert!(recent.get("first").is_none());
        recent.put("third", known("c"));
        tokio::time::advance(LASTS).await;
        assert!(recent.get("third").is_none());
    }
}

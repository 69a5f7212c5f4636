//! Keys that Google refused for good, and that work again: told in groups.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use keypool::{DeathReason, KeyId, Timestamp};
use serde_json::{Value, json};
use settings::NotifiedEvent;

use crate::message::{About, Message, State, count};

/// More keys than this are not listed.
const LISTED: usize = 20;

/// A dead key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadKey {
    /// Its name in the system.
    pub id: KeyId,
    /// The credential as it may be shown.
    pub mask: String,
    /// What Google said.
    pub reason: DeathReason,
}

/// What is known of the dead.
#[derive(Debug, Default)]
pub(crate) struct Deaths {
    /// Those that were dead before anybody looked: not news.
    old: Option<BTreeSet<KeyId>>,
    fresh: Group,
    told: BTreeMap<KeyId, DeadKey>,
    revived: Group,
}

/// What is about to be told.
#[derive(Debug, Default)]
struct Group {
    keys: BTreeMap<KeyId, DeadKey>,
    since: Option<Timestamp>,
}

impl Group {
    fn add(&mut self, key: DeadKey, now: Timestamp) {
        self.since.get_or_insert(now);
        self.keys.insert(key.id.clone(), key);
    }

    /// All of it, once its first key has waited for so long.
    fn ripe(&mut self, wait: Duration, now: Timestamp) -> Option<BTreeMap<KeyId, DeadKey>> {
        if self.keys.is_empty() {
            self.since = None;
        }
        let is_ripe = now.saturating_since(self.since?) >= wait;
        is_ripe.then(|| std::mem::take(self).keys)
    }
}

impl Deaths {
    /// Takes notice of all keys that are dead now. `is_alive` says whether the pool has a key that is
    /// not dead.
    pub(crate) fn look(
        &mut self,
        dead: Vec<DeadKey>,
        is_alive: impl Fn(&KeyId) -> bool,
        wait: Duration,
        now: Timestamp,
    ) -> Vec<Message> {
        let ids: BTreeSet<KeyId> = dead.iter().map(|key| key.id.clone()).collect();
        let Some(old) = &mut self.old else {
            self.old = Some(ids);
            return Vec::new();
        };
        old.retain(|id| ids.contains(id));
        self.fresh.keys.retain(|id, _| ids.contains(id));
        for key in dead.into_iter().filter(|key| !old.contains(&key.id)) {
            if self.revived.keys.remove(&key.id).is_some() {
                self.told.insert(key.id.clone(), key);
            } else if !self.told.contains_key(&key.id) && !self.fresh.keys.contains_key(&key.id) {
                self.fresh.add(key, now);
            }
        }
        let gone: Vec<KeyId> = self.told.keys().filter(|id| !ids.contains(*id)).cloned().collect();
        for key in gone.iter().filter_map(|id| self.told.remove(id)) {
            if is_alive(&key.id) {
                self.revived.add(key, now);
            }
        }
        let fresh = self.fresh.ripe(wait, now);
        let died = fresh.as_ref().map(|keys| died(keys, now));
        self.told.extend(fresh.into_iter().flatten());
        let revived = self.revived.ripe(wait, now).map(|keys| revived(&keys, now));
        died.into_iter().chain(revived).collect()
    }

    /// Whether something is about to be told.
    pub(crate) fn is_pending(&self) -> bool {
        self.old.is_none() || !self.fresh.keys.is_empty() || !self.revived.keys.is_empty()
    }
}

fn died(keys: &BTreeMap<KeyId, DeadKey>, now: Timestamp) -> Message {
    let title = format!("{} died", count(keys.len() as u64, "key"));
    message(State::Problem, title, "Google refused for good:", keys, now)
}

fn revived(keys: &BTreeMap<KeyId, DeadKey>, now: Timestamp) -> Message {
    let works = if keys.len() == 1 { "works" } else { "work" };
    let title = format!("{} {works} again", count(keys.len() as u64, "key"));
    message(State::Over, title, "In use again:", keys, now)
}

fn message(
    state: State,
    title: String,
    intro: &str,
    keys: &BTreeMap<KeyId, DeadKey>,
    now: Timestamp,
) -> Message {
    let mut text = intro.to_owned();
    for key in keys.values().take(LISTED) {
        let _ = write!(text, "\n{} ({})", key.mask, key.reason.as_str().replace('_', " "));
    }
    if let Some(more @ 1..) = keys.len().checked_sub(LISTED) {
        let _ = write!(text, "\nand {more} more");
    }
    let listed = keys
        .values()
        .take(LISTED)
        .map(|key| json!({"id": key.id, "key": key.mask, "reason": key.reason}));
    let details = json!({"count": keys.len(), "keys": listed.collect::<Vec<Value>>()});
    Message { about: About::Event(NotifiedEvent::KeyDead), state, at: now, title, text, details }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_mins(1);

    fn dead(names: &[&str]) -> Vec<DeadKey> {
        let key = |name: &&str| DeadKey {
            id: KeyId::new(*name),
            mask: format!("AIza…{name}"),
            reason: DeathReason::Invalid,
        };
        names.iter().map(key).collect()
    }

    /// What is told at this second, when these are dead.
    fn titles(deaths: &mut Deaths, names: &[&str], second: i64) -> Vec<String> {
        let now = Timestamp::from_millis(second * 1000);
        let told = deaths.look(dead(names), |id| id.as_str() != "gone", WAIT, now);
        told.into_iter().map(|message| message.title).collect()
    }

    #[test]
    fn what_dies_within_a_minute_is_told_together_and_once() {
        let mut deaths = Deaths::default();
        assert!(titles(&mut deaths, &["old"], 0).is_empty());
        assert!(titles(&mut deaths, &["old", "a"], 10).is_empty());
        assert!(titles(&mut deaths, &["old", "a", "b", "gone"], 40).is_empty());
        assert!(deaths.is_pending());
        let told =
            deaths.look(dead(&["old", "a", "b"]), |_| true, WAIT, Timestamp::from_millis(70_000));
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].title, "2 keys died");
        assert_eq!(told[0].text, "Google refused for good:\nAIza…a (invalid)\nAIza…b (invalid)");
        assert_eq!(told[0].details["keys"][1]["reason"], "invalid");
        assert!(titles(&mut deaths, &["old", "a", "b"], 600).is_empty());
        assert!(!deaths.is_pending());
    }

    #[test]
    fn what_works_again_is_told_unless_it_dies_again() {
        let mut deaths = Deaths::default();
        assert!(titles(&mut deaths, &[], 0).is_empty());
        assert!(titles(&mut deaths, &["a", "b", "gone"], 1).is_empty());
        assert_eq!(titles(&mut deaths, &["a", "b", "gone"], 61), ["3 keys died"]);
        assert!(titles(&mut deaths, &["b"], 100).is_empty());
        assert!(titles(&mut deaths, &["a", "b"], 110).is_empty());
        assert!(titles(&mut deaths, &["b"], 200).is_empty());
        assert_eq!(titles(&mut deaths, &["b"], 260), ["1 key works again"]);
        assert!(titles(&mut deaths, &["b", "a"], 300).is_empty());
        assert_eq!(titles(&mut deaths, &["b", "a"], 360), ["1 key died"], "it is news again");
    }

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<String> = (0..30).map(|number| format!("k{number:02}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut deaths = Deaths::default();
        deaths.look(Vec::new(), |_| true, Duration::ZERO, Timestamp::from_millis(0));
        let told = deaths.look(dead(&names), |_| true, Duration::ZERO, Timestamp::from_millis(1));
        assert!(told[0].text.ends_with("and 10 more"), "{}", told[0].text);
        assert_eq!(told[0].details["count"], 30);
    }
}

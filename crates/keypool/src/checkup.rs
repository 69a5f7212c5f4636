//! What somebody needs who asks Google about keys outside of the traffic, and what the answers teach.

use std::collections::BTreeSet;
use std::sync::Arc;

use secret::PoolKey;

use crate::{AvoidedFor, DeathReason, KeyId, Platform, Pool, Timestamp};

/// A key that nobody uses, or only if there is no other, for something that Google has said of it
/// or not said at all.
#[derive(Clone, Debug)]
pub struct FailingKey {
    /// Its name in the system.
    pub id: KeyId,
    /// Which of Google's APIs it is for.
    pub platform: Platform,
    /// The credential itself.
    pub secret: Arc<PoolKey>,
    /// Whether it was refused for good; else it is avoided.
    pub is_dead: bool,
    /// Whether it has served since the process started.
    pub has_served: bool,
}

impl Pool {
    /// The enabled keys that are dead, or avoided everywhere because they were refused or mute.
    pub fn failing(&self, now: Timestamp) -> Vec<FailingKey> {
        let is_failing = |why| matches!(why, AvoidedFor::KeyRefused | AvoidedFor::Mute);
        let avoided = self.wide.avoidances();
        let avoided: BTreeSet<_> = avoided
            .filter(|(_, one)| is_failing(one.why) && one.until > now)
            .map(|(slot, _)| slot)
            .collect();
        let keys = self.roster.keys().filter(|(slot, key)| {
            key.spec.enabled && (key.health.is_dead() || avoided.contains(slot))
        });
        keys.map(|(_, key)| FailingKey {
            id: key.spec.id.clone(),
            platform: key.spec.platform,
            secret: Arc::clone(&key.spec.secret),
            is_dead: key.health.is_dead(),
            has_served: key.counters.served > 0,
        })
        .collect()
    }

    /// The keys that died since the last call, with so many others at once that it may have been
    /// the fault of the way out or of Google, and that are dead still. Out they are all the same;
    /// whoever takes them asks Google again soon, and [revives](Self::revive) those that work.
    pub fn take_suspects(&mut self) -> Vec<KeyId> {
        let suspects = self.blame.take_suspects().into_iter();
        let keys = suspects.filter_map(|one| {
            let key = self.roster.key(one.key)?;
            let is_the_same = key.generation == one.generation;
            (is_the_same && key.health.is_dead()).then(|| key.spec.id.clone())
        });
        keys.collect()
    }

    /// Takes a key out that Google has refused for good, as somebody found out who asked. The
    /// reason and time of a key that is dead already stay as they are.
    pub fn condemn(&mut self, key: &KeyId, reason: DeathReason, now: Timestamp) {
        self.stir();
        if let Some(slot) = self.roster.key_slot(key) {
            self.declare_dead(slot, reason, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, SERVED};
    use crate::{KeyState, Learned, Outcome, Phase};

    fn failing(fixture: &Fixture) -> Vec<(String, bool, bool)> {
        let mut failing = fixture.pool.failing(fixture.now);
        failing.sort_by(|one, other| one.id.cmp(&other.id));
        let keys = failing.into_iter();
        keys.map(|key| (key.id.to_string(), key.is_dead, key.has_served)).collect()
    }

    #[test]
    fn dead_and_avoided_keys_fail_and_others_do_not() {
        let mut fixture = Fixture::of(&["busy", "dead", "fine", "mute", "off"]);
        fixture.attempt_with("dead", "flash", &SERVED);
        fixture.attempt_with("dead", "flash", &Outcome::KeyDead(DeathReason::Leaked));
        fixture.attempt_with("busy", "flash", &Outcome::ModelBusy);
        fixture.attempt_with("off", "flash", &Outcome::KeyRefused);
        fixture.attempt_with("mute", "flash", &Outcome::LinkBroken(Phase::FirstByte));
        let all = [("dead", true, true), ("mute", false, false), ("off", false, false)];
        assert_eq!(failing(&fixture), all.map(|(id, dead, served)| (id.to_owned(), dead, served)));
        // Avoided for a minute at most, the other for ten at least.
        fixture.wait_seconds(60);
        assert_eq!(failing(&fixture).len(), 2);
        fixture.pool.revive(&"mute".into(), fixture.now);
        fixture.pool.revive(&"dead".into(), fixture.now);
        assert_eq!(failing(&fixture), []);
    }

    #[test]
    fn a_condemned_key_is_out_and_that_is_told() {
        let mut fixture = Fixture::of(&["a", "b"]);
        fixture.pool.take_changes();
        let since = fixture.now;
        fixture.pool.condemn(&"a".into(), DeathReason::Expired, since);
        fixture.wait_seconds(1);
        fixture.pool.condemn(&"a".into(), DeathReason::Leaked, fixture.now);
        fixture.pool.condemn(&"nobody".into(), DeathReason::Leaked, fixture.now);
        let reason = DeathReason::Expired;
        assert_eq!(fixture.state("a"), KeyState::Dead { reason, since });
        assert_eq!(fixture.usable("flash"), ["b"]);
        let told = fixture.pool.take_changes();
        assert!(matches!(&told[..], [Learned::Key(key)] if key.id.as_str() == "a"), "{told:?}");
        assert_eq!(fixture.pool.take_suspects(), []);
    }
}

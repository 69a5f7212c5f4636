//! Looking at many keys without holding the pool up: some at a time, and without copying them.

use std::sync::Arc;

use crate::setbacks::Setbacks;
use crate::survey::{shown_avoidance, shown_block};
use crate::{Counters, Domain, EgressId, KeyId, KeySnapshot, KeyState, Platform, Pool, Timestamp};

/// A key at one moment, as it lies in the pool.
#[derive(Clone, Copy, Debug)]
pub struct KeyView<'p> {
    /// Its name in the system.
    pub id: &'p KeyId,
    /// What people call it.
    pub name: Option<&'p str>,
    /// The credential as it may be shown.
    pub mask: &'p str,
    /// Which of Google's APIs it is for.
    pub platform: Platform,
    /// Whose quota it uses.
    pub domain: &'p Domain,
    /// Whether that its keys belong together is a guess.
    pub is_guess: bool,
    /// Its share of the traffic.
    pub weight: u32,
    /// Its labels.
    pub tags: &'p [String],
    /// The way out that it is bound to.
    pub egress: Option<EgressId>,
    /// What it was added with.
    pub batch: Option<&'p Arc<str>>,
    /// How it stands.
    pub state: KeyState,
    /// Whether its project is out of a quota of the day.
    pub is_exhausted: bool,
    /// What it has done since the process started.
    pub counters: Counters,
    /// How its last failure since then is called.
    pub last_error: Option<&'static str>,
}

impl Pool {
    /// Shows the keys at the places from `from` on, of at most `most` places, and answers where to go
    /// on. For whoever looks at all keys and must not hold up those who wait for one meanwhile: the
    /// pool is let go between two calls, so what is seen is of several moments.
    pub fn look(
        &self,
        from: usize,
        most: usize,
        now: Timestamp,
        mut see: impl FnMut(KeyView<'_>),
    ) -> Option<usize> {
        let (keys, places) = self.roster.keys_from(from, most);
        for key in keys {
            let Some(project) = self.roster.project(key.project) else { continue };
            let is_cooling = project.cooling_until > now;
            let is_daily = |setbacks: &Setbacks| {
                let block = setbacks.block(key.project).filter(|block| block.until > now);
                block.is_some_and(|block| block.window.is_daily())
            };
            see(KeyView {
                id: &key.spec.id,
                name: key.spec.name.as_deref(),
                mask: &key.credential.mask,
                platform: key.spec.platform,
                domain: &project.domain,
                is_guess: project.is_guess(),
                weight: key.spec.weight,
                tags: &key.spec.tags,
                egress: key.spec.egress,
                batch: key.spec.batch.as_ref(),
                state: key.state(is_cooling),
                is_exhausted: is_cooling && self.setbacks().any(|(_, one)| is_daily(one)),
                counters: key.counters,
                last_error: key.last_error,
            });
        }
        let next = from.saturating_add(most);
        (next < places).then_some(next)
    }

    /// How one key stands; `None` if the pool does not hold it.
    pub fn show(&self, id: &KeyId, now: Timestamp) -> Option<KeySnapshot> {
        let slot = self.roster.key_slot(id)?;
        let key = self.roster.key(slot)?;
        let (mut blocks, mut avoided) = (Vec::new(), Vec::new());
        for (model, setbacks) in self.setbacks() {
            let block = setbacks.block(key.project).filter(|block| block.until > now);
            blocks.extend(block.map(|block| shown_block(model, block)));
            let avoidance = setbacks.avoidance(slot).filter(|one| one.until > now);
            avoided.extend(avoidance.map(|one| shown_avoidance(model, one)));
        }
        blocks.sort_by(|one, other| one.model.cmp(&other.model));
        avoided.sort_by(|one, other| one.model.cmp(&other.model));
        Some(self.describe(key, (blocks, avoided), now))
    }

    /// How many keys share the quota of this one, itself included.
    pub fn sharing(&self, id: &KeyId) -> usize {
        let key = self.roster.key_slot(id).and_then(|slot| self.roster.key(slot));
        let project = key.and_then(|key| self.roster.project(key.project));
        project.map_or(0, |project| project.keys.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, SERVED, of_project, spent, spent_for};
    use crate::{DeathReason, Outcome, Scope, Window};

    fn seen(pool: &Pool, most: usize, now: Timestamp) -> Vec<(String, KeyState, bool)> {
        let (mut keys, mut from) = (Vec::new(), Some(0));
        while let Some(place) = from {
            from = pool.look(place, most, now, |key| {
                keys.push((key.id.to_string(), key.state, key.is_exhausted));
            });
        }
        keys
    }

    #[test]
    fn what_is_seen_piece_by_piece_is_what_a_snapshot_shows() {
        let mut fixture = Fixture::of(&["dead", "day", "gone", "minute", "fine"]);
        fixture.attempt_with("dead", "flash", &Outcome::KeyDead(DeathReason::Leaked));
        let day = spent(Window::DayRequests, Scope::Model);
        fixture.attempt_with("day", "flash", &day);
        let minute = spent_for(fixture.now, 30);
        fixture.attempt_with("minute", "pro", &minute);
        fixture.attempt_with("fine", "pro", &SERVED);
        let kept = ["dead", "day", "minute", "fine"].map(crate::fixture::spec);
        fixture.pool.sync(kept.to_vec(), fixture.now);
        let snapshot = fixture.pool.snapshot(fixture.now);
        for most in [1, 2, 3, 100] {
            let all = seen(&fixture.pool, most, fixture.now);
            assert_eq!(all.len(), 4, "{most} at a time");
            for (shown, (id, state, is_exhausted)) in snapshot.keys.iter().zip(all) {
                assert_eq!((shown.id.as_str(), shown.state), (id.as_str(), state));
                assert_eq!(is_exhausted, id == "day");
            }
        }
        for shown in &snapshot.keys {
            assert_eq!(fixture.pool.show(&shown.id, fixture.now).as_ref(), Some(shown));
        }
        assert_eq!(fixture.pool.show(&"gone".into(), fixture.now), None);
    }

    #[test]
    fn those_who_share_a_quota_are_counted() {
        let keys = vec![of_project("a1", "a"), of_project("a2", "a"), of_project("b", "b")];
        let fixture = Fixture::new(keys);
        let sharing = |id: &str| fixture.pool.sharing(&id.into());
        assert_eq!((sharing("a1"), sharing("b"), sharing("nobody")), (2, 1, 0));
    }
}

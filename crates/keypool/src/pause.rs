//! What people want of a key for a while: that it is left alone, or that all is forgotten that speaks
//! against it.

use crate::block::{Block, LONGEST};
use crate::{CellName, KeyId, Learned, Pool, Timestamp, Window};

impl Pool {
    /// Leaves a key alone until then, and with it its whole project, whose quota it would use; a day
    /// at the most. Answers whether it is here.
    pub fn pause(&mut self, key: &KeyId, until: Timestamp, now: Timestamp) -> bool {
        self.stir();
        let Some(key) = self.roster.key_slot(key).and_then(|slot| self.roster.key(slot)) else {
            return false;
        };
        let project = key.project;
        let until = until.min(now + LONGEST);
        let block = Block { until, window: Window::Paused, limit: None, quota_id: None };
        if self.extend(project, None, block.clone())
            && let Some(project) = self.roster.project(project)
        {
            let name = CellName { domain: project.domain.clone(), model: None };
            self.journal.note_block(name, &block);
        }
        true
    }

    /// Forgets what speaks against a key: that it is dead or avoided, and what its project is out of.
    /// What was counted stays. Answers whether it is here.
    pub fn reset(&mut self, key: &KeyId, now: Timestamp) -> bool {
        let moment = self.moment(now);
        self.stir();
        let Some(slot) = self.roster.key_slot(key) else { return false };
        self.revive_slot(slot);
        let Some(key) = self.roster.key(slot) else { return false };
        let project = key.project;
        let Some(domain) = self.roster.project(project).map(|project| project.domain.clone())
        else {
            return false;
        };
        let name = |model| CellName { domain: domain.clone(), model };
        if self.wide.forget_cell(project).is_some() {
            self.journal.note(Learned::CellOver(name(None)));
        }
        self.roster.thaw(project);
        let Self { roster, wide, lanes, journal, .. } = self;
        for lane in lanes.all() {
            if lane.setbacks.forget_cell(project).is_some() {
                journal.note(Learned::CellOver(name(lane.model().cloned())));
            }
            lane.refill(project, moment, roster, wide);
            lane.refresh(project, roster, wide);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::fixture::{Fixture, of_project, spent_for};
    use crate::{DeathReason, KeyState, Outcome};

    #[test]
    fn a_paused_key_and_its_project_are_left_alone_for_that_long() {
        let keys = vec![of_project("a1", "a"), of_project("a2", "a"), of_project("b", "b")];
        let mut fixture = Fixture::new(keys);
        fixture.pool.take_changes();
        let until = fixture.now + Duration::from_mins(1);
        assert!(fixture.pool.pause(&"a1".into(), until, fixture.now));
        assert!(!fixture.pool.pause(&"nobody".into(), until, fixture.now));
        assert_eq!(fixture.usable("flash"), ["b"]);
        assert_eq!(fixture.state("a2"), KeyState::Cooling);
        let told = fixture.pool.take_changes();
        assert!(matches!(&told[..], [Learned::Cell(cell)] if cell.window == Window::Paused));
        fixture.wait_seconds(60);
        assert_eq!(fixture.usable("flash"), ["a1", "a2", "b"]);

        let next_week = fixture.now + Duration::from_hours(7 * 24);
        fixture.pool.pause(&"b".into(), next_week, fixture.now);
        fixture.wait(LONGEST);
        assert_eq!(fixture.usable("flash"), ["a1", "a2", "b"]);
    }

    #[test]
    fn a_reset_key_is_tried_again_at_once() {
        let mut fixture = Fixture::of(&["dead", "full", "paused"]);
        let minute = spent_for(fixture.now, 600);
        fixture.attempt_with("full", "flash", &minute);
        fixture.attempt_with("dead", "flash", &Outcome::KeyDead(DeathReason::Leaked));
        let until = fixture.now + Duration::from_hours(1);
        fixture.pool.pause(&"paused".into(), until, fixture.now);
        fixture.pool.take_changes();
        assert!(fixture.usable("flash").is_empty());
        for id in ["dead", "full", "paused"] {
            assert!(fixture.pool.reset(&id.into(), fixture.now));
            assert_eq!(fixture.state(id), KeyState::Ready);
        }
        assert!(!fixture.pool.reset(&"nobody".into(), fixture.now));
        // What was counted stays: by our own count the minute may be full for a while.
        fixture.wait_seconds(61);
        assert_eq!(fixture.usable("flash"), ["dead", "full", "paused"]);
        let told = fixture.pool.take_changes();
        let over = told.iter().filter(|one| matches!(one, Learned::CellOver(_))).count();
        assert_eq!(over, 2, "{told:?}");
    }
}

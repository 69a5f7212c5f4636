//! The pool takes over what others decided or learned.

use std::collections::BTreeSet;

use crate::block::Block;
use crate::roster::{KeySlot, ProjectSlot};
use crate::{CellName, KeySpec, Learned, LearnedCell, LearnedKey, Pool, Timestamp};

impl Pool {
    /// Makes the pool hold exactly these keys. What was learned of the ones that stay is kept.
    /// A dead key comes back if it was disabled and is enabled now, or if its secret has changed.
    /// A key that moves out of its own, unknown project takes its blocks along.
    pub fn sync(&mut self, keys: Vec<KeySpec>, _now: Timestamp) {
        let mut present = BTreeSet::new();
        for spec in keys {
            let slot = match self.roster.key_slot(&spec.id) {
                Some(slot) => {
                    self.update(slot, spec);
                    slot
                }
                None => self.add(spec),
            };
            present.insert(slot);
        }
        let is_gone = |(slot, _): &(KeySlot, _)| !present.contains(slot);
        let gone: Vec<_> = self.roster.keys().filter(is_gone).map(|(slot, _)| slot).collect();
        for slot in gone {
            self.remove(slot);
        }
        self.lanes.tidy_all();
    }

    /// Takes over what was learned before, or elsewhere: at the start from the store, after the
    /// first [`sync`](Self::sync), and at any time from another replica. What concerns unknown
    /// keys and projects is left out. Blocks that are over by now are dropped, and are told by
    /// [`take_changes`](Self::take_changes) so that the store drops them too.
    pub fn restore(&mut self, learned: Vec<Learned>, now: Timestamp) {
        for entry in learned {
            match entry {
                Learned::Key(key) => self.restore_key(&key),
                Learned::Cell(cell) => self.restore_cell(cell, now),
                Learned::CellOver(_) => {}
            }
        }
    }

    fn restore_key(&mut self, learned: &LearnedKey) {
        let Some(slot) = self.roster.key_slot(&learned.id) else { return };
        self.roster.change(slot, |key| key.health = learned.health);
        self.refresh_usability(slot);
    }

    fn restore_cell(&mut self, cell: LearnedCell, now: Timestamp) {
        if cell.until <= now {
            self.journal.note(Learned::CellOver(cell.name));
            return;
        }
        let Some(project) = self.roster.project_slot(&cell.name.domain) else { return };
        let LearnedCell { name, until, window, limit, quota_id } = cell;
        self.extend(project, name.model.as_ref(), Block { until, window, limit, quota_id });
    }

    fn add(&mut self, spec: KeySpec) -> KeySlot {
        let slot = self.roster.add(spec);
        self.refresh_usability(slot);
        slot
    }

    fn update(&mut self, slot: KeySlot, spec: KeySpec) {
        let Some(key) = self.roster.key(slot) else { return };
        let new_secret = key.spec.secret != spec.secret;
        let moves = key.spec.project != spec.project;
        let enabled_again = spec.enabled && !key.spec.enabled;
        let same_rank = key.spec.enabled == spec.enabled && key.spec.tier == spec.tier;
        if moves {
            self.move_key(slot, &spec);
        }
        self.roster.change(slot, |key| {
            if new_secret {
                key.mask = spec.secret.mask().into();
            }
            key.spec = spec;
        });
        if new_secret {
            self.roster.renew(slot);
            self.forget_own_project(slot);
        }
        if new_secret || enabled_again {
            self.revive_slot(slot);
        }
        if moves || !same_rank {
            self.refresh_usability(slot);
        }
    }

    fn remove(&mut self, slot: KeySlot) {
        let Some(key) = self.roster.key(slot) else { return };
        let project = key.project;
        self.journal.forget_key(&key.spec.id);
        let is_last = self.roster.project(project).is_some_and(|project| project.keys.len() <= 1);
        if is_last {
            self.forget_cells(project);
        }
        self.roster.remove(slot);
        self.forget_avoidances(slot);
        for lane in self.lanes.all() {
            lane.refresh_release(project, &self.roster, &self.wide);
        }
    }

    /// Lets a key change its project. If its old one goes with it, the blocks do too.
    fn move_key(&mut self, slot: KeySlot, spec: &KeySpec) {
        let Some(before) = self.roster.key(slot).map(|key| key.project) else { return };
        let is_last = self.roster.project(before).is_some_and(|project| project.keys.len() <= 1);
        let cells = if is_last { self.forget_cells(before) } else { Vec::new() };
        self.roster.move_to_project(slot, spec);
        for lane in self.lanes.all() {
            lane.refresh_release(before, &self.roster, &self.wide);
        }
        let Some(after) = self.roster.key(slot).map(|key| key.project) else { return };
        let Some(domain) = self.roster.project(after).map(|project| project.domain.clone()) else {
            return;
        };
        for (name, block) in cells {
            if self.extend(after, name.model.as_ref(), block.clone()) {
                let name = CellName { domain: domain.clone(), model: name.model };
                self.journal.note_block(name, &block);
            }
        }
    }

    /// With another secret a key of unknown project may well be of another project.
    fn forget_own_project(&mut self, slot: KeySlot) {
        let Some(key) = self.roster.key(slot) else { return };
        if key.spec.project.is_none() {
            let project = key.project;
            self.forget_cells(project);
        }
    }

    /// Forgets all blocks of a project, and answers what they were.
    fn forget_cells(&mut self, project: ProjectSlot) -> Vec<(CellName, Block)> {
        let Some(domain) = self.roster.project(project).map(|project| project.domain.clone())
        else {
            return Vec::new();
        };
        let mut forgotten = Vec::new();
        let name = |model| CellName { domain: domain.clone(), model };
        forgotten.extend(self.wide.forget_cell(project).map(|block| (name(None), block)));
        self.roster.thaw(project);
        for lane in self.lanes.all() {
            let block = lane.setbacks.forget_cell(project);
            forgotten.extend(block.map(|block| (name(lane.model().cloned()), block)));
            lane.refresh_project(project, &self.roster, &self.wide);
        }
        for (name, _) in &forgotten {
            self.journal.note(Learned::CellOver(name.clone()));
        }
        forgotten
    }
}

#[cfg(test)]
mod tests;

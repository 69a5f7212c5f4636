//! The pool takes over what others decided or learned.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::block::Block;
use crate::cell::Cell;
use crate::meter::Moment;
use crate::roster::{KeySlot, ProjectSlot};
use crate::{
    CellName, KeySpec, Learned, LearnedCell, LearnedKey, LearnedLimit, LearnedUsage, Policy, Pool,
    Timestamp,
};

impl Pool {
    /// Makes the pool hold exactly these keys. What was learned of the ones that stay is kept.
    /// A dead key comes back if it was disabled and is enabled now, or if its secret has changed.
    /// A key that moves out of its own, unknown project takes its blocks along.
    pub fn sync(&mut self, keys: Vec<KeySpec>, now: Timestamp) {
        self.stir();
        let mut present = BTreeSet::new();
        let mut touched = BTreeSet::new();
        for spec in keys {
            let slot = if let Some(slot) = self.roster.key_slot(&spec.id) {
                self.update(slot, spec, &mut touched);
                slot
            } else {
                let slot = self.roster.add(spec);
                touched.extend(self.roster.key(slot).map(|key| key.project));
                slot
            };
            present.insert(slot);
        }
        let is_gone = |(slot, _): &(KeySlot, _)| !present.contains(slot);
        let gone: Vec<_> = self.roster.keys().filter(is_gone).map(|(slot, _)| slot).collect();
        for slot in gone {
            touched.extend(self.remove(slot));
        }
        for lane in self.lanes.all() {
            for project in &touched {
                lane.refresh(*project, &self.roster, &self.wide);
            }
        }
        if !touched.is_empty() && !self.roster.declared.is_empty() {
            self.apply_declared(now);
        }
        self.lanes.tidy_all();
    }

    /// Takes over what was learned before, or elsewhere: at the start from the store, after the
    /// first [`sync`](Self::sync), and at any time from another replica. What concerns unknown
    /// keys and projects is left out, and so is what this pool knows better: what it has used
    /// itself, and what it has learned and not handed out yet. Blocks that are over by now are
    /// dropped, and are told by [`take_changes`](Self::take_changes) so that the store drops them
    /// too.
    pub fn restore(&mut self, learned: Vec<Learned>, now: Timestamp) {
        self.stir();
        let moment = self.moment(now);
        for entry in learned {
            if self.journal.has(&entry.subject()) {
                continue;
            }
            match entry {
                Learned::Key(key) => self.restore_key(&key),
                Learned::Cell(cell) => self.restore_cell(cell, now),
                Learned::Limit(limit) => self.restore_limit(&limit, moment),
                Learned::Usage(usage) => self.restore_usage(&usage, moment),
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

    fn restore_limit(&mut self, learned: &LearnedLimit, moment: Moment) {
        let LearnedLimit { name, window, limit, met } = learned;
        self.restore_quota(name, moment, |cell, policy| {
            cell.limits_mut().take_over(*window, *limit, *met, policy);
        });
    }

    fn restore_usage(&mut self, learned: &LearnedUsage, moment: Moment) {
        if learned.by != self.replica {
            self.restore_quota(&learned.name, moment, |cell, _| cell.report(learned, moment));
        }
    }

    /// Takes over something about a project's use of a model.
    fn restore_quota(
        &mut self,
        name: &CellName,
        moment: Moment,
        change: impl FnOnce(&mut Cell, &Policy),
    ) {
        let Self { roster, wide, lanes, policy, .. } = self;
        let Some(project) = roster.project_slot(&name.domain) else { return };
        let Some(model) = &name.model else { return };
        let Some(lane) = lanes.own_or_new(model, policy.max_models) else { return };
        let Some(cell) = lane.quotas.get_or_new(model, project, roster) else { return };
        change(cell, policy);
        lane.refill(project, moment, roster, wide);
    }

    fn update(&mut self, slot: KeySlot, spec: KeySpec, touched: &mut BTreeSet<ProjectSlot>) {
        let Some(key) = self.roster.key(slot) else { return };
        let new_secret = key.spec.secret != spec.secret;
        let moves = key.spec.project != spec.project;
        let enabled_again = spec.enabled && !key.spec.enabled;
        let before = &key.spec;
        let same_place =
            (before.enabled, before.tier, before.weight) == (spec.enabled, spec.tier, spec.weight);
        if moves {
            touched.insert(key.project);
            self.move_key(slot, &spec);
        }
        self.roster.respecify(slot, spec);
        if new_secret {
            self.roster.renew(slot);
            self.forget_own_project(slot);
        }
        if new_secret || enabled_again {
            self.revive_slot(slot);
        }
        if moves || !same_place {
            touched.extend(self.roster.key(slot).map(|key| key.project));
        }
    }

    fn remove(&mut self, slot: KeySlot) -> Option<ProjectSlot> {
        let key = self.roster.key(slot)?;
        let project = key.project;
        self.journal.forget_key(&key.spec.id);
        if self.roster.project(project).is_some_and(|project| project.keys.len() <= 1) {
            self.forget_cells(project);
        }
        self.forget_avoidances(slot);
        self.roster.remove(slot);
        Some(project)
    }

    /// Lets a key change its project. If its old one goes with it, what is known of that does too.
    fn move_key(&mut self, slot: KeySlot, spec: &KeySpec) {
        let Some(before) = self.roster.key(slot).map(|key| key.project) else { return };
        let is_last = self.roster.project(before).is_some_and(|project| project.keys.len() <= 1);
        let forgotten = if is_last { self.forget_cells(before) } else { Forgotten::default() };
        self.roster.move_to_project(slot, spec);
        let Some(after) = self.roster.key(slot).map(|key| key.project) else { return };
        let Some(domain) = self.roster.project(after).map(|project| project.domain.clone()) else {
            return;
        };
        for (name, block) in forgotten.blocks {
            if self.extend(after, name.model.as_ref(), block.clone()) {
                let name = CellName { domain: domain.clone(), model: name.model };
                self.journal.note_block(name, &block);
            }
        }
        for (model, mut cell) in forgotten.cells {
            let Self { roster, lanes, policy, .. } = self;
            let Some(lane) = lanes.own_or_new(&model, policy.max_models) else { continue };
            if let Some(present) = lane.quotas.get(after) {
                cell.merge(present);
            }
            lane.quotas.put(&model, after, *cell, roster);
            self.note_limits(&model, after);
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

    /// Forgets all that a project is out of and has used, and answers what that was.
    fn forget_cells(&mut self, project: ProjectSlot) -> Forgotten {
        let mut forgotten = Forgotten::default();
        let Some(domain) = self.roster.project(project).map(|project| project.domain.clone())
        else {
            return forgotten;
        };
        let name = |model| CellName { domain: domain.clone(), model };
        let wide = self.wide.forget_cell(project).map(|block| (name(None), block));
        forgotten.blocks.extend(wide);
        self.roster.thaw(project);
        for lane in self.lanes.all() {
            let block = lane.setbacks.forget_cell(project);
            forgotten.blocks.extend(block.map(|block| (name(lane.model().cloned()), block)));
            if let (Some(cell), Some(model)) = (lane.quotas.remove(project), lane.model()) {
                forgotten.cells.push((model.clone(), cell));
            }
            lane.refresh(project, &self.roster, &self.wide);
        }
        for (name, _) in &forgotten.blocks {
            self.journal.note(Learned::CellOver(name.clone()));
        }
        forgotten
    }
}

/// What was known of a project.
#[derive(Default)]
struct Forgotten {
    blocks: Vec<(CellName, Block)>,
    cells: Vec<(Arc<str>, Box<Cell>)>,
}

#[cfg(test)]
mod tests;

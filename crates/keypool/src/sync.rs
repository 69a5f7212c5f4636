//! The pool takes over what others decided or learned.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::block::Block;
use crate::cell::Cell;
use crate::meter::Moment;
use crate::roster::{KeySlot, ProjectSlot, domain_of};
use crate::{
    CellName, Domain, KeySpec, Learned, LearnedCell, LearnedKey, LearnedLimit, LearnedUsage,
    Policy, Pool, Timestamp,
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
        let Some(project) = self.roster.owner_of(&cell.name.domain) else { return };
        let LearnedCell { name, until, window, limit, quota_id } = cell;
        self.extend(project, name.model.as_ref(), Block { until, window, limit, quota_id });
    }

    fn restore_limit(&mut self, learned: &LearnedLimit, moment: Moment) {
        let LearnedLimit { name, window, limit, met } = learned;
        let Some(project) = self.roster.owner_of(&name.domain) else { return };
        self.restore_quota(name, project, moment, |cell, policy| {
            cell.change_limits(|limits| limits.take_over(*window, *limit, *met, policy));
        });
    }

    fn restore_usage(&mut self, learned: &LearnedUsage, moment: Moment) {
        if learned.by == self.replica {
            return;
        }
        // What others count for a key that is part of a guess here, they would count twice when
        // they make the same guess.
        let Some(project) = self.roster.project_slot(&learned.name.domain) else { return };
        let take_in = |cell: &mut Cell, _: &Policy| cell.report(learned, moment);
        self.restore_quota(&learned.name, project, moment, take_in);
    }

    /// Takes over something about a project's use of a model.
    fn restore_quota(
        &mut self,
        name: &CellName,
        project: ProjectSlot,
        moment: Moment,
        change: impl FnOnce(&mut Cell, &Policy),
    ) {
        let Self { roster, wide, lanes, policy, .. } = self;
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
            self.move_key(slot, &domain_of(&spec));
        }
        self.roster.respecify(slot, spec);
        if new_secret {
            self.roster.renew(slot);
            self.guesses.forget_key(slot);
            if !self.part(slot) {
                self.forget_own_project(slot);
            }
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
        self.guesses.forget_key(slot);
        self.hand_on_name(slot);
        if self.roster.project(project).is_some_and(|project| project.keys.len() <= 1) {
            self.forget_cells(project);
        }
        self.forget_avoidances(slot);
        self.roster.remove(slot);
        Some(project)
    }

    /// Lets a key change its project. If its old one goes with it, what is known of that does too.
    pub(crate) fn move_key(&mut self, slot: KeySlot, domain: &Domain) {
        self.hand_on_name(slot);
        let Some(before) = self.roster.key(slot).map(|key| key.project) else { return };
        let is_last = self.roster.project(before).is_some_and(|project| project.keys.len() <= 1);
        let forgotten = if is_last { self.forget_cells(before) } else { Forgotten::default() };
        self.roster.move_to_project(slot, domain.clone());
        let Some(after) = self.roster.key(slot).map(|key| key.project) else { return };
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

    /// A key that leaves a guess may not take the name along that the others go by.
    fn hand_on_name(&mut self, slot: KeySlot) {
        let Some(key) = self.roster.key(slot) else { return };
        let slot_of = key.project;
        let Some(project) = self.roster.project(slot_of).filter(|project| project.is_guess())
        else {
            return;
        };
        let before = Domain::Key(key.spec.id.clone());
        let heir = project.keys.iter().find(|member| **member != slot);
        let heir = heir.and_then(|heir| self.roster.key(*heir)).map(|heir| heir.spec.id.clone());
        let Some(heir) = heir.filter(|_| project.domain == before) else { return };
        self.roster.rename(slot_of, Domain::Key(heir.clone()));
        let mut blocks = vec![(None, self.wide.block(slot_of).cloned())];
        let mut models = Vec::new();
        for lane in self.lanes.owned() {
            blocks.push((lane.model().cloned(), lane.setbacks.block(slot_of).cloned()));
            models.extend(lane.model().filter(|_| lane.quotas.get(slot_of).is_some()).cloned());
        }
        for (model, block) in blocks {
            let Some(block) = block else { continue };
            let name = |domain| CellName { domain, model: model.clone() };
            self.journal.note(Learned::CellOver(name(before.clone())));
            self.journal.note_block(name(Domain::Key(heir.clone())), &block);
        }
        for model in models {
            self.note_limits(&model, slot_of);
        }
    }

    /// Forgets all that a project is out of and has used, and answers what that was.
    pub(crate) fn forget_cells(&mut self, project: ProjectSlot) -> Forgotten {
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
            lane.hints.take(project);
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
pub(crate) struct Forgotten {
    blocks: Vec<(CellName, Block)>,
    cells: Vec<(Arc<str>, Box<Cell>)>,
}

#[cfg(test)]
mod tests;

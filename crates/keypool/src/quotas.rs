//! The cells of one model: one for each project that has used it.

use std::sync::Arc;

use crate::cell::Cell;
use crate::limits::Limits;
use crate::meter::Moment;
use crate::roster::{ProjectSlot, Roster};

/// How many places are looked at by one [`Quotas::sweep`].
const SWEPT_AT_ONCE: usize = 4096;

/// Cells by the place of their project; they come into being on first use.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    cells: Vec<Option<Box<Cell>>>,
    count: usize,
    /// Cells whose counters have changed since they were last handed out.
    dirty: Vec<ProjectSlot>,
    /// Where the search for cells that are of no use any more goes on.
    sweep_at: usize,
    /// The declared limits of the cell that was made last: the next one's are mostly the same.
    declared: Arc<Limits>,
}

impl Quotas {
    pub(crate) fn get(&self, project: ProjectSlot) -> Option<&Cell> {
        self.cells.get(project.0 as usize)?.as_deref()
    }

    /// Brings a cell near that will be used soon.
    pub(crate) fn fetch(&self, project: ProjectSlot) {
        if let Some(cell) = self.get(project) {
            cell.fetch();
        }
    }

    pub(crate) fn get_mut(&mut self, project: ProjectSlot) -> Option<&mut Cell> {
        self.cells.get_mut(project.0 as usize)?.as_deref_mut()
    }

    /// The cell of a project, made if there is none.
    pub(crate) fn get_or_new(
        &mut self,
        model: &str,
        project: ProjectSlot,
        roster: &Roster,
    ) -> Option<&mut Cell> {
        let place = project.0 as usize;
        if self.cells.len() <= place {
            self.cells.resize_with(place + 1, || None);
        }
        let Self { cells, count, declared, .. } = self;
        let cell = cells.get_mut(place)?.get_or_insert_with(|| {
            *count += 1;
            let limits = Limits::declared(roster.declared_for(project, model));
            if limits.is_empty() {
                return Box::default();
            }
            if **declared != limits {
                *declared = Arc::new(limits);
            }
            Box::new(Cell::limited(Arc::clone(declared)))
        });
        Some(cell)
    }

    /// The cell of a project that is about to be used: its counters will have to be stored.
    pub(crate) fn touch(
        &mut self,
        model: &str,
        project: ProjectSlot,
        roster: &Roster,
    ) -> Option<&mut Cell> {
        self.get_or_new(model, project, roster)?;
        let Self { cells, dirty, .. } = self;
        let cell = cells.get_mut(project.0 as usize)?.as_deref_mut()?;
        if !cell.is_dirty {
            cell.is_dirty = true;
            dirty.push(project);
        }
        Some(cell)
    }

    /// Whether there are no cells.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = (ProjectSlot, &mut Cell)> {
        let places = (0..).map(ProjectSlot).zip(&mut self.cells);
        places.filter_map(|(project, cell)| Some((project, cell.as_deref_mut()?)))
    }

    /// Forgets a project, and answers what was known of it.
    pub(crate) fn remove(&mut self, project: ProjectSlot) -> Option<Box<Cell>> {
        let cell = self.cells.get_mut(project.0 as usize)?.take()?;
        self.count -= 1;
        Some(cell)
    }

    /// Puts a cell in the place of whatever is there.
    pub(crate) fn put(&mut self, model: &str, project: ProjectSlot, cell: Cell, roster: &Roster) {
        if let Some(place) = self.touch(model, project, roster) {
            *place = cell;
            place.is_dirty = true;
            place.declare(roster.declared_for(project, model));
        }
    }

    /// Hands out which cells have changed since the last time.
    pub(crate) fn take_dirty(&mut self) -> Vec<ProjectSlot> {
        let dirty = std::mem::take(&mut self.dirty);
        for project in &dirty {
            if let Some(cell) = self.get_mut(*project) {
                cell.is_dirty = false;
            }
        }
        dirty
    }

    /// Lets some of the cells go of which nothing would be lost.
    pub(crate) fn sweep(&mut self, moment: Moment) {
        if self.sweep_at >= self.cells.len() {
            self.sweep_at = 0;
        }
        let places = self.cells.iter_mut().skip(self.sweep_at).take(SWEPT_AT_ONCE);
        for place in places {
            if place.as_ref().is_some_and(|cell| cell.is_idle(moment)) {
                *place = None;
                self.count -= 1;
            }
        }
        self.sweep_at += SWEPT_AT_ONCE;
    }
}

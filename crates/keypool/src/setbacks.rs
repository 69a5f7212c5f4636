//! What went wrong lately: spent quotas of projects, and keys that failed.

use std::time::Duration;

use crate::agenda::Agenda;
use crate::block::{Block, named};
use crate::map::Map;
use crate::policy::Backoff;
use crate::roster::{KeySlot, ProjectSlot};
use crate::{AvoidedFor, Policy, QuotaSpent, Timestamp};

/// How long it is remembered that something failed before, so that the next failure counts as a
/// consecutive one. Twice the longest back-off.
const MEMORY: Duration = Duration::from_mins(10);

/// The setbacks under one heading: those that concern one model, or those that concern all.
#[derive(Debug, Default)]
pub(crate) struct Setbacks {
    cells: Map<ProjectSlot, Cell>,
    avoidances: Map<KeySlot, Avoidance>,
    /// When each of them has to be looked at again: one appointment each.
    due: Agenda<Due>,
}

/// A project under this heading.
#[derive(Debug, Default)]
struct Cell {
    /// The quota that is spent, until it is released.
    block: Option<Block>,
    /// Answers in a row that did not say when the quota is released.
    unknown: u32,
}

/// A key under this heading.
#[derive(Clone, Debug)]
pub(crate) struct Avoidance {
    pub(crate) until: Timestamp,
    pub(crate) why: AvoidedFor,
    /// Failures in a row.
    consecutive: u32,
    /// Tickets before this one were given out before the last failure was known: theirs is the
    /// same failure, not one more.
    next_serial: u64,
    over: bool,
}

/// A failure of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) why: AvoidedFor,
    pub(crate) backoff: Backoff,
    /// The ticket that failed.
    pub(crate) serial: u64,
    /// The ticket that will be made next.
    pub(crate) next_serial: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Due {
    Cell(ProjectSlot),
    Avoidance(KeySlot),
}

/// What is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expired {
    /// A project's quota is released.
    Block(ProjectSlot),
    /// A key is no longer avoided.
    Avoidance(KeySlot),
    /// Something was forgotten that mattered to nobody any more.
    Memory,
}

impl Setbacks {
    /// Whether nothing at all is remembered.
    pub(crate) fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.avoidances.is_empty()
    }

    /// Whether a project is blocked.
    pub(crate) fn has_blocks(&self) -> bool {
        self.cells.values().any(|cell| cell.block.is_some())
    }

    pub(crate) fn block(&self, project: ProjectSlot) -> Option<&Block> {
        self.cells.get(&project)?.block.as_ref()
    }

    pub(crate) fn blocks(&self) -> impl Iterator<Item = (ProjectSlot, &Block)> {
        self.cells.iter().filter_map(|(project, cell)| Some((*project, cell.block.as_ref()?)))
    }

    pub(crate) fn avoids(&self, key: KeySlot) -> bool {
        self.avoidances.get(&key).is_some_and(|avoidance| !avoidance.over)
    }

    pub(crate) fn avoidance(&self, key: KeySlot) -> Option<&Avoidance> {
        self.avoidances.get(&key).filter(|avoidance| !avoidance.over)
    }

    pub(crate) fn avoidances(&self) -> impl Iterator<Item = (KeySlot, &Avoidance)> {
        self.avoidances
            .iter()
            .filter(|(_, avoidance)| !avoidance.over)
            .map(|(key, avoidance)| (*key, avoidance))
    }

    /// Blocks a project by what Google said. Answers whether the block is new or longer.
    pub(crate) fn spend(
        &mut self,
        project: ProjectSlot,
        spent: &QuotaSpent,
        policy: &Policy,
        now: Timestamp,
    ) -> bool {
        let cell = self.cells.entry(project).or_default();
        if named(spent, now).is_some() {
            cell.unknown = 0;
        } else if cell.block.is_none() {
            // A blocked cell is asked by nobody: this answer was under way when the block came.
            cell.unknown = cell.unknown.saturating_add(1);
        }
        let block = Block::founded_on(spent, policy, cell.unknown, now);
        self.extend(project, block)
    }

    /// Blocks a project until then, unless it is blocked for longer already.
    pub(crate) fn extend(&mut self, project: ProjectSlot, block: Block) -> bool {
        let cell = self.cells.entry(project).or_default();
        if cell.block.as_ref().is_some_and(|present| present.until >= block.until) {
            return false;
        }
        self.due.set(Due::Cell(project), Some(block.until));
        cell.block = Some(block);
        true
    }

    /// Avoids a key for a while that grows with every failure in a row.
    pub(crate) fn avoid(&mut self, key: KeySlot, failure: Failure, now: Timestamp) {
        let avoidance = self.avoidances.entry(key).or_insert(Avoidance {
            until: now,
            why: failure.why,
            consecutive: 0,
            next_serial: 0,
            over: false,
        });
        if failure.serial >= avoidance.next_serial {
            avoidance.consecutive = avoidance.consecutive.saturating_add(1);
            avoidance.next_serial = failure.next_serial;
        }
        let until = now + failure.backoff.after(avoidance.consecutive);
        avoidance.until = avoidance.until.max(until);
        avoidance.why = failure.why;
        avoidance.over = false;
        self.due.set(Due::Avoidance(key), Some(avoidance.until));
    }

    /// A success: the key is not avoided any more, and its project's next spent quota is the first
    /// in a row. A block stays, since the success was under way when it came. Answers whether the
    /// key had been avoided.
    pub(crate) fn forgive(&mut self, project: ProjectSlot, key: KeySlot) -> bool {
        if self.cells.get(&project).is_some_and(|cell| cell.block.is_none()) {
            self.forget_cell(project);
        }
        self.forget_key(key)
    }

    /// Forgets all about a project; answers what it was blocked by.
    pub(crate) fn forget_cell(&mut self, project: ProjectSlot) -> Option<Block> {
        let cell = self.cells.remove(&project)?;
        self.due.set(Due::Cell(project), None);
        cell.block
    }

    /// Forgets all about a key; answers whether it was avoided.
    pub(crate) fn forget_key(&mut self, key: KeySlot) -> bool {
        let Some(avoidance) = self.avoidances.remove(&key) else { return false };
        self.due.set(Due::Avoidance(key), None);
        !avoidance.over
    }

    /// The clock was set back: whatever does not follow the calendar ends so much earlier.
    pub(crate) fn set_back(&mut self, by: Duration) {
        let Self { cells, avoidances, due } = self;
        for (project, cell) in cells {
            let blocks = cell.block.as_mut().filter(|block| !block.window.is_daily());
            if let Some(block) = blocks {
                block.until = block.until - by;
                due.set(Due::Cell(*project), Some(block.until));
            }
        }
        for (key, avoidance) in avoidances.iter_mut().filter(|(_, one)| !one.over) {
            avoidance.until = avoidance.until - by;
            due.set(Due::Avoidance(*key), Some(avoidance.until));
        }
    }

    /// Whether something is over that has not been [taken](Self::expire) yet.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.due.is_due(now)
    }

    /// Takes one thing that is over by now.
    pub(crate) fn expire(&mut self, now: Timestamp) -> Option<Expired> {
        let due = self.due.pop_due(now)?;
        Some(match due {
            Due::Cell(project) => self.expire_cell(project),
            Due::Avoidance(key) => self.expire_avoidance(key),
        })
    }

    fn expire_cell(&mut self, project: ProjectSlot) -> Expired {
        let block = self.cells.get_mut(&project).and_then(|cell| cell.block.take());
        let remembered = self.cells.get(&project).is_some_and(|cell| cell.unknown > 0);
        match block {
            Some(block) if remembered => {
                self.due.set(Due::Cell(project), Some(block.until + MEMORY));
                Expired::Block(project)
            }
            Some(_) => {
                self.cells.remove(&project);
                Expired::Block(project)
            }
            None => {
                self.cells.remove(&project);
                Expired::Memory
            }
        }
    }

    fn expire_avoidance(&mut self, key: KeySlot) -> Expired {
        match self.avoidances.get_mut(&key) {
            Some(avoidance) if !avoidance.over => {
                avoidance.over = true;
                self.due.set(Due::Avoidance(key), Some(avoidance.until + MEMORY));
                Expired::Avoidance(key)
            }
            _ => {
                self.avoidances.remove(&key);
                Expired::Memory
            }
        }
    }
}

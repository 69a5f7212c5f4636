//! Refusals that came sooner than our own count had it: somebody else uses the quota.

use std::sync::Arc;
use std::time::Duration;

use crate::cell::Cell;
use crate::lane::Attempt;
use crate::meter::{Fill, Moment};
use crate::roster::ProjectSlot;
use crate::{QuotaSpent, Timestamp, Window};

/// Google names the same moment to all keys of a project, give or take by how much one answer may
/// be faster than another. Wider, and keys that outsiders use agree by chance every few hours.
const AT_ONCE: Duration = Duration::from_millis(150);

/// How long before the release it is certain who was refused, for nobody is asked till then; and
/// how long after a refusal at the latest.
const EARLIER: Duration = Duration::from_secs(1);
pub(crate) const LATEST: Duration = Duration::from_mins(1);

/// How many hints are kept: every refusal looks at all of them.
const MOST: usize = 256;

/// A refusal that came too soon.
#[derive(Debug)]
pub(crate) struct Hint {
    project: ProjectSlot,
    at: Timestamp,
    until: Timestamp,
    window: Window,
    limit: u64,
    quota_id: Option<Arc<str>>,
    /// How many requests of its own Google had counted.
    own: u64,
    /// What the window counted before others' use was added.
    counted: u64,
    /// What was added for others.
    fills: Vec<Fill>,
    /// When it is looked at, if it was not yet.
    ripe_at: Option<Timestamp>,
}

/// Who was refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused {
    pub(crate) project: ProjectSlot,
    pub(crate) until: Timestamp,
    pub(crate) attempt: Attempt,
}

/// The hints of one model.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    hints: Vec<Hint>,
    /// When the next is to be looked at.
    ripe_at: Option<Timestamp>,
}

/// Projects that add up to one.
#[derive(Debug)]
pub(crate) struct Sum {
    pub(crate) projects: Vec<ProjectSlot>,
    /// When the first of them was refused.
    since: Timestamp,
    pub(crate) until: Timestamp,
}

impl Sum {
    /// Whether none of them can have been served that was sent then.
    pub(crate) fn was_full(&self, began: Timestamp) -> bool {
        self.since < began && began < self.until - EARLIER
    }
}

impl Hint {
    /// A refusal as a hint, if it is one. `cell` is as it was before.
    pub(crate) fn of(
        spent: &QuotaSpent,
        cell: &Cell,
        hints: &Hints,
        uncounted: u64,
        refused: Refused,
        moment: Moment,
    ) -> Option<Self> {
        let Refused { project, until, attempt } = refused;
        let window = spent.window;
        if !matches!(window, Window::MinuteRequests | Window::DayRequests) {
            return None;
        }
        let limit = spent.limit?;
        let sent_since = attempt.began - Duration::from_mins(1);
        let used = cell.requests_since(sent_since, window.is_daily(), moment);
        let own = used.saturating_sub(hints.filled(project, window, sent_since));
        if own.saturating_add(uncounted) >= limit {
            return None;
        }
        Some(Self {
            project,
            at: moment.now,
            until,
            window,
            limit,
            quota_id: spent.quota_id.as_deref().map(Into::into),
            own,
            counted: counted(cell, window, moment),
            fills: Vec::new(),
            ripe_at: Some((until - EARLIER).min(moment.now + LATEST)),
        })
    }

    fn agrees(&self, other: &Self) -> bool {
        let apart =
            self.until.saturating_since(other.until).max(other.until.saturating_since(self.until));
        (self.window, self.limit, &self.quota_id) == (other.window, other.limit, &other.quota_id)
            && (self.window.is_daily() || apart <= AT_ONCE)
    }
}

impl Hints {
    /// Takes note of a hint after the cell has learned from the refusal.
    pub(crate) fn note(&mut self, mut hint: Hint, cell: &Cell, moment: Moment) {
        self.hints.retain(|one| one.until + LATEST > moment.now);
        let requests = counted(cell, hint.window, moment).saturating_sub(hint.counted);
        let is_daily = hint.window.is_daily();
        hint.fills.push(Fill { requests, is_daily, frees: hint.until, at: moment.now });
        let same = |one: &&mut Hint| one.project == hint.project && one.agrees(&hint);
        if let Some(before) = self.hints.iter_mut().find(same) {
            // It was under way when the first refusal came, and taken for counted then.
            before.own = before.own.saturating_sub(1);
            before.fills.append(&mut hint.fills);
        } else {
            if self.hints.len() >= MOST {
                self.hints.remove(0);
            }
            self.hints.push(hint);
        }
        self.plan();
    }

    fn plan(&mut self) {
        self.ripe_at = self.hints.iter().filter_map(|hint| hint.ripe_at).min();
    }

    /// Forgets a project; answers what was added to its cell for others.
    pub(crate) fn take(&mut self, project: ProjectSlot) -> Vec<Fill> {
        if self.hints.is_empty() {
            return Vec::new();
        }
        let taken = self.hints.extract_if(.., |hint| hint.project == project);
        let fills = taken.flat_map(|hint| hint.fills).collect();
        self.plan();
        fills
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a project was out of quota when a request was sent.
    pub(crate) fn was_full(&self, project: ProjectSlot, began: Timestamp) -> bool {
        let mut own = self.hints.iter().filter(|hint| hint.project == project);
        own.any(|hint| hint.at < began && began < hint.until - EARLIER)
    }

    /// How much of what a window has counted since a moment is others' use.
    fn filled(&self, project: ProjectSlot, window: Window, since: Timestamp) -> u64 {
        let own = self.hints.iter().filter(|hint| hint.project == project);
        let fills = own.filter(|hint| hint.window == window).flat_map(|hint| &hint.fills);
        fills.map(|fill| fill.requests_since(since)).sum()
    }

    /// What the hints come to about which all is known by now, if any are new.
    pub(crate) fn ripe(&mut self, now: Timestamp) -> Vec<Sum> {
        if self.ripe_at.is_none_or(|at| at > now) {
            return Vec::new();
        }
        let mut ripe = Vec::new();
        for (place, hint) in self.hints.iter_mut().enumerate() {
            if hint.ripe_at.take_if(|at| *at <= now).is_some() {
                ripe.push(place);
            }
        }
        self.plan();
        let ripe = ripe.into_iter().filter_map(|place| self.hints.get(place));
        ripe.filter_map(|hint| self.sum(hint)).collect()
    }

    /// The projects that were refused with this one, if they add up to the limit.
    fn sum(&self, last: &Hint) -> Option<Sum> {
        let hints: Vec<_> =
            self.hints.iter().filter(|hint| hint.own > 0 && hint.agrees(last)).collect();
        let sum: u64 = hints.iter().map(|hint| hint.own).sum();
        let projects: Vec<_> = hints.iter().map(|hint| hint.project).collect();
        if sum != last.limit || projects.len() < 2 || !projects.contains(&last.project) {
            return None;
        }
        let since = hints.iter().map(|hint| hint.at).min()?;
        Some(Sum { projects, since, until: last.until })
    }
}

fn counted(cell: &Cell, window: Window, moment: Moment) -> u64 {
    let amount =
        if window.is_daily() { cell.meter.day(moment) } else { cell.meter.minute(moment.now) };
    amount.requests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_hints_are_kept() {
        let moment = Moment { now: Timestamp::from_millis(0), day_ends: Timestamp::MAX };
        let (mut hints, cell) = (Hints::default(), Cell::default());
        for number in 0..2 * MOST as u32 {
            let hint = Hint {
                project: ProjectSlot(number),
                at: moment.now,
                until: moment.now + LATEST,
                window: Window::MinuteRequests,
                limit: 10,
                quota_id: None,
                own: 1,
                counted: 0,
                fills: Vec::new(),
                ripe_at: None,
            };
            hints.note(hint, &cell, moment);
        }
        let kept = hints.hints.iter().map(|hint| hint.project.0 as usize);
        assert!(kept.eq(MOST..2 * MOST));
    }
}

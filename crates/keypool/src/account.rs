//! What attempts used of their project's quotas, and what became known of those.

use std::sync::Arc;
use std::time::Duration;

use crate::cell::{Cell, Fate};
use crate::hints::{Hint, Refused};
use crate::lane::Attempt;
use crate::limits::place;
use crate::meter::Moment;
use crate::roster::{KeySlot, Project, ProjectSlot};
use crate::{CellName, Domain, Pool, QuotaSpent, Scope, Ticket, Timestamp};

impl Pool {
    /// Corrects what was counted for an attempt, now that it has ended.
    pub(crate) fn account(&mut self, ticket: &Ticket, fate: Fate, is_served: bool, moment: Moment) {
        let Some(project) = self.counted_in(ticket) else { return };
        let Self { roster, wide, lanes, policy, .. } = self;
        let lane = if is_served {
            lanes.own_or_new(&ticket.model, policy.max_models)
        } else {
            lanes.own(&ticket.model)
        };
        let Some(lane) = lane else { return };
        let attempt = ticket.attempt;
        let Some(cell) = lane.settle(project, attempt, fate, moment, roster) else { return };
        let mut is_raised = false;
        if is_served {
            let answered = ticket.answered.unwrap_or(moment.now);
            cell.note_latency(answered.saturating_since(attempt.began));
            cell.last_served = cell.last_served.max(Some(attempt.began));
            is_raised = attempt.reservation.is_some_and(|one| one.is_probe) && cell.raise(moment);
        }
        lane.refill(project, moment, roster, wide);
        if is_raised {
            self.note_limits(&ticket.model, project);
        }
    }

    /// Whose quota an attempt was counted in, or the project into which that has gone with the key.
    fn counted_in(&self, ticket: &Ticket) -> Option<ProjectSlot> {
        let is_here = |project: &Project| project.generation == ticket.project_generation;
        if self.roster.project(ticket.project).is_some_and(is_here) {
            return Some(ticket.project);
        }
        let key = self.roster.key(KeySlot(ticket.slot))?;
        (key.generation == ticket.generation).then_some(key.project)
    }

    /// Learns the size of a quota that is spent, and who else might have used it.
    pub(crate) fn learn_limit(
        &mut self,
        model: &Arc<str>,
        project: ProjectSlot,
        spent: &QuotaSpent,
        attempt: Attempt,
        moment: Moment,
    ) {
        if spent.scope != Scope::Model || place(spent.window).is_none() {
            return;
        }
        let Self { roster, wide, lanes, policy, .. } = self;
        let Some(lane) = lanes.own(model) else { return };
        let block = lane.setbacks.block(project).map(|block| block.until);
        let until = block.unwrap_or(moment.now + Duration::from_mins(1));
        let Some(cell) = lane.quotas.touch(model, project, roster) else { return };
        let uncounted = roster.in_flight(project).saturating_sub(cell.reserved.into());
        let refused = Refused { project, until, attempt };
        let hint = Hint::of(spent, cell, &lane.hints, uncounted, refused, moment);
        let is_news = cell.spend(spent, until, attempt.tokens, uncounted, policy, moment);
        let is_undeclared = |project: &Project| matches!(project.domain, Domain::Key(_));
        if let Some(hint) = hint.filter(|_| roster.project(project).is_some_and(is_undeclared)) {
            lane.hints.note(hint, cell, moment);
        }
        lane.refill(project, moment, roster, wide);
        if is_news {
            self.note_limits(model, project);
        }
    }

    /// Notes for the store what Google has said of a cell's limits.
    pub(crate) fn note_limits(&mut self, model: &Arc<str>, project: ProjectSlot) {
        let Self { roster, lanes, journal, .. } = self;
        let (Some(project_name), Some(limits)) = (
            roster.project(project).map(|project| project.domain.clone()),
            lanes.at(model).quotas.get(project).and_then(Cell::limits),
        ) else {
            return;
        };
        let name = CellName { domain: project_name, model: Some(model.clone()) };
        for (window, _, limit) in limits.known() {
            if let Some(known) = limit.learned {
                journal.note_limit(name.clone(), window, known);
            }
        }
    }

    /// Makes room for other declared limits, in every cell there is.
    pub(crate) fn apply_declared(&mut self, now: Timestamp) {
        let moment = self.moment(now);
        let Self { roster, wide, lanes, .. } = self;
        for lane in lanes.owned_mut() {
            let Some(model) = lane.model().cloned() else { continue };
            let mut projects = Vec::new();
            for (project, cell) in lane.quotas.all_mut() {
                cell.declare(roster.declared_for(project, &model));
                projects.push(project);
            }
            for project in projects {
                lane.refill(project, moment, roster, wide);
            }
        }
    }
}

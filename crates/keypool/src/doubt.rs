//! Guesses are tested, so that a wrong one does not last.
//!
//! While a guessed project is full and a request would have to wait or be refused, that request
//! goes to one of the project's keys all the same, now and then. If it is refused, the guess holds,
//! and is tested half as often; if it is served, the keys are not one project.

use std::time::Duration;

use crate::breaker::Gate;
use crate::meter::Moment;
use crate::ring::{Choice, Rank};
use crate::roster::{KeySlot, ProjectSlot};
use crate::select::{Mood, Want};
use crate::{Admission, ChosenFor, Outcome, Pool, Ticket, Timestamp, Window};

/// How long after it was made a guess is tested first.
pub(crate) const FIRST_DOUBT: Duration = Duration::from_mins(10);

/// How long after its last test at most.
const LAST_DOUBT: Duration = Duration::from_hours(24);

/// How soon it is looked again for a request that may test a guess.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What is nearly released, or has only just become full, says nothing: by Google's count it may
/// have room.
const NEARLY: Duration = Duration::from_secs(2);

/// How much a guess is doubted.
#[derive(Debug)]
pub(crate) struct Doubt {
    /// Which of the projects that ever had this place.
    pub(crate) generation: u32,
    /// How long it is left alone.
    pub(crate) pause: Duration,
    /// Which of its keys Google refused last: another one tells more.
    pub(crate) last: Option<KeySlot>,
}

impl Pool {
    /// A key of a guess that is full, for a request that has nothing to lose; nearly always `None`.
    pub(crate) fn doubt(
        &mut self,
        model: &str,
        want: &Want<'_>,
        moment: Moment,
    ) -> Option<Admission> {
        if want.bound.is_some() {
            return None;
        }
        self.guess(model, moment);
        if self.guesses.under_way.is_some()
            || !self.guesses.due.is_due(moment.now)
            || !matches!(self.gate(model, moment.now), (Gate::Open, _))
        {
            return None;
        }
        let project = self.guesses.due.pop_due(moment.now)?;
        if !self.is_guessed(project) {
            self.guesses.doubts.remove(&project);
            return None;
        }
        let Some(choice) = self.suspect(model, project, want, moment) else {
            self.guesses.due.set(project, Some(moment.now + LOOK_AGAIN));
            return None;
        };
        self.guesses.under_way = Some((self.next_serial, project));
        Some(self.grant(&choice, ChosenFor::Doubt, model, want, moment))
    }

    /// Whether a project is still the guess that is doubted.
    fn is_guessed(&self, project: ProjectSlot) -> bool {
        let generation = self.guesses.doubts.get(&project).map(|doubt| doubt.generation);
        let guess = self.roster.project(project).filter(|project| project.is_guess());
        guess.is_some_and(|guess| generation == Some(guess.generation))
    }

    /// The key of a full project that comes after the one that was refused last.
    fn suspect(
        &self,
        model: &str,
        project: ProjectSlot,
        want: &Want<'_>,
        moment: Moment,
    ) -> Option<Choice> {
        let lane = self.lanes.at(model);
        let (until, cause) = lane.cause(project, &self.wide)?;
        let last_use = lane.quotas.get(project)?.meter.last_use();
        if last_use.is_some_and(|at| at + NEARLY > moment.now) {
            return None;
        }
        let is_of_requests = matches!(cause.window, Window::MinuteRequests | Window::DayRequests);
        if !is_of_requests || cause.limit.is_none() || until < moment.now + NEARLY {
            return None;
        }
        let keys = &self.roster.project(project)?.keys;
        let last = self.guesses.doubts.get(&project)?.last;
        let place = keys.iter().position(|key| Some(*key) == last).map_or(0, |place| place + 1);
        let (before, after) = keys.split_at_checked(place)?;
        let others = after.iter().chain(before).filter(|slot| Some(**slot) != last);
        others.copied().find_map(|slot| {
            let key = self.roster.key(slot).filter(|key| key.is_usable())?;
            let rank = Rank { avoided: lane.avoids(slot, &self.wide), tier: key.tier };
            let fits = want.unfit(slot, key, Mood::Choosy, moment.now).is_none() && !rank.avoided;
            fits.then(|| Choice::aside(project, slot, rank))
        })
    }

    /// What an attempt says of a guess, if it was to test one.
    pub(crate) fn conclude(&mut self, ticket: &Ticket, outcome: &Outcome, now: Timestamp) {
        let Some((_, project)) =
            self.guesses.under_way.take_if(|(serial, _)| *serial == ticket.serial)
        else {
            return;
        };
        if !self.is_guessed(project) {
            return;
        }
        if outcome.is_success() {
            return self.dissolve(project, now);
        }
        let Some(doubt) = self.guesses.doubts.get_mut(&project) else { return };
        if matches!(outcome, Outcome::QuotaSpent(_)) {
            doubt.pause = (doubt.pause * 2).min(LAST_DOUBT);
        }
        let next = now + doubt.pause;
        self.guesses.due.set(project, Some(next));
    }

    /// A guess was wrong. What was counted was counted for all of them together, so nothing of it
    /// is known of any.
    fn dissolve(&mut self, project: ProjectSlot, now: Timestamp) {
        let Some(guess) = self.roster.project(project) else { return };
        let keys = guess.keys.clone();
        self.guesses.refute(keys.iter().copied(), now);
        self.guesses.doubts.remove(&project);
        self.forget_cells(project);
        for key in keys {
            self.part(key);
        }
        self.stir();
    }
}

#[cfg(test)]
mod tests;

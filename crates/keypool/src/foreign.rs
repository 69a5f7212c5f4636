//! What other processes have used of a cell (project × model), as they report it.

use crate::meter::{Amount, Meter, Moment, SPAN};
use crate::{LearnedUsage, ReplicaId, Timestamp};

/// The others' use of a project and model.
///
/// Each of them reports what it has used today in all. The difference to its last report is what
/// it has used in between: that counts for a minute from the moment of its last use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Foreign {
    reports: Vec<Report>,
    minute: Meter,
}

/// What one of them has used today: its latest word replaces what it said before.
#[derive(Clone, Debug)]
struct Report {
    by: ReplicaId,
    day_ends: Timestamp,
    day: Amount,
}

impl Foreign {
    /// Takes in a report.
    pub(crate) fn report(&mut self, usage: &LearnedUsage, moment: Moment) {
        let LearnedUsage { by, day_ends, day, minute, at, .. } = usage;
        let (day, minute) = (Amount::from(*day), Amount::from(*minute));
        self.roll(moment);
        let surplus = self.minute.minute(moment.now).minus(minute);
        let before = self.reports.iter_mut().find(|report| report.by == *by);
        let (more, less) = match &before {
            Some(before) if before.day_ends == *day_ends => {
                (day.minus(before.day).at_most(minute), before.day.minus(day).at_most(surplus))
            }
            Some(_) => (minute, Amount::default()),
            // Of a process that is new here, the day tells what of the minute it used itself.
            None => (minute.at_most(day), Amount::default()),
        };
        let report = Report { by: by.clone(), day_ends: *day_ends, day };
        match before {
            Some(before) => *before = report,
            None => self.reports.push(report),
        }
        self.minute.take_back(less);
        if more != Amount::default() && *at + SPAN > moment.now {
            self.minute.insert(more, (*at).min(moment.now));
        }
    }

    /// What they have used in the last minute.
    pub(crate) fn minute(&self) -> &Meter {
        &self.minute
    }

    /// What they have used since midnight.
    pub(crate) fn day(&self, moment: Moment) -> Amount {
        let today = self.reports.iter().filter(|report| report.day_ends == moment.day_ends);
        today.fold(Amount::default(), |sum, report| sum.plus(report.day))
    }

    /// Makes the numbers those of this moment, and forgets whoever has used nothing since midnight.
    pub(crate) fn roll(&mut self, moment: Moment) {
        self.minute.roll(moment);
        self.reports.retain(|report| report.day_ends >= moment.day_ends);
    }

    /// Takes in what is known of another cell, since both are one: the others will report the sum.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.minute.merge(&other.minute);
        for report in &other.reports {
            match self.reports.iter_mut().find(|own| own.by == report.by) {
                Some(own) if own.day_ends == report.day_ends => own.day = own.day.plus(report.day),
                Some(own) if own.day_ends > report.day_ends => {}
                Some(own) => *own = report.clone(),
                None => self.reports.push(report.clone()),
            }
        }
    }

    /// Whether nothing would be lost with it.
    pub(crate) fn is_empty(&self, moment: Moment) -> bool {
        self.day(moment) == Amount::default() && self.minute.is_empty(moment)
    }
}

#[cfg(test)]
mod tests;

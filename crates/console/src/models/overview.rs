//! All models: those that were asked for, and those that Google lists.

use std::collections::BTreeMap;

use keypool::Timestamp;
use store::{Period, Span, Subject};

use super::facts::{Catalogue, Facts};
use super::standing::{Keys, Standings};
use crate::State;
use crate::changes::settings::resolved;
use crate::error::Error;
use crate::traffic::{Range, Sums};

/// The most models that were asked for and are told of.
const ASKED: u64 = 300;

/// A model among all others.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Empty for requests that concern no model.
    pub(crate) name: String,
    pub(crate) facts: Facts,
    pub(crate) keys: Keys,
    /// The last 24 hours.
    pub(crate) day: Sums,
    /// The last 30 days.
    pub(crate) month: Sums,
    /// Whether lists leave it out and requests for it are refused.
    pub(crate) is_hidden: bool,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Overview {
    /// The busiest first, then the others by name.
    pub(crate) entries: Vec<Entry>,
    /// When Google's list was looked at last.
    pub(crate) last_look: Option<Timestamp>,
    /// Whether the environment is final, so that nothing can be changed here.
    pub(crate) is_readonly: bool,
}

impl Overview {
    pub(crate) async fn read(state: &State, now: Timestamp) -> Result<Self, Error> {
        let settings = resolved(state).await?.settings;
        let catalogue = Catalogue::read(&state.store).await?;
        let standings = Standings::new(&state.gateway, now);
        let month = Range::Month.period(now);
        let from = Timestamp::from_millis(month.to.millis() - Span::Day.millis());
        let day = Period { from, ..month };
        let of_day = state.store.busiest(Subject::Model, Span::Hour, day, ASKED).await?;
        let of_day: BTreeMap<_, _> = of_day.into_iter().collect();
        let asked = state.store.busiest(Subject::Model, Span::Hour, month, ASKED).await?;
        let entry = |name: String, day: Sums, month: Sums| Entry {
            facts: catalogue.facts(&name, now),
            keys: standings.of(&name),
            is_hidden: settings.models.is_filtered(&name),
            name,
            day,
            month,
        };
        let mut entries = Vec::new();
        for (name, tally) in asked {
            let day = of_day.get(&name).copied().unwrap_or_default();
            entries.push(entry(name, day.into(), tally.into()));
        }
        let is_asked = |entries: &[Entry], name: &str| entries.iter().any(|one| one.name == name);
        for name in catalogue.names() {
            if !is_asked(&entries, name) {
                entries.push(entry(name.to_owned(), Sums::default(), Sums::default()));
            }
        }
        let is_readonly = settings.security.settings_readonly;
        Ok(Self { entries, last_look: catalogue.last_look, is_readonly })
    }
}
